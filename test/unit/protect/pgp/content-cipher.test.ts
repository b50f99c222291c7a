import { describe, expect, it } from 'vitest';
import { contentCipherV2 } from '../../../../src/protect/pgp/content-cipher.js';
import { aesKeyWrap, deriveNativeKey } from '../../../../src/protect/pgp/wrap-session-key.js';

const bytes = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');
const hexOf = (value: Uint8Array): string => Buffer.from(value).toString('hex');

describe('the example of RFC 9580 A.8', () => {
  const sessionKey = bytes('dd 70 8f 6f a1 ed 65 11 4d 68 d2 34 3e 7c 2f 1d');

  it('A.8.2: the session key, wrapped for X25519', () => {
    const kek = deriveNativeKey(
      'X25519',
      bytes('87cf18d5f1b53f817cce5a004cf393cc8958bddc065f25f84af509b17dd36764'),
      bytes('8693248367f9e5015db922f8f48095dda784987f2d5985b12fbad16caf5e4435'),
      bytes('67e30e69cdc7bab2a2680d78aca46a2f8b6e2ae44d398bdc6f92c5ad4a492514'),
    );
    expect(hexOf(kek)).toBe('f66dadcff64592239b254539b64ff607');
    expect(hexOf(aesKeyWrap(kek, sessionKey))).toBe('dea355437956617901e06957fbca8a6a47a5b5153e8d3ab7');
  });

  // A literal and a padding packet.
  const plain = bytes('cb1362000000000048656c6c6f2c20776f726c6421 d50ec5a293072991628147d72c8f86b7');
  it.each([1, 5, 37])('A.8.3: the encrypted data, given in pieces of %s', (size) => {
    const salt = bytes('616416535be0b0716d60e052a56c4c407f9eb36b0efafe9ad0a0df9b033c69a2');
    const cipher = contentCipherV2(sessionKey, salt, 6);
    const body = [cipher.head];
    for (let at = 0; at < plain.length; at += size) body.push(cipher.update(plain.subarray(at, at + size)));
    body.push(cipher.final());
    expect(hexOf(Buffer.concat(body))).toBe(
      hexOf(
        bytes(`02 07 02 06 616416535be0b0716d60e052a56c4c407f9eb36b0efafe9ad0a0df9b033c69a2
          1ba9ebd2c0ec95bf569d25c999ee4a3de17058f40dfa8b4c682be3fbbbd7b27eb0f59bb500
          5f80c7c6f40388c30ad406ab0513dcd6 f9fd737656286e1177d00f888adb31c4`),
      ),
    );
  });
});

describe('AES key wrap', () => {
  it.each([
    [
      'RFC 3394 4.1',
      '000102030405060708090a0b0c0d0e0f',
      '00112233445566778899aabbccddeeff',
      '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5',
    ],
    [
      'RFC 3394 4.6',
      '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      '00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f',
      '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
    ],
  ])('%s', (_, kek, key, wrapped) => {
    expect(hexOf(aesKeyWrap(bytes(kek), bytes(key)))).toBe(wrapped);
  });
});
