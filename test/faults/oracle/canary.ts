import type { Place } from './run.js';

/** Spellings in which a canary could have been written or sent. */
export function spellings(canary: string): readonly Buffer[] {
  const texts = new Set([canary, canary.toUpperCase(), canary.replaceAll(/[- ]/g, '')]);
  return [...texts].flatMap((text) => [
    Buffer.from(text),
    Buffer.from(text, 'utf16le'),
    Buffer.from(Buffer.from(text).toString('hex')),
    // In base64 at each of the three offsets, without the characters that its neighbours decide.
    ...[0, 1, 2].map((offset) =>
      Buffer.from(
        Buffer.from('x'.repeat(offset) + text)
          .toString('base64')
          .replace(/=+$/, '')
          .slice(offset + 1, -2),
      ),
    ),
  ]);
}

/** Where a canary stands, by name of the place and offset; its surroundings are not repeated. */
export function findCanaries(places: readonly Place[], canaries: readonly string[]): readonly string[] {
  const wanted = canaries.flatMap((canary) => spellings(canary));
  return places.flatMap(({ name, bytes }) => {
    // Long base64 is broken into lines, quoted-printable with soft ends of lines.
    const joined = Buffer.from(bytes.toString('latin1').replaceAll(/=?\r?\n/g, ''), 'latin1');
    const at = wanted.map((one) => Math.max(bytes.indexOf(one), joined.indexOf(one))).find((i) => i >= 0);
    return at === undefined ? [] : [`${name}, about byte ${at}`];
  });
}
