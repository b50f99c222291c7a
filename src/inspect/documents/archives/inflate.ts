import { once } from 'node:events';
import { constants, createInflateRaw } from 'node:zlib';
import { TooLarge } from '../types.js';
import type { EntryMeter } from './meter.js';

export interface Inflated {
  readonly bytes: Buffer;
  /** Bytes of the input that belong to the stream; the rest is something else. */
  readonly consumed: number;
  /** False where the stream is broken. A stream cut short is told by its checksum and length alone. */
  readonly sound: boolean;
}

const CHUNK = 64 * 1024;

/**
 * Inflates one raw DEFLATE stream (RFC 1951), counting what comes out as it comes.
 * @throws TooLarge as soon as the meter refuses
 */
export async function inflateRaw(packed: Buffer, count: EntryMeter): Promise<Inflated> {
  const engine = createInflateRaw({ chunkSize: CHUNK, finishFlush: constants.Z_SYNC_FLUSH });
  const chunks: Buffer[] = [];
  let refused: TooLarge | undefined;
  let sound = true;
  engine.on('data', (chunk: Buffer) => {
    if (refused !== undefined) return;
    try {
      count(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      refused = error instanceof TooLarge ? error : new TooLarge();
      engine.destroy();
    }
  });
  engine.on('error', () => {
    sound = false;
  });
  const closed = once(engine, 'close').catch(() => undefined);
  engine.end(packed);
  await closed;
  if (refused !== undefined) throw refused;
  return { bytes: Buffer.concat(chunks), consumed: engine.bytesWritten, sound };
}
