import { readFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import { READERS } from '../../../../../src/inspect/documents/office/index.js';
import type { DocumentLimits, FormatResult } from '../../../../../src/inspect/documents/types.js';
import { budget, LIMITS } from '../archives/reading.js';

export { LIMITS };

/** Reads bytes as what they are. */
export async function readOffice(bytes: Buffer, limits: DocumentLimits = LIMITS): Promise<FormatResult> {
  const kind = kindOf(bytes) ?? '';
  const reader = READERS[kind];
  if (reader === undefined) throw new Error(`no reader for ${kind}`);
  return reader({ bytes }, { limits, budget: budget(limits) });
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../../fixtures/documents/office/${name}`, import.meta.url));
}

export const readFixture = async (name: string): Promise<FormatResult> => readOffice(fixture(name));

export function view(result: FormatResult, name: string): string {
  return result.texts.find((text) => text.view === name)?.text ?? '';
}

/** Names of all views in which the words stand. */
export function viewsOf(result: FormatResult, words: string): string[] {
  return result.texts.filter(({ text }) => text.includes(words)).map((text) => text.view);
}

/** A document of the parts given, as a ZIP. */
export function packageOf(parts: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const files = Object.entries(parts).map(([name, content]): [string, [Uint8Array, { level: 0 | 6 }]] => [
    name,
    // OpenDocument wants its first entry stored.
    [typeof content === 'string' ? strToU8(content) : content, { level: name === 'mimetype' ? 0 : 6 }],
  ]);
  return Buffer.from(zipSync(Object.fromEntries(files), { mtime: '2026-01-01' }));
}

const TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>';
export const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** A word processing document with this body, and more parts. */
export function docxOf(body: string, more: Readonly<Record<string, string | Uint8Array>> = {}): Buffer {
  return packageOf({
    '[Content_Types].xml': TYPES,
    'word/document.xml': `<w:document ${W}><w:body>${body}</w:body></w:document>`,
    ...more,
  });
}

/** A workbook with these rows on its only sheet, and more parts. */
export function xlsxOf(rows: string, more: Readonly<Record<string, string | Uint8Array>> = {}): Buffer {
  return packageOf({
    '[Content_Types].xml': TYPES,
    'xl/workbook.xml': '<workbook><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    ...more,
  });
}
