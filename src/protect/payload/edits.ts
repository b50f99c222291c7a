import { SealFailed } from '../seal-failed.js';

/** The stored message: its bytes afresh at each call, and how many they are. */
export interface OriginalMessage {
  readonly open: () => AsyncIterable<Uint8Array>;
  readonly size: number;
}

/** Bytes that stand in place of a range of the original; nothing is replaced where it is empty. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** Size of the original after the edits. */
export function editedSize(original: OriginalMessage, edits: readonly Edit[]): number {
  return edits.reduce((size, edit) => size + edit.bytes.length - (edit.end - edit.start), original.size);
}

/**
 * The original with the edits made, streamed; what isn't edited passes through byte for byte.
 * @param edits in order, not overlapping, within the original
 * @throws SealFailed when the original isn't as long as it says
 */
export async function* edited(original: OriginalMessage, edits: readonly Edit[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  let index = 0;
  /** Up to here the original is done with: passed on, or replaced. */
  let done = 0;
  for await (const chunk of original.open()) {
    const end = at + chunk.length;
    for (let edit = edits[index]; edit !== undefined && edit.start < end; edit = edits[index]) {
      if (edit.start > done) yield chunk.subarray(done - at, edit.start - at);
      if (edit.bytes.length > 0) yield edit.bytes;
      done = edit.end;
      index += 1;
    }
    if (done < end) {
      yield chunk.subarray(Math.max(0, done - at));
      done = end;
    }
    at = end;
  }
  if (at !== original.size) throw new SealFailed('the stored message is not as long as was said');
  for (const edit of edits.slice(index)) if (edit.bytes.length > 0) yield edit.bytes;
}
