import type { Confidence } from '../../../model/inspection.js';
import { asciiShadow } from '../ascii-shadow.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskSecret } from '../masks.js';
import type { Hit } from '../patterns.js';

/** Stands for a secret where none is. */
const PLACEHOLDER =
  /^(?:[*x._•●-]+|<[^>]*>?|\[[^\]]*\]?|\{+[^}]*\}*|\(.*|\$\{?\w*\}?|\$\(.*|%\w*%?|required|expired|reset|changed|incorrect|invalid|password|protected|never|hidden|none|null|undefined|true|false|same|unchanged|above|below|sent|separately|your[_-]?\w*|my[_-]?\w*|(?:example|changeme|secret|redacted|masked)\w*)$/i;

/** What follows a colon in prose about passwords: places, times, and labels of the next field. */
const ELSEWHERE =
  /^(?:https?:|www\.|mailto:|\/\/)|:$|^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$|^\d{1,4}([/.-])\d{1,2}\1\d{1,4}$/i;

const WORDS = [
  'pass(?:word|wd|phrase|wort|ord)',
  'p(?:s?wd|swrd|ass|w)',
  'kennwort|contrasena|clave(?: de acceso)?|mot[ _-]de[ _-]passe|mdp|senha|palavra[- ]passe|wachtwoord|losenord',
  'adgangskode|salasana|haslo|heslo|parola?|jelszo|sifre|lozinka|geslo',
  '(?:api|secret|access|auth|account|shared[ _-]?access|encryption|signing|client)[_ -]?(?:secret|token|key)(?:[_ -]?key)?',
  'secret[ _-]?access[ _-]?key|private[_ -]?key|refresh[_ -]?token|webhook[_ -]?secret|secret|token',
].join('|');

/** Between label and secret: quotes, a remark, and a sign or word that says "is". */
const SAYS =
  '["\\x27`*]{0,2}[ \\t]{0,3}(?:\\([^)\\n]{1,40}\\)[ \\t]{0,2})?(?:(?:for|to) [^\\s:=]{1,24}(?: [^\\s:=]{1,24}){0,4}[ \\t]{0,2})?(?:(?:is|was|to|ist|lautet|est|es|sera|er|ar|on)(?:[ \\t]{0,2}:|[ \\t])|:=?|=>?|->|>)[ \\t]{0,4}\\n?[ \\t]{0,4}["\\x27`*]{0,3}';
const SECRET = '[^\\s"\\x27<>`]{6,200}';

/** Forms that say what they are without a sign between label and secret. */
const UNLABELLED = [
  `(?:password|passwd|pwd|passphrase|token|secret|api-key|access-token) ["\\x27]?${SECRET}`,
  'machine [^\\s]{1,100}\\s{1,3}login [^\\s]{1,64}\\s{1,3}password [^\\s]{4,128}',
  'curl [^\\n]{0,160}(?:-u|--user) ["\\x27]?[^\\s:]{1,64}:[^\\s"\\x27]{4,128}',
  'authorization["\\x27]?[ \\t]{0,2}:[ \\t]{0,2}["\\x27]?(?:basic|bearer|token) [A-Za-z0-9+/._~=-]{12,2000}',
  'bearer [A-Za-z0-9+/._~=-]{20,2000}',
];

const LABELLED = `(?:${WORDS})${SAYS}`;
const PREFIX = new RegExp(`^_?${LABELLED}`, 'i');

/**
 * A line that gives away a password: the label in one of several languages, a sign or word that says what it is, and a
 * word that mixes kinds of characters. Also settings and options (`DB_PASSWORD=`, `--password`), user and password in a
 * URL, and headers of HTTP authentication. Sources: CWE-522, CWE-798; RFC 3986 section 3.2.1; RFC 7617; RFC 6750.
 */
export const passwordLine: Detector = {
  info: {
    name: 'password-line',
    class: 'credential',
    description: 'Password next to its label, in a setting, a URL or an HTTP header',
    source: 'CWE-522; CWE-798; RFC 3986 section 3.2.1; RFC 7617; RFC 6750',
  },
  patterns: [
    ...near({ word: 'password' }, [
      `(?i)(?-u:\\b)${LABELLED}${SECRET}`,
      `(?i)(?-u:\\b)(?:${UNLABELLED.join('|')})`,
    ]),
    // Names of settings: the word the label begins with is not the first of the name.
    ...near({ literal: '_' }, [`(?i)_${LABELLED}${SECRET}`]),
    ...near({ literal: '://' }, [
      '://[^\\s/:@"\\x27<>?#]{0,64}:[^\\s/@"\\x27<>?#]{1,128}@[A-Za-z0-9._\\[-]{1,253}',
    ]),
  ],
  judge: (hits, { text }) => hits.flatMap((hit) => judgeOne(hit, text)),
  mask: maskSecret,
};

function judgeOne(hit: Hit, text: string): readonly Sighting[] {
  if (hit.text.startsWith('://')) return inUrl(hit, text);
  if (/^(?:authorization|bearer)\b/i.test(hit.text)) return inHeader(hit);
  if (/^(?:machine|curl) /i.test(hit.text)) {
    const secret = /[^\s:]+$/.exec(hit.text)?.[0] ?? '';
    return at(hit.end - secret.length, secret, 'medium');
  }
  const prefix = PREFIX.exec(asciiShadow(hit.text))?.[0];
  if (prefix === undefined) return asOption(hit, text);
  const secret = hit.text.slice(prefix.length).replace(/[.,;)\]*]+$/, '');
  // On the next line stands the secret, or something else altogether.
  if (prefix.includes('\n') && !/\d/.test(secret)) return [];
  return at(hit.start + prefix.length, secret, saysSecret(prefix) ? rate(secret) : 'low');
}

