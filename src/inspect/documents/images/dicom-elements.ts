import { printableRuns } from '../office/compound/printable.js';
import { decodedTexts, labelsOf } from './dicom-charset.js';
import { asText } from './words.js';

export interface DataSet {
  /** `Name: value`, in the order of the file. */
  readonly lines: readonly string[];
  readonly end: number;
  readonly hasPixels: boolean;
  /** Data besides the picture of which nobody here knows what they are: overlays, curves, private ones. */
  readonly hasOpaque: boolean;
  /** False: it breaks off. */
  readonly whole: boolean;
  /** Transfer syntax (0002,0010). */
  readonly syntax: string | undefined;
  /** Encapsulated documents (0042,0011): PDF and CDA. */
  readonly attachments: readonly Buffer[];
}

export interface DataSetForm {
  /** Each element says of what kind it is. */
  readonly explicit: boolean;
  /** Stop at the first element of another group. */
  readonly onlyGroup?: number;
}

const UNDEFINED_LENGTH = 0xffffffff;
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 200_000;
const PIXELS = 0x7fe00010;
/** Also in floating point (PS3.3 C.7.6.24). */
const PICTURES: ReadonlySet<number> = new Set([PIXELS, 0x7fe00008, 0x7fe00009]);
const ENCAPSULATED = 0x00420011;
const SYNTAX = 0x00020010;
const CHARSET = 0x00080005;
/** PS3.5 table 7.1-1: kinds with a length of four bytes. */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
/** Numbers. What is neither these nor text, or of a kind that nobody knows, may be anything, text too. */
const NUMBERS = new Set(['AT', 'FD', 'FL', 'OD', 'OF', 'OL', 'OV', 'SL', 'SS', 'SV', 'UL', 'US', 'UV']);
/** Numbers in as many bytes aren't worth a look. */
const SMALL = 64;
/** Larger ones are pictures and measured curves. */
const MOST_OPAQUE = 65_536;
const COLOUR_PROFILE = 0x00282000;
const TEXT = new Set([
  'AE',
  'AS',
  'CS',
  'DA',
  'DS',
  'DT',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UC',
  'UI',
  'UR',
  'UT',
]);

/** What of a patient and a study people know by name; all others are named by their number. */
const NAMES: Readonly<Record<number, string>> = {
  524320: 'Study date',
  524368: 'Accession number',
  524416: 'Institution',
  524432: 'Referring physician',
  528432: 'Study description',
  528446: 'Series description',
  528464: 'Performing physician',
  1048592: 'Patient name',
  1048608: 'Patient ID',
  1048624: 'Date of birth',
  1048640: 'Sex',
  1052672: 'Other patient IDs',
  1052673: 'Other patient names',
  1052688: 'Age',
  1052736: 'Patient address',
  1052768: 'Mother name',
  1056768: 'Medical alerts',
  1057108: 'Patient phone',
  1057200: 'Patient history',
  1064960: 'Patient comments',
};
/** Identifiers that programs give (PS3.5 9.1) look like addresses and numbers of people. */
const UNIQUE_ID = /^[0-2](?:\.\d+){3,}$/;
const ANY_ID = /^[0-2](?:\.\d+)+$/;
const isDate = (kind: string, tag: number): boolean =>
  kind === 'DA' || tag === 0x00080020 || tag === 0x00100030;

/** What is kept of one data set while it is read. */
interface OwnSet {
  /** As (0008,0005) names them, each once. */
  readonly charsets: string[];
  readonly values: {
    readonly tag: number;
    readonly kind: string;
    readonly value: Buffer;
    /** So many sets were named before it. */
    readonly known: number;
  }[];
}

