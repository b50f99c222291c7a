import { createPublicKey, type KeyObject } from 'node:crypto';
import { rememberedOf } from '../../shared/remembered.js';
import { BOUNDS } from './bounds.js';
import { bitLength, concat } from './cursor.js';
import { MalformedKey } from './malformed.js';
import type { PublicKey } from './public-key.js';

/**
 * The key for node:crypto, which also checks that points are on their curve.
 * @throws MalformedKey
 */
export const nodeKey: (key: PublicKey) => KeyObject = rememberedOf(importKey);

function importKey(key: PublicKey): KeyObject {
  const { numbers } = key;
  try {
    if (numbers.kind === 'refused') throw new MalformedKey(numbers.why);
    if (numbers.kind === 'rsa') {
      // Before anything is computed with it: such numbers cost seconds.
      if (numbers.e.length > 8 || bitLength(numbers.n) > BOUNDS.rsaBits)
        throw new MalformedKey('an RSA key in it is malformed');
      const [n, e] = [numbers.n, numbers.e].map((value) => Buffer.from(value).toString('base64url'));
      if (n === undefined || e === undefined) throw new MalformedKey('an RSA key in it is malformed');
      return createPublicKey({ format: 'jwk', key: { kty: 'RSA', n, e } });
    }
    const { curve, point } = numbers;
    // SubjectPublicKeyInfo of RFC 5480 2 or RFC 8410 4.
    const algorithm =
      curve.spkiOid === undefined
        ? concat(der(6, EC_PUBLIC_KEY), der(6, Buffer.from(curve.oid, 'hex')))
        : der(6, Buffer.from(curve.spkiOid, 'hex'));
    const bits = curve.spkiOid === undefined ? concat(Uint8Array.of(0, 4), point) : concat(ZERO, point);
    const spki = der(0x30, concat(der(0x30, algorithm), der(3, bits)));
    return createPublicKey({ format: 'der', type: 'spki', key: Buffer.from(spki) });
  } catch (thrown) {
    if (thrown instanceof MalformedKey) throw thrown;
    throw new MalformedKey('a key in it is not valid for its algorithm', { cause: thrown });
  }
}

const ZERO = Uint8Array.of(0);
const EC_PUBLIC_KEY = Buffer.from('2a8648ce3d0201', 'hex');

/** Contents here are below 256 bytes. */
function der(tag: number, content: Uint8Array): Uint8Array {
  const length = content.length < 128 ? [content.length] : [0x81, content.length];
  return concat(Uint8Array.of(tag, ...length), content);
}
