import { describe, expect, it } from 'vitest';
import { cipherListProblem } from '../../../src/config/cipher-list.js';
import { DEFAULT_CIPHERS } from '../../../src/config/schema.js';

describe('a cipher list', () => {
  it.each([
    DEFAULT_CIPHERS,
    'DEFAULT',
    'HIGH:!aNULL:!MD5:!RC4:!3DES',
    'ECDHE+AESGCM:DHE+AESGCM:@SECLEVEL=2',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-CHACHA20-POLY1305',
    'HIGH:-SHA1:+kRSA:@STRENGTH',
  ])('is accepted: %s', (list) => {
    expect(cipherListProblem(list)).toBeUndefined();
  });

  it.each([
    ['NULL', /NULL stands for/],
    ['NULL-SHA256:@SECLEVEL=0', /NULL stands for/],
    ['HIGH:eNULL', /eNULL stands for/],
    ['aNULL', /aNULL stands for/],
    ['ADH-AES128-SHA256', /ADH stands for/],
    ['AECDH-NULL-SHA', /AECDH stands for/],
    ['ECDHE+NULL', /NULL stands for/],
    ['ECDHE-RSA-NULL-SHA', /NULL stands for/],
    ['EXPORT', /EXPORT stands for/],
    ['EXP-RC4-MD5', /EXP stands for/],
    ['HIGH:RC4', /RC4 stands for/],
    ['MD5', /MD5 stands for/],
    ['DES-CBC3-SHA', /DES stands for/],
    ['COMPLEMENTOFALL', /COMPLEMENTOFALL stands for/],
    ['TLS_NULL_WITH_NULL_NULL', /NULL stands for/],
    ['HIGH:@SECLEVEL=0', /@SECLEVEL=0/],
    ['HIGH:@SECLEVEL=9', /only @STRENGTH/],
    ['HIGH:@NONSENSE', /only @STRENGTH/],
    ['HIGH NULL', /colon/],
    ['HIGH,NULL', /colon/],
    ['HIGH;NULL', /colon/],
    ['HIGH::DEFAULT', /empty/],
    ['', /empty/],
    ['ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA348', /contains ECDHE-RSA-AES256-GCM-SHA348/],
    ['TLS_AES_128_GCM_SHA256:TLS_NONE', /contains TLS_NONE/],
    ['nonsense', /not known/],
    ['@STRENGTH', /no suite/],
    ['HIGH:!ALL', /no suite/],
  ])('is refused: %s', (list, reason) => {
    expect(cipherListProblem(list)).toMatch(reason);
  });
});
