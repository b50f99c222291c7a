import type { RawField } from './raw-header.js';

/** Changes to the structural fields of one entity. */
export interface StructureChange {
  /** Parameters for Content-Type; values must need no quoting inside the quotation marks. */
  readonly parameters: ReadonlyMap<string, string>;
  /** A new Content-Transfer-Encoding. */
  readonly encoding?: string;
}

/** Where an entity has no Content-Type (RFC 2045 5.2). */
const DEFAULT_TYPE: RawField = {
  name: 'content-type',
  raw: 'Content-Type: text/plain; charset=us-ascii\r\n',
};
const MEDIA_TYPE = /^\s*[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+\s*$/i;
/** Parameters that say how we protect a message (RFC 9788 2.1): a sender's own would be taken for ours. */
const OURS: ReadonlySet<string> = new Set(['hp', 'hp-legacy-display']);

/** The fields of an entity with other parameters and, where asked, another transfer encoding. */
export function changeStructure(fields: readonly RawField[], change: StructureChange): readonly RawField[] {
  const typed = fields.some((field) => field.name === 'content-type') ? fields : [...fields, DEFAULT_TYPE];
  const changed = typed
    .filter((field) => change.encoding === undefined || field.name !== 'content-transfer-encoding')
    .map((field) => (field.name === 'content-type' ? withParameters(field, change.parameters) : field));
  if (change.encoding === undefined) return changed;
  return [
    ...changed,
    { name: 'content-transfer-encoding', raw: `Content-Transfer-Encoding: ${change.encoding}\r\n` },
  ];
}

/**
 * A Content-Type with these parameters in place of those of the same names; everything else stays as it was written.
 * They stand right behind the media type, where nothing malformed that follows can swallow them. A value that doesn't
 * begin with a media type is left alone: what it means is anybody's guess.
 */
function withParameters(field: RawField, parameters: ReadonlyMap<string, string>): RawField {
  const colon = field.raw.indexOf(':') + 1;
  const [head = '', ...segments] = splitParameters(field.raw.slice(colon).replace(/\r\n$/, ''));
  if (!MEDIA_TYPE.test(head.replace(/\([^()]*\)/g, ' '))) return field;
  const kept = segments.filter((segment) => {
    const name = /^\s*([^=*\s]+)/.exec(segment)?.[1]?.toLowerCase() ?? '';
    return name !== '' && !OURS.has(name) && !parameters.has(name);
  });
  const added = [...parameters].map(([name, value]) => `; ${name}="${value}"`).join('');
  // On a line of their own the old parameters make no line longer than it was.
  const others = kept.join(';').trim();
  const value = `${head.trimEnd()}${added}${others === '' ? '' : `;\r\n ${others}`}`;
  return { name: field.name, raw: `${field.raw.slice(0, colon)}${value}\r\n` };
}

/** Splits at semicolons outside of quoted strings and comments; joined by semicolons it is the same text again. */
function splitParameters(text: string): readonly string[] {
  const segments: string[] = [];
  let start = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\' && (quoted || depth > 0)) at += 1;
    else if (quoted) quoted = character !== '"';
    else if (character === '"' && depth === 0) quoted = true;
    else if (character === '(') depth += 1;
    else if (character === ')' && depth > 0) depth -= 1;
    else if (character === ';' && depth === 0) {
      segments.push(text.slice(start, at));
      start = at + 1;
    }
  }
  segments.push(text.slice(start));
  return segments;
}