/** Words with other meanings need a sign behind them; a pass may be one for a car park. */
function saysSecret(prefix: string): boolean {
  if (/^pass\W/i.test(prefix)) return prefix.includes('=');
  return !/^(?:secret|token|clave|parola?)\W/i.test(prefix) || /[:=>]/.test(prefix);
}

/** An option of a command: `--password Xy`; or, right behind the word, what nobody would write but as a password. */
function asOption(hit: Hit, text: string): readonly Sighting[] {
  const secret = /[^\s"']+$/.exec(hit.text)?.[0] ?? '';
  if (!text.slice(Math.max(0, hit.start - 12), hit.start).match(/(?:^|\s)--?(?:[a-z]+-)?$/)) {
    const plain = secret.replace(/[.,;:)\]*]+$/, '');
    return /^pass|^pwd/i.test(hit.text) && isMixed(plain) ? at(hit.end - secret.length, plain, 'medium') : [];
  }
  return at(hit.end - secret.length, secret, rate(secret));
}

/** User and password before the host: the password may be as plain as it likes, for nothing else stands there. */
function inUrl(hit: Hit, text: string): readonly Sighting[] {
  if (!/[A-Za-z][A-Za-z0-9+.-]{1,20}$/.test(text.slice(Math.max(0, hit.start - 24), hit.start))) return [];
  const from = hit.text.indexOf(':', 3) + 1;
  const secret = hit.text.slice(from, hit.text.lastIndexOf('@'));
  const written = PLACEHOLDER.test(secret) || /^(?:pass(?:word|wd)?|pwd|pw|secret|p)$/i.test(secret);
  return written || secret.length < 4
    ? []
    : [
        {
          start: hit.start + from,
          end: hit.start + from + secret.length,
          value: secret,
          confidence: 'medium',
        },
      ];
}

function inHeader(hit: Hit): readonly Sighting[] {
  const secret = /\S+$/.exec(hit.text)?.[0] ?? '';
  if (/basic \S+$/i.test(hit.text)) {
    const decoded = Buffer.from(secret, 'base64').toString('latin1');
    return /^[\x20-\x7e]+:[\x20-\x7e]+$/.test(decoded) ? at(hit.end - secret.length, secret, 'high') : [];
  }
  return at(hit.end - secret.length, secret, /\d/.test(secret) ? 'medium' : 'low');
}

function at(start: number, secret: string, confidence: Confidence): readonly Sighting[] {
  if (secret.length < 4 || PLACEHOLDER.test(secret) || ELSEWHERE.test(secret)) return [];
  return [{ start, end: start + secret.length, value: secret, confidence }];
}

/** Small and capital letters, digits and signs, and no path, date or number with its unit. */
function isMixed(secret: string): boolean {
  return (
    secret.length >= 8 &&
    [/[a-z]/, /[A-Z]/, /\d/, /[!#$%&*+=?@^_~-]/].every((kind) => kind.test(secret)) &&
    !/[/\\]|^[A-Z][a-z]+-\d+$/.test(secret)
  );
}

function rate(secret: string): Confidence {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(secret)).length;
  return secret.length >= 6 && (kinds >= 3 || (kinds === 2 && /\d/.test(secret))) ? 'medium' : 'low';
}
