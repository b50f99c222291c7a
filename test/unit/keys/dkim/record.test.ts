import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dkimRecordFor, matchesPublished, zoneLine } from '../../../../src/keys/dkim/index.js';
import { makeDkimKey } from '../../../../src/keys/dkim/key.js';

const rsa = await makeDkimKey('rsa', 2048);
const other = await makeDkimKey('rsa', 2048);
const ed25519 = await makeDkimKey('ed25519', 2048);
const place = { domain: 'clinic.example', selector: 's2026a' };

describe('the record of a key', () => {
  it('of RSA is cut into strings that DNS can hold', () => {
    const record = dkimRecordFor({ ...place, spki: rsa.spki });
    expect(record.name).toBe('s2026a._domainkey.clinic.example');
    expect(record.value).toBe(`v=DKIM1; k=rsa; p=${rsa.spki.toString('base64')}`);
    expect(record.strings.length).toBeGreaterThan(1);
    expect(record.strings.join('')).toBe(record.value);
    for (const one of record.strings) expect(one.length).toBeLessThanOrEqual(255);
    expect(zoneLine(record)).toMatch(
      /^s2026a\._domainkey\.clinic\.example\. IN TXT \(\n {2}"v=DKIM1; [^"]{246}"\n {2}"[^"]+"\n\)$/,
    );
  });

  it('of Ed25519 holds the 32 octets of the key (RFC 8463)', () => {
    const record = dkimRecordFor({ ...place, spki: ed25519.spki });
    const { x = '' } = createPublicKey({ key: ed25519.spki, type: 'spki', format: 'der' }).export({
      format: 'jwk',
    });
    expect(record.value).toBe(`v=DKIM1; k=ed25519; p=${Buffer.from(x, 'base64url').toString('base64')}`);
    expect(zoneLine(record)).toBe(`s2026a._domainkey.clinic.example. IN TXT "${record.value}"`);
  });
});

describe('what is published', () => {
  const record = dkimRecordFor({ ...place, spki: rsa.spki });
  const p = rsa.spki.toString('base64');
  const another = dkimRecordFor({ ...place, spki: other.spki });

  it.each<[string, readonly (readonly string[])[]]>([
    ['as it is printed', [record.strings]],
    ['in one string', [[record.value]]],
    ['without version and type, which are the defaults', [[`p=${p}`]]],
    [
      'in another order, with notes and blanks',
      [[`v=DKIM1;n=our key ; p = ${p.slice(0, 40)} ${p.slice(40)}; k=rsa;`]],
    ],
    ['for mail and SHA-256 alone', [[`v=DKIM1; k=rsa; h=sha1:sha256; s=email; t=s; p=${p}`]]],
    ['for everything', [[`v=DKIM1; k=rsa; s=*; p=${p}`]]],
  ])('matches %s', (_, answers) => {
    expect(matchesPublished(record, answers)).toEqual({ matches: true });
  });

  it.each<[string, readonly (readonly string[])[], string]>([
    ['nothing', [], 'absent'],
    ['two records', [record.strings, record.strings], 'several'],
    ['a revoked key', [['v=DKIM1; p=']], 'revoked'],
    ['another key', [another.strings], 'another-key'],
    ['the key of another type', [[`v=DKIM1; k=ed25519; p=${p}`]], 'another-key'],
    ['a key cut off by a DNS console', [[record.strings[0] ?? '']], 'another-key'],
    ['no key', [['v=DKIM1; k=rsa']], 'unusable'],
    ['something else', [['google-site-verification: abc']], 'unusable'],
    ['another version', [[`v=DKIM2; p=${p}`]], 'unusable'],
    ['a key only for SHA-1', [[`h=sha1; p=${p}`]], 'unusable'],
    ['a key for something else than mail', [[`s=tlsrpt; p=${p}`]], 'unusable'],
    ['a key in test', [[`t=y:s; p=${p}`]], 'unusable'],
    ['a key twice', [[`p=${p}; p=${p}`]], 'unusable'],
    ['a very long record', [['p=;'.repeat(5_000_000)]], 'unusable'],
  ])('does not match %s', (_, answers, why) => {
    const result = matchesPublished(record, answers);
    expect(result).toMatchObject({ matches: false, why });
    expect(JSON.stringify(result)).not.toContain(p.slice(0, 30));
  });
});
