import { decodeHeaderText } from '../../inspect/encoded-words.js';
import { fieldValues, type HeaderBlock } from '../../inspect/header-block.js';
import { CannotRewrite } from './cannot-rewrite.js';
import { canonicalAddresses } from './canonical-addresses.js';
import { folded, unstructuredField } from './header-words.js';

/** How the first value of a field is written again; undefined where it isn't understood. */
type Writer = (name: string, value: string) => string | undefined;

const ID = /^<[\x21-\x3b\x3d\x3f-\x7e]+>$/;
const DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{2,4} \d{1,2}:\d\d(?::\d\d)? (?:[+-]\d{4}|[A-Z]{1,4})(?= |$)/i;

const addresses: Writer = (name, value) => {
  const list = canonicalAddresses(value);
  if (list === undefined) return undefined;
  return list === '' ? '' : `${name}: ${list}\r\n`;
};
const date: Writer = (name, value) => {
  const found = DATE.exec(value.replace(/[ \t]+/g, ' '))?.[0];
  return found === undefined ? undefined : `${name}: ${found}\r\n`;
};
const id: Writer = (name, value) =>
  ID.test(value) && value.length < 900 ? `${name}: ${value}\r\n` : undefined;
const ids: Writer = (name, value) => {
  const each = value.split(/[ \t]+/).filter((one) => one !== '');
  return each.length > 0 && each.every((one) => ID.test(one) && one.length < 900)
    ? `${name}: ${each.join('\r\n ')}\r\n`
    : undefined;
};
const text: Writer = (name, value) => unstructuredField(name, cleaned(decodeHeaderText(value).text));
const token: Writer = (name, value) =>
  /^[\w .,;:()=+/-]{1,200}$/.test(value) ? folded(name, value) : undefined;
const printable: Writer = (name, value) =>
  /^[\x20-\x7e]{1,900}$/.test(value) && !value.includes('=?') ? folded(name, value) : undefined;

/** What is written again, in this order. What isn't here is left out. */
const FIELDS: readonly (readonly [name: string, writer: Writer, must?: 'hold'])[] = [
  ['Date', date, 'hold'],
  ['From', addresses, 'hold'],
  ['Sender', addresses, 'hold'],
  ['Reply-To', addresses, 'hold'],
  ['To', addresses, 'hold'],
  ['Cc', addresses, 'hold'],
  ['Message-ID', id, 'hold'],
  ['In-Reply-To', ids],
  ['References', ids],
  ['Subject', text],
  ['Comments', text],
  ['Keywords', text],
  ['Organization', text],
  ['Thread-Topic', text],
  ['Thread-Index', token],
  ['Importance', token],
  ['Priority', token],
  ['X-Priority', token],
  ['Sensitivity', token],
  ['Precedence', token],
  ['Auto-Submitted', token],
  ['X-Auto-Response-Suppress', token],
  ['Disposition-Notification-To', addresses],
  ['List-Id', printable],
  ['List-Unsubscribe', printable],
  ['List-Unsubscribe-Post', printable],
  ['List-Help', printable],
  ['List-Post', printable],
  ['List-Archive', printable],
];

/** Fields of which two that differ make two messages; of the others the first counts, as it did for the inspection. */
const ONE_MEANING = new Set(['from', 'sender', 'reply-to', 'to', 'cc']);

/**
 * The fields of a message's header that are understood, written anew, each once; the trace stays as it was. Nothing of
 * MIME.
 * @param options.lenient for messages within others: what isn't understood is left out
 * @throws CannotRewrite where a field on which much depends isn't understood
 */
export function canonicalHeader(block: HeaderBlock, options: { readonly lenient: boolean }): string {
  const written: string[] = traceFields(block);
  for (const [name, write, must] of FIELDS) {
    const values = [...new Set(fieldValues(block.fields, name.toLowerCase()).map((one) => one.trim()))];
    const [value] = values;
    if (value === undefined || value === '') continue;
    const unsure = values.length > 1 && ONE_MEANING.has(name.toLowerCase());
    const field = unsure ? undefined : write(name, value);
    if (field !== undefined) written.push(field);
    else if (must === 'hold' && !options.lenient)
      throw new CannotRewrite(`its field ${name} is not understood`);
  }
  return written.join('');
}

/** Received fields stay as they are, by which loops are found (RFC 5321 6.3). */
function traceFields({ fields }: HeaderBlock): string[] {
  return fields.flatMap(({ name, value }) =>
    name === 'received' && /^[\t\x20-\x7e]{1,900}$/.test(value) && !value.includes('=?')
      ? [folded('Received', value.replace(/\t/g, ' '))]
      : [],
  );
}

function cleaned(value: string): string {
  return value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
