import type { Confidence } from '../../../model/inspection.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskSecret } from '../masks.js';
import type { Hit } from '../patterns.js';

/** A key with its armour is shorter, in characters. */
const LONGEST_KEY = 16_384;

/** Hits around which more text is read; with more of them in one text, all the others count as they are. */
const LOOKED_INTO = 64;

const ARMOUR_END = /END (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g;

/**
 * How bare base64 of a private key goes on behind its length: DER of PKCS #1, PKCS #8 and SEC 1, and OpenSSH's magic.
 * What stands before the clue is checked by the judge, because clues of few and rare characters are found fast.
 */
const BARE: readonly (readonly [clue: string, before: RegExp, rest: string])[] = [
  ['IBAAK', /MI[A-Za-z0-9+/]{4}$/, '[BC][A-Za-z0-9+/]{60}'],
  ['IBADAN', /MI[A-Za-z0-9+/]{4}$/, 'Bgkqhki[A-Za-z0-9+/]{60}'],
  ['IGHAgE', /M$/, 'AMBMGByqGSM49[A-Za-z0-9+/]{60}'],
  ['HcCAQE', /M$/, 'E[A-Za-z0-9+/]{60}'],
  ['C4CAQA', /M$/, 'wBQYDK2V[A-Za-z0-9+/]{44}'],
  ['3Blbn', /b$/, 'NzaC1rZXktdjE[A-Za-z0-9+/]{60}'],
];

/**
 * Private keys as text: PEM and OpenPGP armour (also with escaped line breaks, as in JSON), SSH2 and PuTTY files, age
 * identities, JSON web keys, .NET's XML, and the base64 of the usual kinds without armour. Sources: RFC 7468 sections
 * 10, 11; RFC 9580 section 6.2; RFC 8017 appendix A; RFC 5915; RFC 7517; OpenSSH PROTOCOL.key; PuTTY manual appendix
 * C; age specification.
 */
export const privateKey: Detector = {
  info: {
    name: 'private-key',
    class: 'credential',
    description: 'Private key: PEM, OpenPGP, SSH, PuTTY, age, JSON web key',
    source:
      'RFC 7468; RFC 9580 section 6.2; RFC 8017; RFC 7517; OpenSSH PROTOCOL.key; PuTTY manual appendix C',
  },
  patterns: [
    ...near({ literal: 'BEGIN ' }, [
      'BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}(?:[\\s>|]|\\\\{1,2}[nr]){0,8}[A-Za-z0-9+/=:, -]{0,160}',
    ]),
    ...near({ literal: 'PuTTY-' }, ['PuTTY-User-Key-File-[0-9]: [a-z0-9@.-]{1,40}']),
    ...near({ literal: 'AGE-SE' }, ['AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{40,4000}']),
    ...near({ literal: '"d"' }, ['"d" ?: ?"[A-Za-z0-9_-]{40,800}"']),
    ...near({ literal: 'RSAKey' }, ['RSAKeyValue>']),
    ...BARE.flatMap(([clue, , rest]) => near({ literal: clue }, [clue + rest])),
  ],
  judge: (hits, { text }) => {
    const ends = hits.some((hit) => hit.text.startsWith('BEGIN '))
      ? [...text.matchAll(ARMOUR_END)].map((match) => match.index + match[0].length)
      : [];
    let next = 0;
    return hits.flatMap((hit, index): readonly Sighting[] => {
      if (!hit.text.startsWith('BEGIN ')) return unarmoured(hit, text, index < LOOKED_INTO);
      const dashes = /-{4,5} ?$/.exec(text.slice(Math.max(0, hit.start - 6), hit.start));
      if (dashes === null) return [];
      while (next < ends.length && (ends[next] ?? 0) <= hit.start) next++;
      const close = ends[next] ?? 0;
      const whole = close > hit.end && close - hit.start <= LONGEST_KEY;
      const confidence = hasKey(hit.text) ? 'high' : 'low';
      const end = confidence === 'high' && whole ? close : hit.end;
      return [sighting(hit.start - dashes[0].length, end, confidence, text)];
    });
  },
  mask: maskSecret,
};

/** A header alone is a sentence about keys; what follows it makes it one. */
function hasKey(armoured: string): boolean {
  const body = armoured
    .slice(armoured.indexOf('KEY') + 3)
    .replace(/^(?: BLOCK)? ?-+(?:[\s>|]|\\{1,2}[nr])*/, '');
  return /^[A-Za-z0-9+/=]{16}/.test(body) || /^[A-Z][A-Za-z-]+: /.test(body);
}

function unarmoured({ start, end, text: matched }: Hit, text: string, closely: boolean): readonly Sighting[] {
  if (matched.startsWith('AGE-') || !closely) return [sighting(start, end, 'high', text)];
  if (matched.startsWith('PuTTY-')) {
    const section = /\nPrivate-Lines: (\d{1,3})((?:\r?\n[^\n]{1,80}){0,200})/.exec(
      text.slice(end, end + LONGEST_KEY),
    );
    if (section === null) return [sighting(start, end, 'low', text)];
    const lines =
      section[2]
        ?.match(/\n[^\n]*/g)
        ?.slice(0, Number(section[1]))
        .join('').length ?? 0;
    const keyAt = end + section.index + section[0].length - (section[2]?.length ?? 0);
    return [sighting(start, keyAt + lines, 'high', text)];
  }
  if (matched.startsWith('"d"')) {
    const around = text.slice(Math.max(0, start - 2000), end + 2000);
    return around.includes('"kty"') ? [sighting(start, end, 'high', text)] : [];
  }
  if (matched.startsWith('RSAKey')) {
    const factor = /<D>[A-Za-z0-9+/=\s]{40,1000}<\/D>/.exec(text.slice(end, end + 8000));
    return factor === null ? [] : [sighting(start, end + factor.index + factor[0].length, 'high', text)];
  }
  const before = text.slice(Math.max(0, start - 8), start);
  const kind = BARE.find(([clue, expected]) => matched.startsWith(clue) && expected.test(before));
  if (kind === undefined) return [];
  const rest = BASE64_LINES.exec(text.slice(end, end + LONGEST_KEY))?.[0].length ?? 0;
  return [sighting(start - (kind[1].exec(before)?.[0].length ?? 0), end + rest, 'high', text)];
}

/** The rest of a line, lines of the usual lengths, and a shorter one that ends them. */
const BASE64_LINES =
  /^[A-Za-z0-9+/=]*(?:\r?\n[A-Za-z0-9+/=]{60,80}(?=\s|$))*(?:\r?\n[A-Za-z0-9+/]{1,79}={1,2}(?=\s|$))?/;

function sighting(start: number, end: number, confidence: Confidence, text: string): Sighting {
  const from = Math.max(0, start);
  return { start: from, end, value: text.slice(from, end), confidence };
}
