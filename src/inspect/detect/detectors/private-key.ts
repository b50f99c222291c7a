import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskSecret } from '../masks.js';

/** PEM and OpenPGP private keys. Source: RFC 7468 sections 10, 11; RFC 9580 section 6.2. */
export const privateKey: Detector = {
  info: {
    name: 'private-key',
    class: 'credential',
    description: 'Private key in PEM or OpenPGP armour',
    source: 'RFC 7468; RFC 9580 section 6.2',
  },
  patterns: near({ literal: '-----BEGIN' }, [
    '-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----\\s{1,4}[A-Za-z0-9+/=:, -]{0,160}',
  ]),
  judge: (hits) =>
    hits.map((hit) => ({
      start: hit.start,
      end: hit.end,
      value: hit.text,
      // A header alone is a sentence about keys; what follows it makes it one.
      confidence:
        /-----\s+[A-Za-z0-9+/=]{16}/.test(hit.text) || /-----\s+[A-Z][A-Za-z-]+: /.test(hit.text)
          ? 'high'
          : 'low',
    })),
  mask: maskSecret,
};
