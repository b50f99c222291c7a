import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskSecret } from '../masks.js';

const PLACEHOLDER =
  /^(?:\*+|x+|\.+|_+|<[^>]*>?|\[[^\]]*\]?|\{[^}]*\}?|\$\{?\w*\}?|%\w*%?|required|expired|reset|changed|incorrect|invalid|password|protected|never|hidden|none|null|same|unchanged|above|below|sent|separately)[.,;!]?$/i;

/**
 * A line that gives away a password: the label, a colon, equals sign or "is", and a word that mixes kinds of
 * characters. Source: our own rule, after CWE-522 and the generic-secret rules of public secret scanners.
 */
export const passwordLine: Detector = {
  info: {
    name: 'password-line',
    class: 'credential',
    description: 'Password written next to its label',
    source: 'CWE-522',
  },
  patterns: near({ word: 'password' }, [
    '(?i)(?-u:\\b)(?:password|passwd|pwd|passphrase|api[_ -]?key|secret[_ -]?(?:access[_ -]?)?key|client[_ -]?secret|access[_ -]?token)[ \\t"\\x27]{0,3}(?:is[ \\t:]|:|=)[ \\t"\\x27]{0,3}[^\\s"\\x27<>]{6,128}',
  ]),
  judge: (hits) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const secret = (/[^\s"':=]+$/.exec(hit.text)?.[0] ?? '').replace(/[.,;)]$/, '');
      if (secret.length < 6 || PLACEHOLDER.test(secret)) return [];
      const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(secret)).length;
      const start = hit.start + hit.text.lastIndexOf(secret);
      const confidence = kinds >= 3 || (kinds === 2 && /\d/.test(secret)) ? 'medium' : 'low';
      return [{ start, end: start + secret.length, value: secret, confidence }];
    }),
  mask: maskSecret,
};
