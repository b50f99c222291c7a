const DECLARATION = /(?:charset|encoding)\s*=\s*["']?([\w.:+-]{1,40})/i;
const TAG = /^<(?:[^<>"']|"[^"]*"|'[^']*')*/;
const MAX_CHARSETS = 4;

/** Character sets that a document names itself (`<meta charset>`, the declaration of XML): one counts, but which? */
export function ownCharsets(source: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { index } of source.slice(0, 65_536).matchAll(/<(?:meta|\?xml)[\s/]/gi)) {
    const tag = TAG.exec(source.slice(index, index + 1000))?.[0] ?? '';
    const own = DECLARATION.exec(tag)?.[1];
    if (own !== undefined) found.add(own.toLowerCase());
    if (found.size >= MAX_CHARSETS) break;
  }
  return found;
}
