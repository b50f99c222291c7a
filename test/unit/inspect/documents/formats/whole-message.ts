import { readFileSync } from 'node:fs';
import { createDesk, type ReadDocument } from '../../../../../src/inspect/documents/desk.js';
import { documentLimits } from '../../../../../src/inspect/documents/pool.js';
import { shippedReader } from '../../../../../src/inspect/documents/registry.js';
import { type OcrSource, readDocument } from '../../../../../src/inspect/documents/run-document.js';
import { readStructure } from '../../../../../src/inspect/structure.js';
import type { Ambiguity, PartReport, PartStatus } from '../../../../../src/model/inspection.js';
import { HEADER, LIMITS, mail } from '../../limits.js';

/** What became of a file that was attached to a mail. */
export interface AttachedReading {
  /** Status of every part below the mail's own, by its path from the attachment: `''` for itself. */
  readonly statuses: Readonly<Record<string, PartStatus>>;
  /** All parts of the mail. */
  readonly parts: readonly PartReport[];
  readonly ambiguities: readonly Ambiguity[];
  /** Statuses of the parts in whose text, in any of its readings, the words stand. */
  where(words: string): readonly PartStatus[];
}

const UNDERSTOOD: readonly PartStatus[] = ['read', 'empty', 'no-text'];
const ATTACHMENT = '2';

export function isUnderstood({ statuses, ambiguities }: AttachedReading): boolean {
  return (
    Object.values(statuses).every((status) => UNDERSTOOD.includes(status)) &&
    ambiguities.every(({ material }) => !material)
  );
}

export function fixture(path: string): Buffer {
  return readFileSync(new URL(`../../../../fixtures/documents/${path}`, import.meta.url));
}

/** OCR that sees the same words in every picture. */
export const seeing = (text: string): OcrSource => ({ text: async () => ({ status: 'read', text }) });

/**
 * Reads a mail with one attachment as the relay does, but in this process: structure, documents, and what is in them.
 */
export async function readAttached(
  bytes: Buffer,
  file: { readonly name?: string; readonly type?: string; readonly ocr?: OcrSource } = {},
): Promise<AttachedReading> {
  const { name = 'file', type = 'application/octet-stream', ocr = seeing('') } = file;
  const message = mail(
    `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: ${type}\n` +
      `Content-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n` +
      `${bytes.toString('base64').replace(/.{76}/g, '$&\n')}\n--b--\n`,
  );
  const known: ReadDocument[] = [];
  for (;;) {
    const desk = createDesk(known, message);
    const { parts, ambiguities, views } = readStructure(message, LIMITS, desk);
    const wanted = desk.wanted();
    if (wanted.length > 0) {
      for (const { key, bytes: given, ...about } of wanted) {
        const input = { ...about, bytes: Buffer.from(given) };
        const read = await readDocument(input, documentLimits(LIMITS), { reader: shippedReader, ocr });
        known.push({ key, parts: read.parts });
      }
      continue;
    }
    const inside = parts.filter(({ path }) => path === ATTACHMENT || path.startsWith(`${ATTACHMENT}.`));
    const statuses = Object.fromEntries(inside.map(({ path, status }) => [path.slice(2), status]));
    const texts = views();
    return {
      statuses,
      parts,
      ambiguities,
      where: (words) =>
        inside
          .filter(({ path }) => texts.some((view) => view.where === path && view.text.includes(words)))
          .map(({ status }) => status),
    };
  }
}
