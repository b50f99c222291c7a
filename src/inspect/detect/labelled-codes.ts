import type { Hit } from './patterns.js';

/** A code within a hit. */
export interface LabelledCode {
  readonly start: number;
  readonly end: number;
  readonly code: string;
}

/**
 * Pattern (Rust regex syntax) for up to ten codes behind a label: between them at most filler such as `codes`, `are`, a
 * colon, quotes. `codesIn` takes them apart.
 */
export function codesAfter(labels: string, code: string): string {
  const filler =
    '(?:[ \\t]{0,3}(?:codes?|numbers?|no\\.?|ids?|level|ii|is|are|was|were|the|for|of|with|and|procedures?|performed|[#:=(\\[)\\]"\\x27>,/\\x1a\\xae-])){0,6}';
  return `(?i)(?-u:\\b)(?:${labels})${filler}[ \\t]{0,3}\\n?[ \\t]{0,4}${code}(?:[ \\t]{0,2}(?:[,;/&+]|and|or)?\\n?[ \\t]{0,2}${code}){0,9}(?-u:\\b)`;
}

/** The codes of a hit, of which the label is no part. `form` has the flag g. */
export function codesIn(hit: Hit, form: RegExp): readonly LabelledCode[] {
  return [...hit.text.matchAll(form)].map((match) => ({
    start: hit.start + match.index,
    end: hit.start + match.index + match[0].length,
    code: match[0].toUpperCase(),
  }));
}

/** The code that stands right before a label: "J1745 HCPCS", "2345-7 (LOINC)". `form` ends at the end of its text. */
export function codeAhead(hit: Hit, text: string, form: RegExp): readonly LabelledCode[] {
  const from = Math.max(0, hit.start - 24);
  const match = form.exec(text.slice(from, hit.start).replace(/ ?(?:x ?\d{1,2} )?[(]?$/, ''));
  if (match === null) return [];
  const start = from + match.index;
  return [{ start, end: start + match[0].length, code: match[0].toUpperCase() }];
}

/** The code of a coded element of HL7 v2 (`code^name^system`), of which a hit is the system. */
export function codedBefore(hit: Hit, text: string): readonly LabelledCode[] {
  const from = Math.max(0, hit.start - 120);
  const element = /(?<![\w.-])([A-Z0-9-]{3,18})\^[^|^~\n]{0,100}$/.exec(text.slice(from, hit.start));
  if (element === null) return [];
  const start = from + element.index;
  const code = element[1] ?? '';
  return [{ start, end: start + code.length, code }];
}
