import type { ReachedTlsLevel } from '../model/method.js';
import type { QueueChange, TlsMemory } from '../store/ports.js';
import { stricter } from './tls-levels.js';

/** Levels of TLS that attempts have seen and that are being committed. */
export interface UnwrittenTls {
  /** The highest level of a domain, whether it is on disk yet or not. */
  readonly highest: TlsMemory['highest'];
  /** What these changes are going to have remembered counts from now on; to be called when they are committed, or failed. */
  writing(changes: readonly QueueChange[]): () => void;
}

/**
 * The next attempt has its place before what came of the one before is on disk: it must not find less TLS remembered than
 * that one saw, or whoever strips STARTTLS in this very moment gets the code for the portal.
 */
export function createUnwrittenTls(memory: Pick<TlsMemory, 'highest'>): UnwrittenTls {
  const unwritten = new Map<string, ReachedTlsLevel[]>();
  return {
    async highest(domain) {
      // Before the memory is read: what is committed in between would else be found in neither.
      const levels = unwritten.get(domain) ?? [];
      const remembered = await memory.highest(domain);
      return levels.length === 0 ? remembered : levels.reduce(stricter, remembered ?? 'none');
    },
    writing(changes) {
      const noted = changes.flatMap((change) => change.rememberTls ?? []);
      for (const { domain, level } of noted) unwritten.set(domain, [...(unwritten.get(domain) ?? []), level]);
      return () => {
        for (const { domain, level } of noted.splice(0)) {
          const levels = unwritten.get(domain) ?? [];
          const left = levels.toSpliced(levels.indexOf(level), 1);
          if (left.length === 0) unwritten.delete(domain);
          else unwritten.set(domain, left);
        }
      };
    },
  };
}
