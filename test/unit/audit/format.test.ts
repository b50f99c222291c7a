import { createHash, createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventHash, GENESIS } from '../../../src/audit/chain.js';
import {
  checkpointSignatureHolds,
  findCheckpoint,
  formatCheckpoint,
  keyFingerprint,
  signCheckpoint,
} from '../../../src/audit/checkpoint.js';
import { toJson } from '../../../src/audit/json-value.js';
import { FORMAT, SCHEMA } from '../../../src/audit/schema.js';
import { termsOf } from '../../../src/audit/terms.js';
import { canonicalJson } from '../../../src/shared/canonical-json.js';
import { messageEvents, NOVEMBER } from './support.js';

/** A published test key: RFC 8032 section 7.1, test 1. It signs nothing but this test. */
const RFC_8032_KEY = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});

// These vectors are the format on disk. If one fails, logs already written no longer verify: do not adjust them,
// give the format a new number.
describe('the format on disk', () => {
  const accepted = messageEvents('01jd0000000000000000ab')[0]!;
  const data = canonicalJson(toJson(accepted.data));

  it('writes canonical JSON', () => {
    expect(data).toBe(
      '{"clientAddress":"192.0.2.7","clientTls":{"cipher":"TLS_AES_256_GCM_SHA384","protocol":"TLSv1.3"},' +
        '"headerMessageId":"<01jd0000000000000000ab@clinic.example>","identity":"ward3","listener":"submission",' +
        '"messageId":"01jd0000000000000000ab","recipients":["Bob@lab.example","eve@home.example"],' +
        '"sender":"ward3@clinic.example","size":4321}',
    );
  });

  it('hashes an event', () => {
    const hash = eventHash(GENESIS.hash, { seq: 1, at: NOVEMBER, type: accepted.type, data });
    expect(hash).toBe('4166510d2bb659a2c246640658903fc865ebd84948e17c64fe1e6ccf83939fe6');
    const byHand = [
      'sallyport-audit-event v1',
      '0'.repeat(64),
      '1',
      '1795269791000',
      'message.accepted',
      data,
      '',
    ];
    expect(createHash('sha256').update(byHand.join('\n')).digest('hex')).toBe(hash);
  });

  it('signs a checkpoint', () => {
    const line = formatCheckpoint(
      signCheckpoint(
        { seq: 42, hash: 'ab'.repeat(32) },
        NOVEMBER,
        RFC_8032_KEY,
        keyFingerprint(RFC_8032_KEY),
      ),
    );
    expect(line).toBe(
      'sallyport-audit-checkpoint v1 seq=42 time=2026-11-21T14:03:11.000Z ' +
        'hash=abababababababababababababababababababababababababababababababab ' +
        'key=06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9 ' +
        'sig=8BPwa26_WasK2YHhRNfPr-MxAMp326LcRcj7299wsuCK6LkcZKM3MNg8rh-iDOiDXxpvaeyjdlNS6Zl1bVeQCw',
    );
  });

  it('derives the index of each event', () => {
    const index = messageEvents('m').map((event) =>
      termsOf(event.type, NOVEMBER, toJson(event.data)).map(({ kind, value }) => `${kind} ${value}`),
    );
    expect(index).toMatchInlineSnapshot(`
      [
        [
          "9 message.accepted",
          "10 00498686",
          "1 m",
          "2 ward3@clinic.example",
          "4 <m@clinic.example>",
          "3 bob@lab.example",
          "3 eve@home.example",
          "5 received",
        ],
        [
          "9 message.inspected",
          "10 00498686",
          "1 m",
          "8 us-ssn",
          "8 phi",
        ],
        [
          "9 recipient.decided",
          "10 00498686",
          "1 m",
          "3 bob@lab.example",
          "6 portal",
          "7 phi-sealed",
        ],
        [
          "9 portal.item-created",
          "10 00498686",
          "1 m",
          "3 bob@lab.example",
          "5 in-portal",
          "6 portal",
        ],
        [
          "9 notice.queued",
          "10 00498686",
          "1 m",
          "1 m-notice",
          "3 bob@lab.example",
        ],
        [
          "9 recipient.decided",
          "10 00498686",
          "1 m",
          "3 eve@home.example",
          "6 tls",
        ],
        [
          "9 recipient.deferred",
          "10 00498686",
          "1 m",
          "3 eve@home.example",
          "5 pending",
          "6 tls",
        ],
        [
          "9 recipient.bounced",
          "10 00498686",
          "1 m",
          "3 eve@home.example",
          "5 bounced",
        ],
        [
          "9 recipient.delivered",
          "10 00498686",
          "1 m-notice",
          "3 bob@lab.example",
          "5 delivered",
          "6 plain",
        ],
        [
          "9 portal.message-read",
          "10 00498686",
          "1 m",
          "3 bob@lab.example",
          "5 picked-up",
        ],
      ]
    `);
  });

  it('keeps its tables and guards', () => {
    const text = [...SCHEMA].map(([name, sql]) => `${name}: ${sql}\n`).join('');
    expect(FORMAT).toBe(1);
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      '4968f4d63db1277ef18b84d8f6fe538b145982537ee7d613d14fb9473c967788',
    );
  });
});

describe('checkpoint lines', () => {
  const checkpoint = signCheckpoint(
    { seq: 7, hash: '0f'.repeat(32) },
    NOVEMBER,
    RFC_8032_KEY,
    keyFingerprint(RFC_8032_KEY),
  );
  const line = formatCheckpoint(checkpoint);

  it.each([
    ['alone', line],
    ['behind a syslog prefix', `Nov 21 14:03:11 gw1 sallyport-audit[812]: ${line}`],
    ['behind an RFC 5424 prefix', `<86>1 2026-11-21T14:03:11Z gw1 sallyport-audit 812 - - ${line}`],
    ['within JSON', `{"level":30,"checkpoint":"${line}","msg":"audit checkpoint"}`],
    ['with a carriage return', `${line}\r`],
  ])('is found %s', (_name, text) => {
    expect(findCheckpoint(text)).toEqual(checkpoint);
  });

  it.each([
    ['cut off', line.slice(0, -5)],
    ['with a letter too many', `${line}A`],
    ['without a hash', line.replace(/hash=\S+ /, '')],
    ['with an impossible time', line.replace('2026-11-21', '2026-13-41')],
  ])('is damaged when %s', (_name, text) => {
    expect(findCheckpoint(text)).toBe('damaged');
  });

  it('is not seen in other text', () => {
    expect(findCheckpoint('Nov 21 14:03:11 gw1 sshd[1]: session opened')).toBeUndefined();
  });

  it.each([
    ['seq', { ...checkpoint, seq: 8 }],
    ['hash', { ...checkpoint, hash: 'f0'.repeat(32) }],
    ['time', { ...checkpoint, at: NOVEMBER + 1 }],
    ['key', { ...checkpoint, key: '00'.repeat(32) }],
    ['signature', { ...checkpoint, signature: `A${checkpoint.signature.slice(1)}` }],
  ])('does not hold with another %s', (_name, changed) => {
    expect(checkpointSignatureHolds(checkpoint, RFC_8032_KEY)).toBe(true);
    expect(checkpointSignatureHolds(changed, RFC_8032_KEY)).toBe(false);
  });
});
