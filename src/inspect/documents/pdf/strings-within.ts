/** How deep and how much a tree of values from a document is walked: pdf.js gives tags nested 40 deep, each with a list. */
const MAX_DEPTH = 100;
const MAX_STRINGS = 200_000;

/**
 * All texts within a value of unknown shape, each with the name that it has there. What a document's structures hold
 * differs between versions of the reader; a text that is missed would leave unread, so all are taken but those named.
 * @param skip names whose values a person never sees
 * @param onCut told where there is more than is walked: what was found until then still counts
 */
export function stringsWithin(
  value: unknown,
  skip: ReadonlySet<string>,
  onCut: () => void,
): readonly string[] {
  const found = new Set<string>();
  const walk = (current: unknown, name: string, depth: number): void => {
    if (depth > MAX_DEPTH || found.size >= MAX_STRINGS) {
      onCut();
      return;
    }
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
