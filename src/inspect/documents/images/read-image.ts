import type { LeafText } from '../../leaf-text.js';
import {
  type ChildContent,
  type DocumentInput,
  type FormatReader,
  type FormatResult,
  type ReaderContext,
  TooLarge,
} from '../types.js';
import { enlarged } from './enlarge.js';
import { fromPnm, isPlain } from './grey-image.js';
import type { Frame, ImageParser } from './image-facts.js';
import { trailingData } from './trailing.js';

/** Pixels: what is smaller both ways, or lower, can't hold a word. */
const LEAST_SIDES = 40;
const LEAST_HEIGHT = 6;

/** A reader of one kind of image: the words beside the picture, and those in it by OCR. */
export function imageReader(parse: ImageParser): FormatReader {
  return async (input, context) => readImage(input, context, parse);
}

async function readImage(
  input: DocumentInput,
  context: ReaderContext,
  parse: ImageParser,
): Promise<FormatResult> {
  const facts = parse(input.bytes);
  const texts: LeafText[] = [...facts.texts];
  for (const text of texts) context.budget.takeText(Buffer.byteLength(text.text));
  const trailing = facts.cutOff === true ? undefined : trailingData(input.bytes, facts.end);
  const children: ChildContent[] = [];
  if (trailing !== undefined) {
    context.budget.takeEntry();
    context.budget.takeUnpacked(trailing.bytes.length);
    children.push({ bytes: trailing.bytes, size: trailing.bytes.length });
  }
  const oddities = [
    ...(trailing?.other === true ? ['data-after-image'] : []),
    ...(facts.unreadTexts === true ? ['unread-picture-text'] : []),
  ];
  const result = (status: FormatResult['status'], more: Partial<FormatResult> = {}): FormatResult => ({
    status,
    texts,
    children,
    oddities,
    ...more,
  });
  const { maxPixels, maxPages } = context.limits;
  if (facts.width < 1 || facts.height < 1) return result('corrupt');
  const all = [facts, ...facts.frames];
  if (all.some((one) => one.width * one.height > maxPixels)) return result('too-large');
  const readable = facts.frames.filter((frame) => !isTiny(frame));
  if (readable.length > 0) {
    if (context.ocr === undefined) return result('unsupported', { needsOcr: true });
    const recognised = await recogniseFrames(readable.slice(0, maxPages), context.ocr);
    if (recognised.text !== '') {
      context.budget.takeText(Buffer.byteLength(recognised.text));
      texts.push({ view: 'ocr', text: recognised.text });
    }
    if (recognised.failure !== undefined) return result(recognised.failure);
  }
  if (facts.unsupported === true) return result('unsupported');
  if (facts.cutOff === true) return result('corrupt');
  if (readable.length > maxPages) return result('too-large');
  return result(texts.some((text) => text.view === 'ocr') ? 'read' : 'no-text');
}

function isTiny(frame: Frame): boolean {
  return (
    (frame.width < LEAST_SIDES && frame.height < LEAST_SIDES) ||
    Math.min(frame.width, frame.height) < LEAST_HEIGHT
  );
}

async function recogniseFrames(
  frames: readonly Frame[],
  ocr: NonNullable<ReaderContext['ocr']>,
): Promise<{ readonly text: string; readonly failure?: 'corrupt' | 'timed-out' }> {
  const texts = new Set<string>();
  for (const frame of frames) {
    try {
      const larger = await enlargedFrame(frame);
      if (larger === 'plain') continue;
      let found = larger && (await ocr({ bytes: larger }));
      if (found === undefined || (found.status === 'read' && found.text.trim() === '')) {
        const bytes = await frame.image();
        const grey = fromPnm(bytes);
        if (grey !== undefined && isPlain(grey)) continue;
        found = await ocr({ bytes });
      }
      if (found.status === 'timed-out') return { text: joined(texts), failure: 'timed-out' };
      texts.add(found.text.trim());
    } catch (error) {
      if (error instanceof TooLarge) throw error;
      return { text: joined(texts), failure: 'corrupt' };
    }
  }
  return { text: joined(texts) };
}

/** The frame drawn larger; undefined where it is taken as it is. */
async function enlargedFrame(frame: Frame): Promise<Buffer | 'plain' | undefined> {
  if (frame.stored === undefined) return undefined;
  try {
    const larger = await enlarged(frame.stored);
    const grey = larger && fromPnm(larger);
    // Over white paper, white words would be lost: transparent pictures are looked at as they are, too.
    const opaque = frame.stored.samples % 2 === 1;
    return grey !== undefined && isPlain(grey) ? (opaque ? 'plain' : undefined) : larger;
  } catch {
    // Then the recogniser's own decoder has the say.
    return undefined;
  }
}

function joined(texts: ReadonlySet<string>): string {
  return [...texts].filter((text) => text !== '').join('\n');
}
