import { printableRuns } from '../office/compound/printable.js';
import { TooLarge } from '../types.js';
import { xmpText } from '../xmp.js';
import { readImageResources, readIptc } from './iptc.js';
import { readIfd, type TiffEntry, type TiffSource, tiffSource } from './tiff-directory.js';
import { asText } from './words.js';

export interface Exif {
  readonly lines: readonly string[];
  /** 1 to 8 (Exif 2.32, tag 0x0112). */
  readonly orientation: number;
}

const BYTE = 1;
const ASCII = 2;
const UNDEFINED = 7;
const UTF8 = 129;
const ORIENTATION = 0x0112;
const EXIF_DIRECTORY = 0x8769;
const GPS_DIRECTORY = 0x8825;
const INTEROPERABILITY_DIRECTORY = 0xa005;
const USER_COMMENT = 0x9286;
const XMP = 0x02bc;
const IPTC = 0x83bb;
/** Photoshop's image resources in TIFF. */
const IMAGE_RESOURCES = 0x8649;
const TEXT_TAGS: ReadonlySet<number> = new Set([USER_COMMENT, XMP, IPTC, IMAGE_RESOURCES]);
/** Programs write three. */
const MAX_DIRECTORIES = 64;
/** 0x9c9b to 0x9c9f: title, comment, author, keywords and subject as Windows keeps them, in UTF-16. */
const isWindowsText = (tag: number): boolean => tag >= 0x9c9b && tag <= 0x9c9f;

/**
 * The texts in Exif data: a small TIFF file without a picture. Thumbnails are left alone. Of data that isn't such a file,
 * or points beyond its end, every run of letters is read.
 * @throws TooLarge
 */
export function readExif(bytes: Buffer): Exif {
  const source = tiffSource(bytes);
  if (source === undefined) return { lines: [printableRuns(bytes)], orientation: 1 };
  const { lines, orientation, whole } = readDirectories(source, [source.firstIfd]);
  const thumbnail = readDirectories(source, ofThumbnail(source));
  const all = [...lines, ...thumbnail.lines];
  return { lines: whole && thumbnail.whole ? all : [...all, printableRuns(bytes)], orientation };
}

/** The directory behind the first says what the thumbnail is, in words too. Cameras may leave anything in its place. */
function ofThumbnail(source: TiffSource): readonly number[] {
  const next = readIfd(source, source.firstIfd)?.next ?? 0;
  return readIfd(source, next) === undefined ? [] : [next];
}

/**
 * The texts in what a directory of TIFF points to besides its picture. Where it points beyond the end, the letters of
 * the whole file are no help: there are pictures in it.
 * @throws TooLarge
 */
export function readExifOf(
  source: TiffSource,
  entries: readonly TiffEntry[],
): { readonly lines: readonly string[]; readonly end: number } {
  const { lines, end } = readDirectories(source, subDirectories(entries));
  return { lines: [...position(entries), ...lines], end };
}

const SUB_DIRECTORIES: ReadonlySet<number> = new Set([
  EXIF_DIRECTORY,
  GPS_DIRECTORY,
  INTEROPERABILITY_DIRECTORY,
]);

function subDirectories(entries: readonly TiffEntry[]): readonly number[] {
  return entries.filter(({ tag }) => SUB_DIRECTORIES.has(tag)).map((entry) => entry.numbers()[0] ?? 0);
}

interface ExifDirectories extends Exif {
  /** All values were within the file. */
  readonly whole: boolean;
  /** Offset behind the last of them. */
  readonly end: number;
}

/** @throws TooLarge */
function readDirectories(source: TiffSource, first: readonly number[]): ExifDirectories {
  const lines: string[] = [];
  let orientation = 1;
  let whole = true;
  let end = 0;
  // Each but once, and in order of its first mention: a set goes on with what is added to it.
  const waiting = new Set(first);
  let read = 0;
  for (const at of waiting) {
    if (++read > MAX_DIRECTORIES) throw new TooLarge('a picture has too many directories of Exif data');
    const directory = readIfd(source, at);
    const entries = directory?.entries ?? [];
    if (directory?.whole !== true) whole = false;
    end = Math.max(end, directory?.end ?? 0);
    for (const line of textsOf(source, entries)) lines.push(line);
    for (const offset of subDirectories(entries)) waiting.add(offset);
    orientation = entries.findLast(({ tag }) => tag === ORIENTATION)?.numbers()[0] ?? orientation;
    lines.push(...position(entries));
  }
  return { lines, orientation, whole, end };
}

