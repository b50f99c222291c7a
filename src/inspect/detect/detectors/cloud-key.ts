import type { Confidence } from '../../../model/inspection.js';
import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskSecret } from '../masks.js';
import type { Hit } from '../patterns.js';
import { SERVICE_TOKENS } from '../token-forms.js';

/** Kinds of AWS access key IDs. */
const AWS_PREFIXES = ['AKIA', 'ASIA', 'ABIA', 'ACCA'];

/** What documentation writes in the place of a key. */
const PLACEHOLDER = /example|sample|placeholder|x{6}|X{6}|\.{3}|\*{3}|0{12}|your[_-]|redacted/i;

/**
 * Access keys and tokens with a published prefix, connection strings of Azure, web hooks, and JSON web tokens.
 * Sources: the issuers' documentation of their token formats (`token-forms.ts`); RFC 7519.
 */
export const cloudKey: Detector = {
  info: {
    name: 'cloud-key',
    class: 'credential',
    description:
      'Access key or token of a cloud service (AWS, Azure, Google, GitHub, GitLab, Slack, Stripe, and others), or a JSON web token',
    source: "The issuers' documentation of their token formats; RFC 7519",
  },
  patterns: [
    ...AWS_PREFIXES.flatMap((prefix) =>
      near({ literal: prefix }, [`(?-u:\\b)${prefix}[A-Z2-7]{16}(?-u:\\b)`]),
    ),
    ...near({ literal: 'AIza' }, ['(?-u:\\b)AIza[0-9A-Za-z_-]{35}']),
    ...near({ word: 'token' }, [`(?-u:\\b)(?:${SERVICE_TOKENS.join('|')})`]),
    // Client secrets of Microsoft Entra: four characters before the clue belong to them.
    ...near({ literal: 'Q~' }, ['Q~[A-Za-z0-9_~.-]{31,34}']),
    // Tokens of Telegram's bots.
    ...near({ number: [8, 10] }, ['(?-u:\\b)[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?-u:\\b)']),
    // JSON web tokens: their first part stands before the clue.
    ...near({ literal: '.eyJ' }, ['\\.eyJ[A-Za-z0-9_-]{8,3000}\\.[A-Za-z0-9_-]{16,1000}']),
  ],
  judge: (hits, { text }) =>
    hits.flatMap((hit) => {
      const whole = completed(hit, text);
      const confidence = whole && rate(whole, text);
      if (whole === undefined || confidence === undefined) return [];
      return [{ start: whole.start, end: whole.end, value: whole.text, confidence }];
    }),
  mask: maskSecret,
};

/** The token with what stands before its clue; undefined where that is something else. */
function completed(hit: Hit, text: string): Hit | undefined {
  const before = hit.text.startsWith('Q~')
    ? ENTRA
    : hit.text.startsWith('.eyJ')
      ? WEB_TOKEN_HEADER
      : undefined;
  if (before === undefined) return hit;
  const first = before.exec(text.slice(Math.max(0, hit.start - LONGEST_HEADER), hit.start))?.[0];
  if (first === undefined || (before === WEB_TOKEN_HEADER && !isWebTokenHeader(first))) return undefined;
  return { start: hit.start - first.length, end: hit.end, text: first + hit.text };
}

const LONGEST_HEADER = 600;
const ENTRA = /(?<![\w~.-])[A-Za-z0-9_~.-]{3}\d$/;
const WEB_TOKEN_HEADER = /(?<![\w-])eyJ[\w-]{8,590}$/;

/** JSON that names an algorithm. */
function isWebTokenHeader(part: string): boolean {
  const header = Buffer.from(part, 'base64url').toString('latin1');
  return header.startsWith('{') && header.includes('"alg"');
}

function rate(hit: Hit, text: string): Confidence | undefined {
  const aws = /^A[A-Z]{2}A/.test(hit.text);
  if (!aws && !/\d/.test(hit.text) && !/=/.test(hit.text)) return undefined;
  if (PLACEHOLDER.test(hit.text)) return 'low';
  if (/^(?:sk|rk)_test_/.test(hit.text)) return 'medium';
  if (!hit.text.startsWith('eyJ')) return 'high';
  // In links of newsletters such tokens say who reads, and open nothing else.
  return /[?&/#][\w-]{0,24}=?$/.test(text.slice(Math.max(0, hit.start - 28), hit.start)) ? 'low' : 'medium';
}
