import type { TextKey, Texts } from '../texts.js';

const NAMES: readonly (readonly [RegExp, TextKey])[] = [
  [/^application\/pdf$/, 'type.pdf'],
  [/^image\//, 'type.image'],
  [/wordprocessingml|opendocument\.text|^application\/(?:msword|rtf)$/, 'type.document'],
  [/spreadsheetml|opendocument\.spreadsheet|^application\/vnd\.ms-excel$|^text\/csv$/, 'type.sheet'],
  [/presentationml|opendocument\.presentation|^application\/vnd\.ms-powerpoint$/, 'type.slides'],
  [/^application\/(?:zip|x-7z-compressed|vnd\.rar|x-tar|gzip)$/, 'type.archive'],
  [/^text\/calendar$/, 'type.calendar'],
  [/^text\//, 'type.text'],
  [/^audio\//, 'type.audio'],
  [/^video\//, 'type.video'],
  [/^message\/rfc822$/, 'type.mail'],
];

/** What kind of file a declared media type says it is, in words; a claim of the sender, like the file's name. */
export function typeText(mediaType: string, t: Texts): string {
  return t(NAMES.find(([pattern]) => pattern.test(mediaType))?.[1] ?? 'type.other');
}
