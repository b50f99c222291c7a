import type { SealedBody } from '../model/message.js';

/**
 * The memory that writers of bodies share. What a message brought a moment ago stays in it, in the clear, so that its
 * inspection and the first attempt to send it need not read and open what was written. On disk it is all the same: what
 * isn't here (any more) is read there.
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
  /** Remembers a body for a while. The room for `reserved` bytes of it was taken before. */
  keep(body: SealedBody, plain: readonly Uint8Array[], reserved: number): void;
  /** Says which message a body is of; without that it goes by time alone. */
  claim(body: SealedBody, messageId: string): void;
  /** The plain bytes of a body, which must not be changed; undefined: read it. */
  find(body: SealedBody): readonly Uint8Array[] | undefined;
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
  find: () => undefined,
  forgetMessage: () => undefined,
  forgetFile: () => undefined,
  forgetAll: () => undefined,
};

interface Kept {
  readonly body: SealedBody;
  readonly plain: readonly Uint8Array[];
  /** Of memory. */
  readonly bytes: number;
  readonly until: number;
  messageId?: string;
}

/**
 * @param limits bytes of one body, bytes of memory for all that is kept, the same with what is gathered to be written, and
 * for how many milliseconds a body stays at most
 */
export function freshBodies(limits: {
  readonly mostOfOne: number;
  readonly mostKept: number;
  readonly most: number;
  readonly stays: number;
}): FreshBodies {
  /** By the wrapped key, which no other body has, and which a new master key changes; the oldest first. */
  const kept = new Map<string, Kept>();
  const keysOfFiles = new Map<string, string>();
  const keysOfMessages = new Map<string, string>();
  let used = 0;
  let timer: NodeJS.Timeout | undefined;

  const drop = (key: string | undefined): void => {
    const one = key === undefined ? undefined : kept.get(key);
    if (key === undefined || one === undefined) return;
    kept.delete(key);
    used -= one.bytes;
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
    watch();
  };
  const watch = (): void => {
    const [oldest] = kept.values();
    if (oldest === undefined || timer !== undefined) return;
    timer = setTimeout(dropOld, Math.max(1, oldest.until - performance.now()));
    timer.unref();
  };

  return {
    mostOfOne: limits.mostOfOne,
    reserve(bytes, toKeep) {
      if (used + bytes > (toKeep ? limits.mostKept : limits.most)) return false;
      used += bytes;
      return true;
    },
    release(bytes) {
      used -= bytes;
    },
    keep(body, plain, reserved) {
      used -= reserved;
      const bytes = plain.reduce((sum, part) => sum + part.buffer.byteLength, 0);
      if (used + bytes > limits.mostKept) return;
      used += bytes;
      const key = keyOf(body);
      kept.set(key, { body, plain, bytes, until: performance.now() + limits.stays });
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
    find(body) {
      const key = keyOf(body);
      const one = kept.get(key);
      if (one === undefined || !isSame(one.body, body)) return undefined;
      // Memory that somebody gave away is empty.
      if (one.plain.reduce((sum, part) => sum + part.length, 0) === body.size) return one.plain;
      drop(key);
      return undefined;
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
