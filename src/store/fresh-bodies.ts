import type { SealedBody } from '../model/message.js';

/**
 * Memory for bodies. What a message brought a moment ago stays in it, in the clear, so that its inspection and the first
 * attempt to send it need not read and open what was written. On disk it is all the same: what isn't here (any more) is
 * read there.
 */
export interface FreshBodies {
  /** Bytes of a body that may stay. */
  readonly mostOfOne: number;
  /**
   * Takes room for what a writer gathers, to keep it or only to write it. False: there is none, and it has to do with one
   * chunk. What is kept leaves some room for what is written.
   */
  reserve(bytes: number, toKeep: boolean): boolean;
  release(bytes: number): void;
  /** Remembers a copy of a body for a while, where there is room. */
  keep(body: SealedBody, plain: readonly Uint8Array[]): void;
  /** Says which message a body is of; without that it goes by time alone. */
  claim(body: SealedBody, messageId: string): void;
  /** A copy of some of its plain bytes, from `start` on and before `end`; undefined: read them. */
  read(body: SealedBody, start: number, end: number): Buffer | undefined;
  forgetMessage(messageId: string): void;
  forgetFile(fileName: string): void;
  forgetAll(): void;
}

/** Where nothing stays. */
export const NOTHING_FRESH: FreshBodies = {
  mostOfOne: 0,
  reserve: () => true,
  release: () => undefined,
  keep: () => undefined,
  claim: () => undefined,
  read: () => undefined,
  forgetMessage: () => undefined,
  forgetFile: () => undefined,
  forgetAll: () => undefined,
};

/** Bytes of a place in memory; a body has as many of them as it needs. */
const PLACE = 8 * 1024;
/** Places that are read at once. */
const READ_AT_ONCE = 8;
/**
 * How long nothing came before the memory is given back, in milliseconds. Taking it anew for every few messages would make
 * the garbage collector stop everything once a minute, for the time that ten messages need.
 */
const GIVE_BACK_MS = 10 * 60_000;

interface Kept {
  readonly body: SealedBody;
  /** Where it lies. Nobody else has these places until it is dropped. */
  readonly places: readonly number[];
  readonly until: number;
  messageId?: string;
}

/**
 * All lies in one piece of memory: pieces of their own that live for as long as a message would make the garbage
 * collector go through everything again and again. So what is given out is copied.
 * @param limits bytes of one body, of all that is kept, and of all that is gathered, and for how many milliseconds a body
 * stays at most
 */
export function freshBodies(limits: {
  readonly mostOfOne: number;
  readonly mostKept: number;
  readonly mostGathered: number;
  readonly stays: number;
}): FreshBodies {
  /** By the wrapped key, which no other body has, and which a new master key changes; the oldest first. */
  const kept = new Map<string, Kept>();
  const keysOfFiles = new Map<string, string>();
  const keysOfMessages = new Map<string, string>();
  const count = Math.floor(limits.mostKept / PLACE);
  let memory: Buffer | undefined;
  let lastKept = 0;
  let free: number[] = [];
  let gathered = 0;
  let timer: NodeJS.Timeout | undefined;

  const drop = (key: string | undefined): void => {
    const one = key === undefined ? undefined : kept.get(key);
    if (key === undefined || one === undefined) return;
    kept.delete(key);
    // Nobody's mail lies about until somebody else's comes.
    for (const place of one.places) memory?.fill(0, place * PLACE, (place + 1) * PLACE);
    free.push(...one.places);
    if (one.body.content.kind === 'file') keysOfFiles.delete(one.body.content.name);
    if (one.messageId !== undefined) keysOfMessages.delete(one.messageId);
  };
  const dropOld = (): void => {
    timer = undefined;
    const now = performance.now();
    for (const [key, { until }] of kept) {
      if (until > now) break;
      drop(key);
    }
    if (kept.size === 0 && now >= lastKept + GIVE_BACK_MS) memory = undefined;
    watch();
  };
  const watch = (): void => {
    if (memory === undefined || timer !== undefined) return;
    const [oldest] = kept.values();
    const inMs = (oldest?.until ?? lastKept + GIVE_BACK_MS) - performance.now();
    timer = setTimeout(dropOld, Math.max(1, inMs));
    timer.unref();
  };

  return {
    mostOfOne: limits.mostOfOne,
    reserve(bytes, toKeep) {
      if (gathered + bytes > (toKeep ? limits.mostGathered / 2 : limits.mostGathered)) return false;
      gathered += bytes;
      return true;
    },
    release(bytes) {
      gathered -= bytes;
    },
    keep(body, plain) {
      if (memory === undefined) {
        memory = Buffer.allocUnsafeSlow(count * PLACE);
        free = Array.from({ length: count }, (_, i) => count - 1 - i);
      }
      const key = keyOf(body);
      const wanted = Math.ceil(body.size / PLACE);
      if (wanted > free.length || kept.has(key)) return;
      if (plain.reduce((sum, part) => sum + part.length, 0) !== body.size)
        throw new RangeError('what is to be kept has another size than its body');
      const places = free.splice(free.length - wanted);
      let at = 0;
      for (const part of plain) {
        for (let from = 0; from < part.length; ) {
          const bytes = Math.min(part.length - from, PLACE - (at % PLACE));
          const place = places[Math.floor(at / PLACE)];
          if (place === undefined) throw new RangeError('a body has too few places');
          memory.set(part.subarray(from, from + bytes), place * PLACE + (at % PLACE));
          from += bytes;
          at += bytes;
        }
      }
      lastKept = performance.now();
      if (kept.size === 0) {
        // It may be set for when the memory is given back.
        clearTimeout(timer);
        timer = undefined;
      }
      kept.set(key, { body, places, until: lastKept + limits.stays });
      if (body.content.kind === 'file') keysOfFiles.set(body.content.name, key);
      watch();
    },
    claim(body, messageId) {
      const key = keyOf(body);
      const one = kept.get(key);
      if (one === undefined) return;
      one.messageId = messageId;
      keysOfMessages.set(messageId, key);
    },
    read(body, start, end) {
      const one = kept.get(keyOf(body));
      if (memory === undefined || one === undefined || !isSame(one.body, body)) return undefined;
      const first = Math.floor(start / PLACE);
      const to = Math.min(end, (first + READ_AT_ONCE) * PLACE, body.size);
      if (to <= start) return undefined;
      const copy = Buffer.allocUnsafe(to - start);
      for (let at = start; at < to; ) {
        const place = one.places[Math.floor(at / PLACE)];
        if (place === undefined) return undefined;
        const from = place * PLACE + (at % PLACE);
        const bytes = Math.min(to - at, PLACE - (at % PLACE));
        memory.copy(copy, at - start, from, from + bytes);
        at += bytes;
      }
      return copy;
    },
    forgetMessage: (messageId) => drop(keysOfMessages.get(messageId)),
    forgetFile: (fileName) => drop(keysOfFiles.get(fileName)),
    forgetAll() {
      for (const key of [...kept.keys()]) drop(key);
    },
  };
}

function keyOf({ wrappedKey }: SealedBody): string {
  const { buffer, byteOffset, byteLength } = wrappedKey;
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/** A row whose parts were exchanged is read, which finds that out. */
function isSame(one: SealedBody, other: SealedBody): boolean {
  if (one.size !== other.size) return false;
  const [a, b] = [one.content, other.content];
  if (a.kind === 'file') return b.kind === 'file' && a.name === b.name;
  return b.kind === 'inline' && Buffer.compare(a.bytes, b.bytes) === 0;
}
