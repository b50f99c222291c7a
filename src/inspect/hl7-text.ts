/** The segment that begins a message or a batch, behind what MLLP puts before it, with the characters that divide it. */
const HEADER =
  /^[\x0b\s\ufeff]*(?:MSH|FHS|BHS)([^\w\s])((?!\1)[^\w\s])((?!\1)[^\w\s])((?!\1)[^\w\s])?((?!\1)[^\w\s])?/;
/** Of fields, components, repetitions, escape sequences and subcomponents. */
const STANDARD = ['|', '^', '~', '\\', '&'] as const;
const ESCAPE = 3;
/** v2.8, 2.7: highlighting, delimiters, hexadecimal, formatting, other character sets, and those of a site. */
const SEQUENCE = String.raw`(H|N|[FSRTE]|X[0-9A-Fa-f]{2,4000}|\.(?:br|sp|fi|nf|in|ti|sk|ce)[-+]?\d{0,4}|[CMZ][0-9A-Z]{0,40})`;

/** How the segments of one message are read. */
interface Reading {
  readonly delimiters: readonly string[];
  readonly usual: boolean;
  readonly pattern: RegExp;
}

/**
 * Messages of HL7 v2 as a program shows their fields (v2.8, 2.5.4 and 2.7): divided by the usual characters, whichever
 * the message chose, and with escape sequences read. Undefined where that is no other text.
 */
export function hl7Text(source: string): string | undefined {
  if (!source.includes('MSH') && !source.includes('FHS')) return undefined;
  let reading: Reading | undefined;
  let changed = false;
  const lines = source.split(/\r\n|[\r\n]/).map((line) => {
    const header = HEADER.exec(line);
    if (header !== null) reading = readingBy(header.slice(1).map((one) => one ?? ''));
    if (reading === undefined) return line;
    const shown =
      header === null
        ? ''
        : header[0].slice(0, header[0].search(/[MFB]/) + 3) +
          STANDARD.filter((_, at) => header[at + 1] !== undefined).join('');
    const from = header?.[0].length ?? 0;
    const text = shown + withUsual(line.slice(from), reading);
    changed ||= text !== line;
    return text;
  });
  return changed ? lines.join('\n') : undefined;
}

function readingBy(delimiters: readonly string[]): Reading {
  const usual = delimiters.every((one, at) => one === '' || one === STANDARD[at]);
  const mark = literal(delimiters[ESCAPE] ?? '');
  const sequence = mark === '' ? '(?!)()' : `${mark}${SEQUENCE}${mark}`;
  const marks = [...new Set([...delimiters, ...STANDARD])].filter((one) => one !== '').map(literal);
  return {
    delimiters,
    usual,
    pattern: new RegExp(usual ? sequence : `${sequence}|[${marks.join('')}]`, 'g'),
  };
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
}

function withUsual(line: string, { delimiters, usual, pattern }: Reading): string {
  const around = delimiters[ESCAPE] ?? '';
  if (usual && (around === '' || !line.includes(around))) return line;
  return line.replace(pattern, (mark: string, sequence: string | undefined) => {
    if (sequence !== undefined) return shownBy(sequence, around);
    const place = delimiters.indexOf(mark);
    // What divides nothing in this message would divide the text that is made of it.
    return place < 0 ? ' ' : (STANDARD[place] ?? ' ');
  });
}

function shownBy(sequence: string, around: string): string {
  if (sequence === 'E') return around;
  if (sequence === 'T') return '&';
  if (sequence.startsWith('X')) {
    return Buffer.from(sequence.slice(1), 'hex')
      .toString('latin1')
      .replace(/[\r\n]+/g, ' ');
  }
  // Delimiters within a value, and formatting: something stands there, but for highlights and sets of characters.
  return /^(?:[FSR]|\.)/.test(sequence) ? ' ' : '';
}
