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
 * The sets that are known of those that (0008,0005) names. Of several the last is the one that is switched to: the first is
 * ASCII, or much like it. Readers that switch to none take the first.
 */
export function labelsOf(charset: string): readonly string[] {
  const labels = charset.split('\\').map((name) => labelOf(name.trim()));
  return [...new Set(labels.reverse())].filter((label) => label !== undefined);
}

function labelOf(name: string): string | undefined {
  const number = /(\d+)$/.exec(name)?.[1] ?? '';
  return /^GB/.test(name) ? 'gb18030' : Object.hasOwn(SETS, number) ? SETS[number] : undefined;
}

const ESCAPE = 0x1b;

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/** To make one takes longer than to read a short value. */
function decoderOf(label: string): InstanceType<typeof TextDecoder> {
  const known = decoders.get(label) ?? new TextDecoder(label);
  decoders.set(label, known);
  return known;
}

/** A value in each of these sets, without control characters; none where it is plain ASCII. */
export function decodedTexts(value: Buffer, labels: readonly string[]): readonly string[] {
  if (labels.length === 0 || !value.some((byte) => byte > 0x7f || byte === ESCAPE)) return [];
  return labels.map((label) => {
    const bytes =
      label === 'iso-2022-jp' ? value : Buffer.from(value.toString('latin1').replace(SWITCH, ''), 'latin1');
    return decoderOf(label)
      .decode(bytes)
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+/g, ' ')
      .trim();
  });
}