/** The texts among the entries of one directory. @throws TooLarge */
export function textsOf(source: TiffSource, entries: readonly TiffEntry[]): readonly string[] {
  const { room } = source;
  return entries
    .filter((entry) => isText(entry) || isWords(source, entry))
    .flatMap((entry) => {
      const bytes = entry.bytes();
      room.left -= bytes.length;
      if (room.left < 0) throw new TooLarge('the texts of a picture are longer than it');
      if (entry.tag === XMP) return [xmpText(asText(bytes))];
      // Moments and references of one letter are for programs.
      if (entry.type === ASCII || entry.type === UTF8)
        return [asText(bytes).replace(/^\d{4}(?::\d\d){2}(?: \d\d(?::\d\d){2})?$|^.$/, '')];
      if (entry.tag === IPTC) return readIptc(bytes);
      if (entry.tag === IMAGE_RESOURCES) return readImageResources(bytes);
      if (isWindowsText(entry.tag)) return [bytes.toString('utf16le').replaceAll('\0', '').trim()];
      const isComment =
        entry.type === UNDEFINED && (entry.tag === USER_COMMENT || CHARSET.test(headOf(bytes)));
      if (isComment) return [userComment(source, bytes)];
      // Bytes of a text tag of its own are no words by themselves.
      return TEXT_TAGS.has(entry.tag) ? [] : [asText(bytes)];
    })
    .filter((line) => line !== '');
}

function isText({ tag, type }: TiffEntry): boolean {
  return type === ASCII || type === UTF8 || TEXT_TAGS.has(tag) || isWindowsText(tag);
}

/** Versions are shorter. */
const LEAST_WORDS = 6;

/**
 * Words in a type that isn't for them, which many programs show all the same: no control characters, but for zeros behind
 * them, or for the name of their character set before them.
 * @throws TooLarge
 */
function isWords({ looks }: TiffSource, entry: TiffEntry): boolean {
  if (entry.type !== BYTE && entry.type !== UNDEFINED) return false;
  const bytes = entry.bytes();
  if (CHARSET.test(headOf(bytes))) return true;
  let at = 0;
  while (at < bytes.length && isPrintable(bytes[at] ?? 0)) at += 1;
  const words = at;
  if (words >= LEAST_WORDS) while (at < bytes.length && bytes[at] === 0) at += 1;
  looks.left -= at;
  if (looks.left < 0) throw new TooLarge('the values of a picture are longer than it');
  return at === bytes.length && words >= LEAST_WORDS;
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** What Exif puts before a text that may be in any character set (Exif 2.32, 4.6.5). */
const CHARSET = /^(?:ASCII\0\0\0|UNICODE\0|JIS\0{5})/;

function headOf(bytes: Buffer): string {
  return bytes.toString('latin1', 0, 8);
}

/** Exif 2.32, 4.6.5: eight bytes name the character set. */
function userComment(source: TiffSource, bytes: Buffer): string {
  const charset = bytes.toString('latin1', 0, 8);
  const body = bytes.subarray(8);
  if (!charset.startsWith('UNICODE')) return asText(body);
  const even = Buffer.from(body.subarray(0, body.length & ~1));
  return (source.littleEndian ? even : even.swap16()).toString('utf16le').replaceAll('\0', '').trim();
}

/** Where a picture was taken says where somebody lives. */
function position(entries: readonly TiffEntry[]): readonly string[] {
  const degrees = (tag: number): string | undefined => {
    const [d, m = 0, s = 0] = entries.find((entry) => entry.tag === tag)?.numbers() ?? [];
    return d === undefined ? undefined : (d + m / 60 + s / 3600).toFixed(6);
  };
  const latitude = degrees(2);
  const longitude = degrees(4);
  return latitude !== undefined && longitude !== undefined ? [`GPS: ${latitude}, ${longitude}`] : [];
}
