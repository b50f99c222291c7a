/** How deep and how much a tree of values from a document is walked. */
const MAX_DEPTH = 12;
const MAX_STRINGS = 20_000;

/**
 * All texts within a value of unknown shape, each with the name that it has there. What a document's structures hold
 * differs between versions of the reader; a text that is missed would leave unread, so all are taken but those named.
 * @param skip names whose values a person never sees
 */
export function stringsWithin(value: unknown, skip: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  const walk = (current: unknown, name: string, depth: number): void => {
    if (found.size >= MAX_STRINGS || depth > MAX_DEPTH) return;
    if (typeof current === 'string') {
      if (current.trim() !== '') found.add(name === '' ? current : `${name}: ${current}`);
    } else if (Array.isArray(current)) {
      // A choice that is stored as a list of one-letter pieces would be read in pieces only.
      for (const item of current) walk(item, name, depth + 1);
    } else if (current instanceof Map) {
      for (const [key, item] of current) walk(item, String(key), depth + 1);
    } else if (typeof current === 'object' && current !== null && !ArrayBuffer.isView(current)) {
      for (const [key, item] of Object.entries(current)) {
        if (!skip.has(key)) walk(item, /^(?:str|value)$/.test(key) ? name : key, depth + 1);
      }
    }
  };
  walk(value, '', 0);
  return [...found];
}
