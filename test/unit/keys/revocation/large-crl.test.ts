import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCrlStore } from '../../../../src/keys/revocation/crl-store.js';
import { readCertificate } from '../../../../src/keys/x509/certificate.js';
import { BadCertificate, readDer } from '../../../../src/keys/x509/der.js';
import { readName } from '../../../../src/keys/x509/distinguished-name.js';
import { makeCrl } from '../../../support/revocation-authority.js';
import { makeAuthority, TEST_NOW } from '../../../support/x509-authority.js';

const MB = 1024 * 1024;
const root = makeAuthority({ name: 'CA of large lists' });
const ca = readCertificate(root.certificate);

/** U+FDFA: one character that becomes eighteen when it is normalised. */
const EXPANDING = '\ufdfa';

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : length < 0x100_0000 ? 3 : 4;
  const head = Buffer.alloc(2 + size);
  head.writeUInt8(tag);
  head.writeUInt8(0x80 | size, 1);
  head.writeUIntBE(length, 2, size);
  return Buffer.concat([head, content]);
}
const sequence = (...parts: readonly Uint8Array[]) => element(0x30, ...parts);
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const attribute = (value: Uint8Array) => element(0x31, sequence(COMMON_NAME, element(0x0c, value)));
const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
const VERSION = Buffer.from('020101', 'hex');
const UPDATE = element(0x17, Buffer.from('270601000000Z'));
const SIGNATURE = element(0x03, Buffer.alloc(71));
const issuer = Buffer.from(ca.subject.bytes);
const expanding = (bytes: number) => Buffer.alloc(bytes - (bytes % 3), EXPANDING);

const crlOf = (parts: {
  readonly algorithm?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly update?: Uint8Array;
  readonly behind?: readonly Uint8Array[];
  readonly signature?: Uint8Array;
}) => {
  const { algorithm = ECDSA_SHA256, update = UPDATE, behind = [], signature = SIGNATURE } = parts;
  return sequence(
    sequence(VERSION, algorithm, parts.issuer ?? issuer, update, ...behind),
    algorithm,
    signature,
  );
};
const extensions = (...list: readonly Uint8Array[]) => element(0xa0, sequence(...list));
const manyAttributes = () => Buffer.concat(Array(4000).fill(attribute(expanding(4000))));
const HUGE = {
  'an issuer of one value': () => crlOf({ issuer: sequence(attribute(expanding(19 * MB))) }),
  'an issuer of many values': () => crlOf({ issuer: sequence(manyAttributes()) }),
  'an issuer just within the bounds': () =>
    crlOf({ issuer: sequence(...Array(15).fill(attribute(expanding(4000)))) }),
  'many extensions': () => {
    const one = sequence(Buffer.from('0603550414', 'hex'), element(0x04, VERSION));
    return crlOf({ behind: [extensions(Buffer.alloc(one.length * 1_000_000, one))] });
  },
  'an extension with many names': () => {
    const names = element(0xa0, Buffer.alloc(15 * MB, element(0x86, Buffer.from('http://a.test/'))));
    const point = sequence(element(0xa0, names));
    const oid = Buffer.from('0603551d1c', 'hex');
    return crlOf({ behind: [extensions(sequence(oid, element(0x04, point)))] });
  },
  'a large algorithm': () =>
    crlOf({ algorithm: sequence(Buffer.from('06032a0304', 'hex'), element(0x0c, Buffer.alloc(9 * MB))) }),
  'a large date': () => crlOf({ update: element(0x17, Buffer.alloc(19 * MB, '1')) }),
  'a large signature': () => crlOf({ signature: element(0x03, Buffer.alloc(19 * MB)) }),
} as const;

afterEach(() => vi.restoreAllMocks());

/** Counts the characters that are normalised meanwhile, and those of text that is made of bytes. */
async function workOf(run: () => Promise<unknown>): Promise<{ normalised: number; decoded: number }> {
  const work = { normalised: 0, decoded: 0 };
  const { normalize } = String.prototype;
  vi.spyOn(String.prototype, 'normalize').mockImplementation(function (this: string, form?: string) {
    work.normalised += this.length;
    return normalize.call(this, form);
  });
  const { decode } = TextDecoder.prototype;
  vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (
    this: InstanceType<typeof TextDecoder>,
    ...given
  ) {
    const text = decode.apply(this, given);
    work.decoded += text.length;
    return text;
  });
  const { toString: textOf } = Buffer.prototype;
  vi.spyOn(Buffer.prototype, 'toString').mockImplementation(function (this: Buffer, ...given) {
    const text = textOf.apply(this, given);
    work.decoded += text.length;
    return text;
  });
  await run();
  vi.restoreAllMocks();
  return work;
}

describe('a CRL that nobody signed', () => {
  it.each(Object.entries(HUGE))('costs next to nothing with %s', async (_name, make) => {
    const body = make();
    const store = createCrlStore({
      fetch: async () => ({ status: 200, body }),
      limits: { timeout: 10_000, max_crl_size: 20 * MB, max_age: 86_400_000 },
      clock: { now: () => TEST_NOW },
    });
    const work = await workOf(() =>
      expect(store.get('http://ca.test/crl', ca, AbortSignal.timeout(10_000))).rejects.toThrow(/CRL/),
    );
    expect(work.normalised).toBeLessThan(64 * 1024);
    expect(work.decoded).toBeLessThan(256 * 1024);
  });

  it('is taken with the same fields of a usual size, when the CA signs it', async () => {
    const store = createCrlStore({
      fetch: async () => ({ status: 200, body: makeCrl(root) }),
      limits: { timeout: 10_000, max_crl_size: 20 * MB, max_age: 86_400_000 },
      clock: { now: () => TEST_NOW },
    });
    const { crl } = await store.get('http://ca.test/crl', ca, AbortSignal.timeout(10_000));
    expect(crl.issuer.key).toBe(ca.subject.key);
  });
});

describe('a value in a name', () => {
  it.each([
    ['UTF-8', 0x0c],
    ['an unknown type', 0x09],
    ['UTF-16', 0x1e],
  ])('of more than 4096 bytes is refused: %s', (_name, tag) => {
    const name = (size: number) =>
      readName(
        readDer(sequence(element(0x31, sequence(COMMON_NAME, element(tag, Buffer.alloc(size, 'ab')))))),
      );
    expect(name(4096).rdns).toHaveLength(1);
    expect(() => name(4098)).toThrow(BadCertificate);
  });
});
