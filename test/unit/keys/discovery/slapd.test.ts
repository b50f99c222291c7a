import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLdap } from '../../../../src/keys/discovery/ldap.js';
import { createTestCa, type TestCa } from '../../../support/certificates.js';
import { type MadeOpenPgpKey, makeKey } from '../../../support/openpgp-keys.js';
import { ldifValue, type Slapd, startSlapd } from '../../../support/slapd.js';
import { describeWithTools } from '../../../support/tools.js';
import { makeAuthority, type TestCertificate } from '../../../support/x509-authority.js';

const ADDRESS = 'ada@clinic.test';

describeWithTools(['slapd'], 'OpenLDAP', ({ slapd = '' }) => {
  let server: Slapd;
  let ca: TestCa;
  let certificate: TestCertificate;
  let pgp: MadeOpenPgpKey;
  beforeAll(async () => {
    ca = await createTestCa();
    certificate = makeAuthority().issue({ emails: [ADDRESS] });
    pgp = await makeKey({ userIds: [`Ada <${ADDRESS}>`], type: 'curve25519legacy' });
    const person = (name: string, mail: string) =>
      `dn: cn=${name},dc=clinic,dc=test\nobjectClass: inetOrgPerson\nobjectClass: pgpPerson\ncn: ${name}\nsn: Example\nmail: ${mail}\n`;
    server = await startSlapd(slapd, await ca.leaf('127.0.0.1'), [
      person('Ada', 'Ada@Clinic.test') +
        ldifValue('userCertificate;binary', certificate.certificate) +
        ldifValue('pgpKey', pgp.publicBinary),
      person('Bo', 'bo@clinic.test'),
      person('Cy', 'cy@clinic.test') + ldifValue('pgpKey', 'noise'),
    ]);
  });
  afterAll(() => server?.close());

  const directory = (options: {
    readonly url: string;
    readonly startTls?: boolean;
    readonly anonymous?: boolean;
  }) =>
    createLdap({
      server: {
        name: 'slapd',
        url: options.url,
        start_tls: options.startTls ?? false,
        domains: ['*'],
        base: server.base,
        timeout: 20_000,
        cache: 1,
        ...(options.anonymous === true ? {} : { bind_dn: server.bindDn }),
      },
      password: server.password,
      ca: ca.pem,
    });

  it.each(['loopback', 'StartTLS', 'ldaps'])('gives certificate and key over %s', async (how) => {
    const ldap = directory({
      url: how === 'ldaps' ? server.ldaps : server.ldap,
      startTls: how === 'StartTLS',
    });
    const keys = await ldap.lookup(ADDRESS, ['openpgp', 'x509']);
    expect(keys.map((key) => [key.kind, key.fingerprint, key.addresses])).toEqual([
      ['x509', certificate.fingerprint, [ADDRESS]],
      ['openpgp', pgp.fingerprint, [ADDRESS]],
    ]);
    expect((await ldap.lookup(ADDRESS, ['openpgp'])).map((key) => key.kind)).toEqual(['openpgp']);
  });

  it('has none for others, and nothing in an address means anything to it', async () => {
    const ldap = directory({ url: server.ldap });
    for (const address of [
      'bo@clinic.test',
      'eve@clinic.test',
      '*@clinic.test',
      'a*@clinic.test',
      '*)(cn=*',
      "a|b&c!'@clinic.test",
    ])
      expect(await ldap.lookup(address, ['openpgp', 'x509'])).toEqual([]);
  });

  it('has failed where what it holds is nothing, and where it refuses', async () => {
    await expect(directory({ url: server.ldap }).lookup('cy@clinic.test', ['openpgp'])).rejects.toThrow(
      'neither certificates nor keys',
    );
    await expect(
      directory({ url: server.ldap, anonymous: true }).lookup(ADDRESS, ['openpgp']),
    ).rejects.toThrow('result code');
  });
});
