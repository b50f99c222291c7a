/** What waits, of several senders. */
export interface Turns<T> {
  push(sender: string, one: T): void;
  /** The oldest of whoever was not served for the longest time. */
  next(): T | undefined;
  /** Of one sender, or of all. */
  length(sender?: string): number;
}

/** Serves senders in turn, one of each, so that nobody waits behind another one's flood. */
export function createTurns<T>(): Turns<T> {
  // In the order in which they are served next.
  const waiting = new Map<string, T[]>();
  let length = 0;
  return {
    push(sender, one) {
      length++;
      const known = waiting.get(sender);
      if (known === undefined) waiting.set(sender, [one]);
      else known.push(one);
    },
    next() {
      for (const [sender, line] of waiting) {
        const one = line.shift();
        if (line.length === 0) waiting.delete(sender);
        else if (waiting.size > 1) {
          waiting.delete(sender);
          waiting.set(sender, line);
        }
        if (one === undefined) continue;
        length--;
        return one;
      }
      return undefined;
    },
    length: (sender) => (sender === undefined ? length : (waiting.get(sender)?.length ?? 0)),
  };
}
