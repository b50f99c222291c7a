import type { KindFound } from '../keys/types.js';
import type { Availability } from '../model/availability.js';
import type { KeyFacts, KeyRefusal } from '../model/key.js';

/** Whether a method can be used with the keys that were found, and with which. */
export function keyAvailability({ usable, refused }: KindFound): Availability {
  const [first] = usable;
  const refusedKeys = refused.length === 0 ? {} : { refusedKeys: refused };
  if (first === undefined) return { available: false, reason: noKey(refused), ...refusedKeys };
  return {
    available: true,
    note: keyWords(first.facts),
    keys: usable.map((one) => one.facts),
    ...refusedKeys,
  };
}

/** A key in words, e.g. `key 0A1B… (X25519, from wkd)`. */
export function keyWords({ fingerprint, algorithm, source, revocation }: KeyFacts): string {
  const status = {
    good: '',
    vouched: ', vouched for by a person or its CA',
    undetermined: ', revocation not found out',
  };
  return `key ${fingerprint} (${algorithm}, ${source === 'imported' ? 'imported' : `from ${source}`}${status[revocation]})`;
}

/** A refused key or source in words. */
export function refusalWords({ fingerprint, source, reason }: KeyRefusal): string {
  return `${fingerprint === undefined ? source : `key ${fingerprint} (${source})`}: ${reason}`;
}

function noKey(refused: readonly KeyRefusal[]): string {
  if (refused.length === 0) return 'no usable key';
  return `no usable key (${refused.map(refusalWords).join('; ')})`;
}
