import { inOrder, type Lane, mayStart } from './lanes.js';
import { createTurns, type Turns } from './turns.js';

/** Belongs to a stream of mail. */
export interface OfStream {
  readonly stream: string;
  /** Who sent it; those of one stream take turns. */
  readonly sender?: string;
}

/** What waits, by stream, and how much of each is in hand. */
export interface Line<T extends OfStream> {
  push(one: T): void;
  /** The next that may be begun with so many places for all streams together; it is in hand from here on. */
  begin(total: number): T | undefined;
  ended(one: OfStream): void;
  active(): number;
  /** Of one stream, or of one sender in it, or of all. */
  length(stream?: string, sender?: string): number;
}

/**
 * Streams of a higher priority go first; one place is kept for each stream, as far as there are places.
 * @param options.streams those that may have something, beside those that have
 */
export function createLine<T extends OfStream>(options: {
  readonly priority?: (stream: string) => number;
  readonly streams?: () => readonly string[];
}): Line<T> {
  const waiting = new Map<string, Turns<T>>();
  const active = new Map<string, number>();
  const lanes = (): readonly Lane[] =>
    [...new Set([...waiting.keys(), ...active.keys(), ...(options.streams?.() ?? [])])].map((name) => ({
      name,
      priority: options.priority?.(name) ?? 0,
      most: Number.POSITIVE_INFINITY,
      reserved: 1,
      active: active.get(name) ?? 0,
    }));
  return {
    push(one) {
      const turns = waiting.get(one.stream) ?? createTurns<T>();
      waiting.set(one.stream, turns);
      turns.push(one.sender ?? '', one);
    },
    begin(total) {
      if (waiting.size === 0) return undefined;
      const all = lanes();
      for (const { name } of inOrder(all)) {
        const turns = waiting.get(name);
        if (turns === undefined || !mayStart(name, all, total)) continue;
        const one = turns.next();
        if (turns.length() === 0) waiting.delete(name);
        if (one === undefined) continue;
        active.set(name, (active.get(name) ?? 0) + 1);
        return one;
      }
      return undefined;
    },
    ended({ stream }) {
      const left = (active.get(stream) ?? 1) - 1;
      if (left > 0) active.set(stream, left);
      else active.delete(stream);
    },
    active: () => [...active.values()].reduce((sum, one) => sum + one, 0),
    length: (stream, sender) =>
      stream === undefined
        ? [...waiting.values()].reduce((sum, one) => sum + one.length(), 0)
        : (waiting.get(stream)?.length(sender) ?? 0),
  };
}
