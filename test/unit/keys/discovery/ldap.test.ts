import type { Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LdapConfig } from '../../../../src/config/schema.js';
import { createLdap } from '../../../../src/keys/discovery/ldap.js';
import { SourceFailed } from '../../../../src/keys/types.js';
import { createTestCa, type TestCa } from '../../../support/certificates.js';
import {
  type Attributes,
  ber,
  type LdapBehaviour,
  type LdapServer,
  ldapMessage,
  searchDone,
  searchEntry,
  startLdapServer,
} from '../../../support/ldap-server.js';
import { type MadeOpenPgpKey, makeKey } from '../../../support/openpgp-keys.js';
import { makeAuthority, type TestCertificate } from '../../../support/x509-authority.js';

const ADDRESS = 'ada@clinic.test';
const NAME = 'cn=Ada Example,ou=people,dc=clinic,dc=test';
const NOT_LDAP = 'the directory sent something that is not LDAP';

let server: LdapServer | undefined;
let ca: TestCa;
let certificate: TestCertificate;
let pgp: MadeOpenPgpKey;
beforeAll(async () => {
  ca = await createTestCa();
  certificate = makeAuthority().issue({ emails: [ADDRESS] });
  pgp = await makeKey({ userIds: [`Ada <${ADDRESS}>`], type: 'curve25519legacy' });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function directory(
  behaviour: LdapBehaviour,
  options: Partial<LdapConfig> & { readonly password?: string; readonly ca?: string } = {},
) {
  server = await startLdapServer(behaviour);
  const { password, ca: pem, ...config } = options;
  return createLdap({
    server: {
      name: 'test',
      url: server.url,
      start_tls: false,
      domains: ['clinic.test'],
      base: 'ou=people,dc=clinic,dc=test',
      timeout: 20_000,
      cache: 1,
      ...config,
    },
    ...(password === undefined ? {} : { password }),
    ...(pem === undefined ? {} : { ca: pem }),
  });
}

function finds(...entries: readonly Attributes[]): LdapBehaviour {
  return {
    search: (socket, id) => {
      for (const entry of entries) socket.write(ldapMessage(id, searchEntry(NAME, entry)));
      socket.write(ldapMessage(id, searchDone()));
    },
  };
}

/** An entry whose value has a length that isn't there. */
function lyingValue(id: number, value: readonly number[]): Buffer {
  const attribute = ber(0x30, ber(0x04, 'mail'), ber(0x31, Buffer.from(value)));
  return ldapMessage(id, ber(0x64, ber(0x04), ber(0x30, attribute)));
}

const says = (bytes: (id: number) => Uint8Array): LdapBehaviour => ({
  search: (socket, id) => {
    socket.write(bytes(id));
  },
});

describe('what a directory holds', () => {
  it('is read from the attributes for certificates and OpenPGP keys, whatever the spelling of their names', async () => {
    for (const [first, second] of [
      ['userCertificate;binary', 'pgpKey'],
      ['usercertificate', 'PGPKEY'],
    ] as const) {
      const ldap = await directory(
        finds({
          mail: ['Ada@Clinic.TEST'],
          [first]: [certificate.certificate],
          [second]: [pgp.publicBinary],
        }),
      );
      const keys = await ldap.lookup(ADDRESS, ['openpgp', 'x509']);
      expect(keys.map((key) => [key.kind, key.fingerprint])).toEqual([
        ['x509', certificate.fingerprint],
        ['openpgp', pgp.fingerprint],
      ]);
      await server?.close();
    }
  });

  it('is asked for in one search, whose filter compares the address byte by byte', async () => {
    // A character that means something in filters, and one that means something in names.
    const ldap = await directory({});
    expect(await ldap.lookup('*@clinic.test', ['x509'])).toEqual([]);
    const [search] = server?.requests ?? [];
    // RFC 4511 section 4.5.1: [3] equalityMatch.
    expect(search?.bytes.includes(ber(0xa3, ber(0x04, 'mail'), ber(0x04, '*@clinic.test')))).toBe(true);
    expect(search?.bytes.includes('pgpKey')).toBe(false);
    await server?.idle();
  });

  it.each(['*)(uid=*@clinic.test', '*)(uid=*', 'a\0b@clinic.test', ''])(
    'is not asked for %j',
    async (address) => {
      const ldap = await directory({}, { domains: ['*'] });
      expect(await ldap.lookup(address, ['x509'])).toEqual([]);
      expect(server?.connections).toBe(0);
    },
  );

  it('is asked for in its own domains only', async () => {
    const ldap = await directory({});
    expect(await ldap.lookup('ada@other.test', ['x509'])).toEqual([]);
    expect(server?.connections).toBe(0);
  });

  it.each<[string, Attributes]>([
    ['without mail', {}],
    ['of somebody else', { mail: ['eve@clinic.test'] }],
    ['of a similar address', { mail: ['ada@clinic.test.evil.test', 'xada@clinic.test', 'ada@clinic.test '] }],
  ])('counts for nothing in an entry %s', async (_what, attributes) => {
    const ldap = await directory(
      finds({ ...attributes, 'userCertificate;binary': [certificate.certificate] }),
    );
    expect(await ldap.lookup(ADDRESS, ['x509'])).toEqual([]);
  });

  it('may be several values in several entries; those that nobody can read are left out', async () => {
    const other = makeAuthority().issue({ emails: [ADDRESS], serial: '77' });
    const ldap = await directory(
      finds(
        { mail: ['eve@clinic.test', ADDRESS], 'userCertificate;binary': ['noise', certificate.certificate] },
        { mail: [ADDRESS], 'userSMIMECertificate;binary': [other.certificate] },
      ),
    );
    const keys = await ldap.lookup(ADDRESS, ['x509']);
    expect(keys.map((key) => key.fingerprint)).toEqual([certificate.fingerprint, other.fingerprint]);
  });

  it('may come with references to other servers and controls, which count for nothing', async () => {
    const ldap = await directory(
      says((id) =>
        Buffer.concat([
          ldapMessage(id, ber(0x73, ber(0x04, 'ldap://127.0.0.1:1/'))),
          // The library would loop for ever on this one.
          ldapMessage(id, ber(0x73, Buffer.from([0x04, 0x7f, 0x61]))),
          ldapMessage(id, searchEntry(NAME, { mail: [ADDRESS], pgpKey: [pgp.publicBinary] })),
          ldapMessage(id, searchDone(), ber(0xa0, ber(0x30, ber(0x04, '1.2.3')))),
        ]),
      ),
    );
    expect((await ldap.lookup(ADDRESS, ['openpgp'])).length).toBe(1);
  });
});

describe('a directory that misbehaves has failed', () => {
  const entry = () => searchEntry(NAME, { mail: [ADDRESS] });
  const flood = (message: (id: number) => Buffer): LdapBehaviour => ({
    search: (socket, id) => {
      const more = () => {
        while (!socket.destroyed && socket.write(message(id)));
      };
      socket.on('drain', more);
      more();
    },
  });

  it.each<[string, LdapBehaviour, string]>([
    ['noise', says(() => Buffer.from('220 mail.test ESMTP\r\n')), NOT_LDAP],
    ['noise at once', { connect: (socket) => void socket.write('noise') }, NOT_LDAP],
    ['indefinite lengths', says(() => Buffer.from([0x30, 0x80, 0, 0])), NOT_LDAP],
    ['lengths of five bytes', says(() => Buffer.from([0x30, 0x85, 0, 0, 0, 0, 1, 0])), NOT_LDAP],
    // The library would loop for ever on each of these.
    ['a value that lies', says((id) => lyingValue(id, [0x04, 0x7f, 0x61])), NOT_LDAP],
    ['a negative length', says((id) => lyingValue(id, [0x04, 0x84, 0xff, 0xff, 0xff, 0xff])), NOT_LDAP],
    [
      'attributes that are text',
      says((id) => ldapMessage(id, ber(0x64, ber(0x04), ber(0x04, 'noise')))),
      NOT_LDAP,
    ],
    ['an entry cut short', says((id) => ldapMessage(id, ber(0x64, ber(0x04)))), NOT_LDAP],
    [
      'a name that is none',
      says((id) => ldapMessage(id, searchEntry(NAME, { __proto__x: ['a'] }))),
      NOT_LDAP,
    ],
    ['another operation', says((id) => ldapMessage(id, ber(0x6f, ber(0x0a, Buffer.from([0]))))), NOT_LDAP],
    ['endless entries', flood((id) => ldapMessage(id, entry())), 'the directory sent more than 50 messages'],
    [
      'a huge attribute',
      flood(() => Buffer.concat([Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]), Buffer.alloc(60_000)])),
      'the directory sent more than 2097152 bytes',
    ],
    [
      'many entries',
      says((id) =>
        Buffer.concat([
          ...Array.from({ length: 11 }, () => ldapMessage(id, entry())),
          ldapMessage(id, searchDone()),
        ]),
      ),
      'the LDAP directory gave more than 10 entries for one address',
    ],
    [
      'only a part of the entries',
      says((id) => Buffer.concat([ldapMessage(id, entry()), ldapMessage(id, searchDone(4))])),
      'the LDAP directory answered with result code 4 (RFC 4511 appendix A.2)',
    ],
    [
      'a referral',
      says((id) =>
        ldapMessage(
          id,
          ber(
            0x65,
            ber(0x0a, Buffer.from([10])),
            ber(0x04),
            ber(0x04),
            ber(0xa3, ber(0x04, 'ldap://127.0.0.1:1/')),
          ),
        ),
      ),
      'the LDAP directory answered with result code 10 (RFC 4511 appendix A.2)',
    ],
    [
      'no such base',
      says((id) => ldapMessage(id, searchDone(32))),
      'the LDAP directory answered with result code 32 (RFC 4511 appendix A.2)',
    ],
    [
      'the answer to something else',
      says((id) => ldapMessage(id, ber(0x61, ber(0x0a, Buffer.from([0])), ber(0x04), ber(0x04)))),
      'the LDAP directory could not be asked',
    ],
    [
      'nothing, and hangs up',
      { search: (socket) => void socket.end() },
      'the LDAP directory could not be asked',
    ],
    [
      'values that are nothing',
      { ...finds({ mail: [ADDRESS], pgpKey: ['noise'] }) },
      'the LDAP directory gave values that are neither certificates nor keys',
    ],
  ])('%s', async (_what, behaviour, reason) => {
    const ldap = await directory(behaviour);
    const failure = await ldap.lookup(ADDRESS, ['openpgp', 'x509']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceFailed);
    expect(failure).toMatchObject({ message: reason });
    await server?.idle();
  });

  const drip = (socket: Socket, bytes: Uint8Array) => {
    let at = 0;
    const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 5);
    socket.on('close', () => clearInterval(timer));
  };

  it.each<[string, LdapBehaviour, { readonly start_tls?: true }?]>([
    ['silence', { search: () => undefined }],
    [
      'a slow drip',
      {
        search: (socket, id) =>
          drip(socket, ldapMessage(id, searchEntry(NAME, { mail: ['a'.repeat(5000)] }))),
      },
    ],
    ['answers to nobody', { search: (socket) => void socket.write(ldapMessage(99, searchDone())) }],
    ['silence at StartTLS', { startTls: () => undefined }, { start_tls: true }],
    [
      'no handshake',
      {
        startTls: (socket, id) =>
          void socket.write(ldapMessage(id, ber(0x78, ber(0x0a, Buffer.from([0])), ber(0x04), ber(0x04)))),
      },
      { start_tls: true },
    ],
  ])('%s ends at the deadline', async (_what, behaviour, options) => {
    const ldap = await directory(behaviour, { timeout: 300, ...options });
    await expect(ldap.lookup(ADDRESS, ['x509'])).rejects.toThrow('the LDAP directory did not answer in time');
    await server?.idle();
  });

  it('one that is not there is named by the system’s code', async () => {
    const ldap = await directory({});
    await server?.close();
    await expect(ldap.lookup(ADDRESS, ['x509'])).rejects.toThrow(
      'the LDAP directory could not be asked (ECONNREFUSED)',
    );
  });
});

