import { parseAddress } from '../../shared/address.js';

/**
 * The bare addresses of an address field (RFC 5322 3.4), as they stand outside of a sealed message: display names,
 * comments and group names are free text, in which people write names and worse. What isn't an address of our grammar is
 * left out.
 * @param value unfolded, one character for each octet
 */
export function bareAddresses(value: string): readonly string[] {
  const found: string[] = [];
  for (const entry of entriesOf(Buffer.from(value, 'latin1').toString('utf8'))) {
    const parsed = parseAddress(entry);
    if (parsed.ok && !found.includes(entry)) found.push(entry);
  }
  return found.map((entry) => Buffer.from(entry, 'utf8').toString('latin1'));
}

/** What stands in angle brackets, or alone, between commas and semicolons outside of quotes, comments and brackets. */
function entriesOf(text: string): readonly string[] {
  const entries: string[] = [];
  let bare = '';
  let angle: string | undefined;
  let inAngle = false;
  let quoted = false;
  let depth = 0;
  const flush = () => {
    entries.push((angle ?? bare).trim());
    bare = '';
    angle = undefined;
  };
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at] ?? '';
    if (one === '\\' && (quoted || depth > 0)) at += 1;
    else if (depth > 0) depth += one === '(' ? 1 : one === ')' ? -1 : 0;
    else if (one === '"') {
      quoted = !quoted;
      // An address with a quoted local part isn't one of our grammar: what is left of it must not become another.
      if (!inAngle) bare += '"';
      else angle = `${angle ?? ''}"`;
    } else if (quoted) continue;
    else if (one === '(') depth = 1;
    else if (inAngle && one === '>') inAngle = false;
    else if (inAngle) angle = (angle ?? '') + one;
    else if (one === '<') {
      inAngle = true;
      angle = '';
    } else if (one === ',' || one === ';') flush();
    else if (one === ':') bare = '';
    else bare += one;
  }
  flush();
  return entries;
}
