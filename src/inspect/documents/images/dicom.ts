import { printableRuns } from '../office/compound/printable.js';
import type { DocumentInput, FormatResult, ReaderContext } from '../types.js';
import { readDataSet } from './dicom-elements.js';

const PREAMBLE = 128;
const DEFLATED = '1.2.840.10008.1.2.1.99';
const IMPLICIT = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';

/**
 * The texts of a DICOM file's tags (PS3.10 7.1, PS3.5 7.1). The picture isn't looked at: words are often burnt into it,
 * so it is a part of its own that wasn't read.
 */
export async function readDicom(input: DocumentInput, context: ReaderContext): Promise<FormatResult> {
  const { bytes } = input;
  const hasPreamble = bytes.toString('latin1', PREAMBLE, PREAMBLE + 4) === 'DICM';
  const start = hasPreamble ? PREAMBLE + 4 : 0;
  // The group of the file's own facts (0002) is always explicit and little endian.
  const meta = hasPreamble
    ? readDataSet(bytes, start, { explicit: true, onlyGroup: 2 })
    : {
        lines: [],
        end: start,
        hasPixels: false,
        hasOpaque: false,
        whole: true,
        syntax: IMPLICIT,
        attachments: [],
      };
  const syntax = meta.syntax ?? IMPLICIT;
  if (syntax === DEFLATED || syntax === BIG_ENDIAN) {
    return { status: 'unsupported', texts: [], children: [], oddities: [] };
  }
  const main = readDataSet(bytes, meta.end, { explicit: syntax !== IMPLICIT });
  // Any program may write there what it likes (PS3.10 7.1).
  const before = hasPreamble ? printableRuns(bytes.subarray(0, PREAMBLE)) : '';
  const text = [...(before === '' ? [] : [before]), ...meta.lines, ...main.lines].join('\n');
  context.budget.takeText(Buffer.byteLength(text));
  for (const attachment of main.attachments) {
    context.budget.takeEntry();
    context.budget.takeUnpacked(attachment.length);
  }
  return {
    status: meta.whole && main.whole && main.end > meta.end ? 'read' : 'corrupt',
    texts: text === '' ? [] : [{ view: 'text', text }],
    children: [
      ...main.attachments.map((attachment) => ({ bytes: attachment, size: attachment.length })),
      ...(main.hasPixels ? [{ fileName: 'pixel data', status: 'unsupported' as const }] : []),
      ...(main.hasOpaque ? [{ fileName: 'other data', status: 'unsupported' as const }] : []),
    ],
    oddities: [],
  };
}