describe('login and TLS', () => {
  const login = { bind_dn: 'cn=relay,dc=clinic,dc=test', password: 'made up' };
  const tls = async (mode: 'tls' | 'start-tls', name = '127.0.0.1'): Promise<LdapBehaviour> => ({
    ...finds({ mail: [ADDRESS], pgpKey: [pgp.publicBinary] }),
    tls: { mode, certificate: await ca.leaf(name) },
  });

  it('binds before it searches', async () => {
    const ldap = await directory(finds({ mail: [ADDRESS], pgpKey: [pgp.publicBinary] }), login);
    expect((await ldap.lookup(ADDRESS, ['openpgp'])).length).toBe(1);
    expect(server?.requests.map((one) => one.operation)).toEqual(['bind', 'search']);
  });

  it('searches nothing where the login is refused', async () => {
    const ldap = await directory({ bind: 49 }, login);
    await expect(ldap.lookup(ADDRESS, ['openpgp'])).rejects.toThrow('result code 49');
    expect(server?.requests.map((one) => one.operation)).toEqual(['bind']);
  });

  it.each(['tls', 'start-tls'] as const)('%s: password and search go encrypted', async (mode) => {
    const ldap = await directory(await tls(mode), { ...login, ca: ca.pem, start_tls: mode === 'start-tls' });
    expect((await ldap.lookup(ADDRESS, ['openpgp'])).length).toBe(1);
    expect(server?.requests.map((one) => `${one.operation} ${one.encrypted}`)).toEqual([
      ...(mode === 'start-tls' ? ['start-tls false'] : []),
      'bind true',
      'search true',
    ]);
    await server?.idle();
  });

  it.each([
    ['tls', 'an unknown CA', undefined, '127.0.0.1', 'UNABLE_TO_VERIFY'],
    ['start-tls', 'an unknown CA', undefined, '127.0.0.1', 'UNABLE_TO_VERIFY'],
    ['tls', 'another name', 'known', 'other.test', 'ALTNAME'],
    ['start-tls', 'another name', 'known', 'other.test', 'ALTNAME'],
  ] as const)('%s with %s says nothing to the server', async (mode, _what, known, name, reason) => {
    const ldap = await directory(await tls(mode, name), {
      ...login,
      ...(known === undefined ? {} : { ca: ca.pem }),
      start_tls: mode === 'start-tls',
    });
    await expect(ldap.lookup(ADDRESS, ['openpgp'])).rejects.toThrow(reason);
    expect(server?.requests.some((one) => one.operation === 'bind' || one.operation === 'search')).toBe(
      false,
    );
  });

  it.each(['tls', 'start-tls'] as const)('%s: what lies is caught there too', async (mode) => {
    const ldap = await directory(
      {
        ...(await tls(mode)),
        ...says((id) => lyingValue(id, [0x04, 0x7f, 0x61])),
      },
      { ca: ca.pem, start_tls: mode === 'start-tls' },
    );
    await expect(ldap.lookup(ADDRESS, ['openpgp'])).rejects.toThrow(NOT_LDAP);
  });

  it('a refused or broken StartTLS leads to nothing in the clear, nor to a second connection', async () => {
    for (const startTls of [
      (socket: Socket, id: number) =>
        void socket.write(ldapMessage(id, ber(0x78, ber(0x0a, Buffer.from([2])), ber(0x04), ber(0x04)))),
      (socket: Socket) => void socket.end(),
      (socket: Socket, id: number) =>
        void socket.end(ldapMessage(id, ber(0x78, ber(0x0a, Buffer.from([0])), ber(0x04), ber(0x04)))),
    ]) {
      const ldap = await directory({ startTls }, { ...login, start_tls: true, timeout: 60_000 });
      await expect(ldap.lookup(ADDRESS, ['openpgp'])).rejects.toThrow(SourceFailed);
      expect(server?.requests.map((one) => one.operation)).toEqual(['start-tls']);
      expect(server?.connections).toBe(1);
      await server?.close();
    }
  });

  it('a connection lost after the login is not made again', async () => {
    const ldap = await directory(
      { ...(await tls('start-tls')), search: (socket) => void socket.destroy() },
      { ...login, ca: ca.pem, start_tls: true },
    );
    await expect(ldap.lookup(ADDRESS, ['openpgp'])).rejects.toThrow(SourceFailed);
    expect(server?.connections).toBe(1);
  });

  it('an answer sent in the clear before TLS is not taken for one under TLS', async () => {
    const certified = (await tls('start-tls')).tls;
    for (const injected of [
      // Whole, and begun so that the encrypted answer would end it.
      Buffer.concat(
        [3, 4].map((id) =>
          ldapMessage(id, searchEntry(NAME, { mail: [ADDRESS], pgpKey: [pgp.publicBinary] })),
        ),
      ),
      Buffer.from([0x30, 0x84, 0, 0, 0, 90, 0x02, 1, 3]),
    ]) {
      const ldap = await directory(
        {
          ...(certified === undefined ? {} : { tls: certified }),
          startTls: (socket, id) =>
            void socket.write(
              Buffer.concat([
                ldapMessage(id, ber(0x78, ber(0x0a, Buffer.from([0])), ber(0x04), ber(0x04))),
                injected,
              ]),
            ),
        },
        { ca: ca.pem, start_tls: true, timeout: 60_000 },
      );
      await expect(ldap.lookup(ADDRESS, ['openpgp'])).rejects.toThrow('sent more than');
      await server?.close();
    }
  });
});
