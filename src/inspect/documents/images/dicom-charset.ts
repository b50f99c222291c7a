/** WHATWG's names for the sets of DICOM by their number (PS3.3 C.12.1.1.2). */
const SETS: Readonly<Record<string, string>> = {
  13: 'shift_jis',
  58: 'gbk',
  87: 'iso-2022-jp',
  100: 'windows-1252',
  101: 'iso-8859-2',
  109: 'iso-8859-3',
  110: 'iso-8859-4',
  126: 'iso-8859-7',
  127: 'iso-8859-6',
  138: 'iso-8859-8',
  144: 'iso-8859-5',
  148: 'windows-1254',
  149: 'euc-kr',
  159: 'iso-2022-jp',
  166: 'windows-874',
  192: 'utf-8',
  203: 'iso-8859-15',
};
/** The escapes that switch to a set of two bytes (PS3.5 6.1.2.5); ISO 2022's for Japanese are known to its decoder. */
const SWITCH = /\x1b(?:\$?[(),-][A-Z0-9]|\$[A-Z])/g;

/**
 * A value in the character set that (0008,0005) names, without control characters. Of several sets the last is taken:
 * the first is ASCII, or much like it.
 * @returns undefined where none is named that is known, or the value is plain ASCII
 */
export function decodedText(value: Buffer, charset: string): string | undefined {
  if (charset === '' || !value.some((byte) => byte > 0x7f || byte === 0x1b)) return undefined;
  const last = charset.split('\\').at(-1)?.trim() ?? '';
  const number = /(\d+)$/.exec(last)?.[1] ?? '';
  const label = /^GB/.test(last) ? 'gb18030' : Object.hasOwn(SETS, number) ? SETS[number] : undefined;
  if (label === undefined) return undefined;
  const bytes =
    label === 'iso-2022-jp' ? value : Buffer.from(value.toString('latin1').replace(SWITCH, ''), 'latin1');
  return new TextDecoder(label)
    .decode(bytes)
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+/g, ' ')
    .trim();
}
