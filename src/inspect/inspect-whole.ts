import type { Inspection, PartStatus } from '../model/inspection.js';
import { giveAway } from '../shared/give-away.js';
import { slots } from '../shared/slots.js';
import { answerBytes } from './documents/child-process.js';
import type { FoundDocument, ReadDocument } from './documents/desk.js';
import type { DocumentPool, PoolReading } from './documents/pool.js';
import type { DocumentInput, DocumentPart } from './documents/types.js';
import type { InspectionStep } from './inspect-message.js';
import type { InspectLimits } from './limits.js';

/** Documents of one message that are read at the same time, so that others get their turn. */
const AT_ONCE = 2;

/** What an inspection does about images whose text isn't known: recognise it, or say that this has to be done. */
export type OcrWish = 'now' | 'later';

/**
 * Inspects a message with its documents: as often as reading them shows more, they are read and the message is looked
 * at again.
 * @param options.step looks at the message
 * @param options.reading waits for a place among the messages whose documents are being read: what stands in a document
 *   may be many times as large as the message, and is in memory until the message is looked at again; absent: at once
 * @returns `needs-ocr` only with the wish `later`
 * @throws what `step` and the pool throw
 */
export async function inspectWhole(options: {
  readonly step: (known: readonly ReadDocument[]) => Promise<InspectionStep>;
  readonly reading?: <T>(work: () => Promise<T>) => Promise<T>;
  readonly pool: () => DocumentPool;
  readonly limits: InspectLimits;
  readonly ocr: OcrWish;
}): Promise<Inspection | 'needs-ocr'> {
  const first = await options.step([]);
  if (first.kind === 'inspect') return first.inspection;
  const work = () => withDocuments(options, first.documents);
  return options.reading === undefined ? work() : options.reading(work);
}

async function withDocuments(
  options: Parameters<typeof inspectWhole>[0],
  found: readonly FoundDocument[],
): Promise<Inspection | 'needs-ocr'> {
  const known: ReadDocument[] = [];
  const reader = createReader(options);
  // Ends: each round reads documents that were found one level deeper, and levels are limited.
  for (let documents = found; ; ) {
    const read = await Promise.all(documents.map((document) => reader(document)));
    for (const one of read) {
      if (one === 'needs-ocr') return one;
      known.push(one);
    }
    const step = await options.step(known);
    if (step.kind === 'inspect') return step.inspection;
    documents = step.documents;
  }
}

type Reader = (document: FoundDocument) => Promise<ReadDocument | 'needs-ocr'>;

function createReader(options: Parameters<typeof inspectWhole>[0]): Reader {
  const { limits } = options;
  const { documents } = limits;
  const turn = slots(AT_ONCE);
  let used = 0;
  let usedByOcr = 0;
  let room = documents.max_unpacked;
  let waits = false;

  const quickLeft = () => Math.min(documents.deadline, limits.deadline - used);
  const ocrLeft = () =>
    documents.ocr.deadline_per_page * documents.max_pages + documents.deadline - usedByOcr;

  const read = async (input: DocumentInput): Promise<readonly DocumentPart[] | 'needs-ocr'> => {
    if (waits) return 'needs-ocr';
    if (room <= 0) return [unread(input, 'too-large')];
    if (quickLeft() <= 0) return [unread(input, 'timed-out')];
    const mode = documents.ocr.enabled ? 'quick' : 'none';
    const quick = await options.pool().read(input, { ocr: mode, deadlineMs: quickLeft });
    used += quick.elapsedMs;
    if (quick.needsOcr.length === 0) return quick.parts;
    if (options.ocr === 'later') {
      waits = true;
      return 'needs-ocr';
    }
    if (ocrLeft() <= 0) return withoutOcr(quick, undefined);
    const recognised = await options.pool().read(input, { ocr: 'ocr', deadlineMs: ocrLeft });
    usedByOcr += recognised.elapsedMs;
    return recognised.complete ? recognised.parts : withoutOcr(quick, recognised);
  };

  return ({ key, bytes, fileName, mediaType }) =>
    turn.run(async () => {
      const input = {
        bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        mediaType,
        ...(fileName !== undefined && { fileName }),
      };
      const parts = await read(input);
      // Whatever comes of it, nobody reads these again.
      giveAway(bytes);
      if (parts === 'needs-ocr') return parts;
      room -= parts.reduce((sum, part) => sum + answerBytes(part), 0);
      return { key, parts };
    });
}

/**
 * What was read before the recognition failed: the text that stands there counts, and the parts with images are unread.
 * @param attempt how the recognition came to its end, with what it read until then
 */
function withoutOcr(quick: PoolReading, attempt: PoolReading | undefined): readonly DocumentPart[] {
  const status: PartStatus = attempt?.parts[0]?.status === 'corrupt' ? 'corrupt' : 'timed-out';
  const recognised = new Map(attempt?.parts.map((part) => [part.path, part]));
  return quick.parts.map((part) => ({
    ...part,
    texts: [...part.texts, ...(recognised.get(part.path)?.texts ?? [])],
    status: quick.needsOcr.includes(part.path) ? status : part.status,
  }));
}

function unread(input: DocumentInput, status: PartStatus): DocumentPart {
  return {
    path: '',
    mediaType: input.mediaType ?? 'application/octet-stream',
    status,
    size: input.bytes.length,
    texts: [],
    oddities: [],
  };
}