/** Reads the elements of a data set, also of those within sequences. Never throws. */
export function readDataSet(bytes: Buffer, from: number, form: DataSetForm): DataSet {
  const lines: string[] = [];
  const attachments: Buffer[] = [];
  let hasPixels = false;
  let hasOpaque = false;
  let syntax: string | undefined;
  /** Of the data set that is read; those of an item count in it alone (PS3.3 C.12.1.1.2). */
  let charsets: readonly string[] = [];
  let left = MAX_ELEMENTS;

  const addRuns = (tag: number, value: Buffer): void => {
    const runs = value.length < MOST_OPAQUE ? printableRuns(value) : '';
    if (runs !== '') lines.push(`${nameOf(tag)}: ${runs.replaceAll('\n', ' ')}`);
  };

  const addWords = (tag: number, kind: string, words: string): void => {
    if (words !== '' && !isUniqueIds(words, kind))
      lines.push(`${nameOf(tag)}: ${shown(words, isDate(kind, tag))}`);
  };

  /** @returns the offset behind the elements, or undefined where they break off */
  const walk = (start: number, end: number, depth: number, explicit: boolean): number | undefined => {
    const outer = charsets;
    const set: OwnSet = { charsets: [], values: [] };
    const behind = walkElements(start, end, depth, explicit, set);
    // Readers that keep the last of several sets, wherever it stands, show all values in that.
    for (const { tag, kind, value, known } of set.values)
      for (const words of decodedTexts(value, set.charsets.slice(known))) addWords(tag, kind, words);
    charsets = outer;
    return behind;
  };

  const walkElements = (
    start: number,
    end: number,
    depth: number,
    explicit: boolean,
    set: OwnSet,
  ): number | undefined => {
    let at = start;
    while (at < end) {
      if (at + 8 > end || left <= 0 || depth > MAX_DEPTH) return undefined;
      left -= 1;
      const group = bytes.readUInt16LE(at);
      const tag = group * 65536 + bytes.readUInt16LE(at + 2);
      if (form.onlyGroup !== undefined && group !== form.onlyGroup) return at;
      // Items and the marks that end them have no kind (PS3.5 7.5).
      if (group === 0xfffe) {
        const length = bytes.readUInt32LE(at + 4);
        at += 8;
        if (tag === 0xfffee000 && length !== UNDEFINED_LENGTH) {
          if (at + length > end) return undefined;
          // A mark that ends it early would leave the rest unread.
          if (walk(at, at + length, depth + 1, explicit) !== at + length) return undefined;
          at += length;
        } else if (tag === 0xfffee000) {
          const next = walk(at, end, depth + 1, explicit);
          if (next === undefined) return undefined;
          at = next;
        } else return at;
        continue;
      }
      const kind = explicit ? bytes.toString('latin1', at + 4, at + 6) : '';
      const long = explicit && LONG.has(kind);
      if (explicit && !/^[A-Z]{2}$/.test(kind)) return undefined;
      if (long && at + 12 > end) return undefined;
      const length = long
        ? bytes.readUInt32LE(at + 8)
        : explicit
          ? bytes.readUInt16LE(at + 6)
          : bytes.readUInt32LE(at + 4);
      at += long ? 12 : 8;
      if (PICTURES.has(tag)) hasPixels = true;
      if (length === UNDEFINED_LENGTH) {
        if (tag === PIXELS) {
          const next = skipFragments(bytes, at, end);
          if (next === undefined) return undefined;
          at = next;
        } else {
          // An element of unknown kind is coded implicitly within (PS3.5 6.2.2).
          const next = walk(at, end, depth + 1, explicit && kind !== 'UN');
          if (next === undefined) return undefined;
          at = next;
        }
        continue;
      }
      if (at + length > end) return undefined;
      const value = bytes.subarray(at, at + length);
      if (kind === 'SQ' || ((!explicit || kind === 'UN') && looksLikeItems(value))) {
        // What somebody passed on who didn't know the kind is coded implicitly within (PS3.5 6.2.2), or should be.
        if (walk(at, at + length, depth + 1, explicit && kind !== 'UN') !== at + length) {
          if (kind !== 'UN') return undefined;
          hasOpaque = true;
          addRuns(tag, value);
        }
      } else if (tag === ENCAPSULATED) attachments.push(Buffer.from(value));
      else if (tag !== PIXELS) {
        const text = asText(value);
        if (tag === SYNTAX) syntax = text;
        if (tag === CHARSET) {
          set.charsets.push(...labelsOf(text).filter((label) => !set.charsets.includes(label)));
          charsets = set.charsets;
        }
        const known = explicit && (TEXT.has(kind) || NUMBERS.has(kind));
        const words = (known ? TEXT.has(kind) : isText(value)) ? text : '';
        if (!known && words === '' && tag !== COLOUR_PROFILE) {
          if (value.length > SMALL) hasOpaque = true;
          addRuns(tag, value);
        }
        if (words !== '') {
          for (const one of new Set([words, ...decodedTexts(value, charsets)])) addWords(tag, kind, one);
          set.values.push({ tag, kind, value, known: set.charsets.length });
        }
      }
      at += length;
    }
    return at;
  };
  const end = walk(from, bytes.length, 0, form.explicit);
  return {
    lines,
    end: end ?? bytes.length,
    hasPixels,
    hasOpaque,
    // Without a group to stop at, only the end of the bytes ends it.
    whole: form.onlyGroup === undefined ? end === bytes.length : end !== undefined,
    syntax,
    attachments,
  };
}

function isUniqueIds(words: string, kind: string): boolean {
  const form = kind === 'UI' ? ANY_ID : UNIQUE_ID;
  return words.split('\\').every((one) => form.test(one.trim()));
}

/** A name's parts are divided by carets, its written forms by equals signs, further values by backslashes. */
function shown(words: string, date: boolean): string {
  if (date) return words.replace(/\b(\d{4})(\d\d)(\d\d)\b/g, '$1-$2-$3');
  return words.replace(/[\^=]+/g, ' ').replace(/\\/g, ', ');
}

function nameOf(tag: number): string {
  const known = NAMES[tag];
  if (known !== undefined) return known;
  const hex = tag.toString(16).padStart(8, '0');
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
}

function looksLikeItems(value: Buffer): boolean {
  return value.length >= 8 && value.readUInt32LE(0) === 0xe000fffe;
}

function isText(value: Buffer): boolean {
  return (
    value.length > 0 &&
    value.length < 1_000_000 &&
    !/[\x00-\x08\x0e-\x1f]/.test(value.toString('latin1').replace(/[\0 ]+$/, ''))
  );
}

function skipFragments(bytes: Buffer, from: number, end: number): number | undefined {
  for (let at = from; at + 8 <= end; ) {
    const tag = bytes.readUInt16LE(at) * 65536 + bytes.readUInt16LE(at + 2);
    const length = bytes.readUInt32LE(at + 4);
    at += 8;
    if (tag === 0xfffee0dd) return at;
    if (tag !== 0xfffee000) return undefined;
    at += length;
  }
  return undefined;
}
