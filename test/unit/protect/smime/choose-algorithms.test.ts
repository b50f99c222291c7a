import { describe, expect, it } from 'vitest';
import { chooseCipher, chooseKeyTransport } from '../../../../src/protect/smime/choose-algorithms.js';

const AES256_CBC = '2.16.840.1.101.3.4.1.42';
const AES256_GCM = '2.16.840.1.101.3.4.1.46';
const AES128_CBC = '2.16.840.1.101.3.4.1.2';
const TRIPLE_DES = '1.2.840.113549.3.7';
const AUTH_ENVELOPED = '1.2.840.113549.1.9.16.1.23';
const OAEP = '1.2.840.113549.1.1.7';
const RSA = '1.2.840.113549.1.1.1';

describe('chooseCipher', () => {
  it.each([
    ['nothing is known', undefined, 'default'],
    ['an empty list', [], 'default'],
    ['only key encryption', [RSA, OAEP], 'default'],
    ['only what is unknown', ['1.2.3.4'], 'default'],
    ['GCM', [AES256_GCM], 'aes-256-gcm'],
    ['GCM behind CBC', [AES256_CBC, AES256_GCM], 'aes-256-gcm'],
    ['AuthEnvelopedData', [AES256_CBC, AUTH_ENVELOPED], 'aes-256-gcm'],
    ['CBC only', [AES256_CBC], 'aes-256-cbc'],
    ['weak ciphers only, which are never used', [TRIPLE_DES, AES128_CBC], 'aes-256-cbc'],
  ])('with %s', (_, capabilities, chosen) => {
    for (const fallback of ['aes-256-cbc', 'aes-256-gcm'] as const)
      expect(chooseCipher(capabilities, fallback)).toBe(chosen === 'default' ? fallback : chosen);
  });
});

describe('chooseKeyTransport', () => {
  it.each([
    [undefined, 'rsa-pkcs1', 'rsa-pkcs1'],
    [undefined, 'rsa-oaep', 'rsa-oaep'],
    [[RSA], 'rsa-oaep', 'rsa-oaep'],
    [[AES256_GCM, OAEP], 'rsa-pkcs1', 'rsa-oaep'],
  ] as const)('with %j and the default %s it is %s', (capabilities, fallback, chosen) => {
    expect(chooseKeyTransport(capabilities, fallback)).toBe(chosen);
  });
});
