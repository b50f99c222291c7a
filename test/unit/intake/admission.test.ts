import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientAddress, inNetworks, limitKey, parseNetwork } from '../../../src/intake/client-address.js';
import { admit } from '../../../src/intake/identity.js';
import { readSettings } from '../../../src/intake/settings.js';
import { type CertificateAndKey, issueCertificate } from '../../../src/keys/certificates.js';
import {
  type Client,
  DAY,
  dial,
  dialAs,
  HEADER,
  loadedOf,
  SUBMISSION,
  serverCertificate,
  startWorld,
  submit,
  type World,
} from './harness.js';

let folder = '';
let hospital: CertificateAndKey;
let lab: CertificateAndKey;
const issued = new Map<string, CertificateAndKey>();
const now = Date.now();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-intake-'));
  const ca = (commonName: string) =>
    issueCertificate({
      commonName,
      names: [],
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + DAY),
      isCa: true,
    });
  hospital = await ca('Hospital CA');
  lab = await ca('Lab CA');
  await writeFile(join(folder, 'hospital.pem'), hospital.certificatePem);
  await writeFile(join(folder, 'lab.pem'), lab.certificatePem);
  const leaf = async (
    name: string,
    commonName: string,
    issuer: CertificateAndKey | undefined,
    ends = now + DAY,
  ) =>
    issued.set(
      name,
      await issueCertificate({
        commonName,
        names: [commonName],
        notBefore: new Date(now - 2 * DAY),
        notAfter: new Date(ends),
        ...(issuer === undefined ? {} : { issuer }),
      }),
    );
  await leaf('good', 'ehr1.clinic.example', hospital);
  await leaf('other-name', 'mail.clinic.example', hospital);
  await leaf('dotted', 'ehr1.evil.clinic.example', hospital);
  await leaf('wrong-ca', 'ehr1.clinic.example', lab);
  await leaf('self-signed', 'ehr1.clinic.example', undefined);
  const middle = await issueCertificate({
    commonName: 'Ward CA',
    names: [],
    notBefore: new Date(now - 2 * DAY),
    notAfter: new Date(now + DAY),
    isCa: true,
    issuer: hospital,
  });
  await leaf('chained', 'ehr2.clinic.example', middle);
  const chained = issued.get('chained')!;
  issued.set('chained', { ...chained, certificatePem: chained.certificatePem + middle.certificatePem });
  // A certificate that is no authority must not be able to issue.
  await leaf('by-a-leaf', 'ehr3.clinic.example', issued.get('good'));
  const forged = issued.get('by-a-leaf')!;
  issued.set('by-a-leaf', {
    ...forged,
    certificatePem: forged.certificatePem + issued.get('good')!.certificatePem,
  });
  await leaf('expired', 'ehr1.clinic.example', hospital, now - DAY);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let world: World | undefined;
const clients: Client[] = [];
afterEach(async () => {
  for (const one of clients.splice(0)) one.end();
  await world?.close();
  world = undefined;
});

describe('client certificates', () => {
  const certified = () =>
    loadedOf({
      listeners: [{ name: 'connector', address: '127.0.0.1:0', mode: 'relay', identities: ['ehr', 'lab'] }],
      identities: [
        {
          name: 'ehr',
          senders: ['clinic.example'],
          certificates: [{ ca: join(folder, 'hospital.pem'), subject: 'ehr*.clinic.example' }],
        },
        {
          name: 'lab',
          senders: ['lab.example'],
          certificates: [{ ca: join(folder, 'lab.pem'), san: 'smtp.lab.example' }],
        },
      ],
    });
  const mailWith = async (name: string | undefined) => {
    const pair = name === undefined ? undefined : issued.get(name);
    const client = await dial(world!.port);
    clients.push(client);
    await client.reply();
    await client.say('EHLO client.example');
    await client.say('STARTTLS');
    await client.startTls(pair === undefined ? {} : { cert: pair.certificatePem, key: pair.keyPem });
    await client.say('EHLO client.example');
    const first = await submit(client, `${HEADER}\r\nx`);
    // The second message of a session is judged like the first.
    expect((await submit(client, `${HEADER}\r\nx`)).slice(0, 9)).toBe(first.slice(0, 9));
    return first;
  };

  it.each([
    ['good', /^250/],
    ['chained', /^250/],
    ['by-a-leaf', /^530 5\.7\.0/],
    ['other-name', /^530 5\.7\.0/],
    ['dotted', /^530 5\.7\.0/],
    ['wrong-ca', /^530 5\.7\.0/],
    ['self-signed', /^530 5\.7\.0/],
    ['expired', /^530 5\.7\.0/],
    [undefined, /^530 5\.7\.0/],
  ])('%s', async (name, expected) => {
    world = await startWorld(certified());
    expect(await mailWith(name)).toMatch(expected);
    expect(world.messages.map((one) => one.message.identity)).toEqual(
      expected.source.includes('250') ? ['ehr', 'ehr'] : [],
    );
    if (name === 'good') expect(world.bodyText()).toContain('with ESMTPS\r\n');
  });

  it('is asked for again after its identity was removed', async () => {
    world = await startWorld(certified());
    const loaded = certified();
    (
      await world.intake.prepare({
        ...loaded,
        config: {
          ...loaded.config,
          identities: loaded.config.identities.map((one) =>
            one.name === 'ehr' ? { ...one, certificates: [], networks: ['192.0.2.1'] } : one,
          ),
        },
      })
    )();
    expect(await mailWith('good')).toMatch(/^530 5\.7\.0/);
  });

  it('stands behind an account that logged in', async () => {
    const loaded = loadedOf({
      listeners: [{ ...SUBMISSION, identities: ['ehr'] }],
      identities: [
        {
          name: 'ehr',
          senders: ['clinic.example'],
          certificates: [{ ca: join(folder, 'hospital.pem'), subject: 'ehr*.clinic.example' }],
        },
      ],
    });
    world = await startWorld(loaded, {}, [{ name: 'ward3', senders: ['ward3@clinic.example'] }]);
    const { certificatePem, keyPem } = issued.get('good')!;
    const client = await dialAs(world.port, 'ward3', undefined, { cert: certificatePem, key: keyPem });
    clients.push(client);
    expect(await client.say('MAIL FROM:<other@clinic.example>')).toMatch(/^550 5\.7\.1/);
    expect(await submit(client, `${HEADER}\r\nx`)).toMatch(/^250/);
    expect(world.messages[0]?.message.identity).toBe('ward3');
  });
});

describe('settings', () => {
  const pem = () => join(folder, 'nothing.pem');
  const base = { name: 'in', address: '127.0.0.1:0', mode: 'relay', identities: ['x'] };
  it.each([
    ['0.0.0.0/0', /too much of the Internet/],
    ['128.0.0.0/1', /too much of the Internet/],
    ['::/0', /too much of the Internet/],
    ['2000::/3', /too much of the Internet/],
    ['::ffff:0:0/96', /too much of the Internet/],
    ['10.1/16', /not an IP address/],
  ])('refuse the network %s', (network, message) => {
    const identities = [{ name: 'x', senders: ['clinic.example'], networks: [network] }];
    expect(() => loadedOf({ listeners: [base], identities })).toThrow(message);
    expect(() => parseNetwork(network, 'here')).toThrow(message);
  });

  it('refuse TLS off for much of the Internet, missing files and keys of others', async () => {
    const identities = [{ name: 'x', senders: ['clinic.example'], networks: ['10.0.0.0/8'] }];
    const read = async (listener: object, more: readonly object[] = identities) =>
      readSettings(
        loadedOf({ listeners: [{ ...base, ...listener }], identities: more }),
        await serverCertificate(),
      );
    await expect(read({ tls: { mode: 'off', off_for: ['0.0.0.0/0'] } })).rejects.toThrow(/too much/);
    await expect(read({ tls: { certificate: pem(), key: pem() } })).rejects.toThrow(/can't read/);
    await writeFile(join(folder, 'other.key'), lab.keyPem);
    await expect(
      read({ tls: { certificate: join(folder, 'hospital.pem'), key: join(folder, 'other.key') } }),
    ).rejects.toThrow(/belong together/);
    await expect(
      read({}, [{ name: 'x', senders: ['a.example'], certificates: [{ ca: pem(), subject: 'a' }] }]),
    ).rejects.toThrow(/can't read/);
  });

  it('refuse a listener whose port is taken', async () => {
    world = await startWorld(loadedOf({ listeners: [SUBMISSION] }));
    const taken = { ...SUBMISSION, address: `127.0.0.1:${world.port}` };
    await expect(startWorld(loadedOf({ listeners: [taken] }))).rejects.toThrow(
      /listener submission: can't listen/,
    );
  });
});

describe('networks', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.0/24', true],
    ['192.0.2.1', '::ffff:192.0.2.0/120', true],
    ['192.0.3.1', '192.0.2.0/24', false],
    ['::1', '127.0.0.0/8', false],
    ['2001:db8:1::5', '2001:db8:1::/48', true],
    ['2001:db8:2::5', '2001:db8:1::/48', false],
    ['fe80::1%lo', 'fe80::/10', true],
  ])('%s in %s: %s', (address, network, inside) => {
    expect(inNetworks([parseNetwork(network, 'here')], clientAddress(address)!)).toBe(inside);
  });

  it('count an IPv6 /64 as one client', () => {
    expect(limitKey(clientAddress('2001:db8::1')!)).toBe(limitKey(clientAddress('2001:db8::ffff:2')!));
    expect(limitKey(clientAddress('2001:db8::1')!)).not.toBe(limitKey(clientAddress('2001:db8:0:1::1')!));
  });
});

/** Networks of documentation and private use, none of which holds 127.0.0.1 unless it says so. */
const networks = fc.constantFrom(
  '10.0.0.0/8',
  '192.0.2.0/24',
  '198.51.100.7',
  '::ffff:10.0.0.0/104',
  'fd00::/8',
  '2001:db8::/32',
  '127.0.0.0/8',
  '127.0.0.1',
);
const configs = fc
  .record({
    identities: fc.array(fc.array(networks, { minLength: 1, maxLength: 3 }), { minLength: 0, maxLength: 3 }),
    listeners: fc.array(
      fc.record({
        mode: fc.constantFrom('submission', 'submissions', 'relay'),
        accounts: fc.boolean(),
        off: fc.array(networks, { maxLength: 2 }),
        uses: fc.array(fc.nat(2), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ identities, listeners }) => ({
    identities: identities.map((list, i) => ({
      name: `id${i}`,
      networks: list,
      senders: ['clinic.example'],
    })),
    listeners: listeners.map(({ mode, accounts, off, uses }, i) => {
      const known = [...new Set(uses)].filter((n) => n < identities.length).map((n) => `id${n}`);
      return {
        name: `l${i}`,
        address: '127.0.0.1:0',
        mode,
        accounts: accounts || known.length === 0,
        identities: known,
        tls: off.length > 0 && mode !== 'submissions' ? { mode: 'off', off_for: off } : {},
      };
    }),
  }));

describe('no open relay', () => {
  it('admits nobody who has neither account, nor certificate, nor a network that is listed', async () => {
    const pair = await serverCertificate();
    const addresses = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4().map((one) => `::ffff:${one}`),
    );
    await fc.assert(
      fc.asyncProperty(configs, addresses, fc.boolean(), async (parts, text, secure) => {
        const { listeners } = await readSettings(loadedOf(parts), pair);
        const address = clientAddress(text)!;
        for (const listener of listeners.values()) {
          const admitted = admit(listener, { address, secure }, now);
          const listed = listener.identities.some((one) => inNetworks(one.networks, address));
          const mayBePlain = inNetworks(listener.tlsOffFor, address);
          expect(admitted.ok).toBe(listed && (secure || mayBePlain));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives a stranger no 250 to RCPT on the wire, whatever the configuration', async () => {
    await fc.assert(
      fc.asyncProperty(configs, async (parts) => {
        const loaded = loadedOf(parts);
        const running = await startWorld(loaded);
        try {
          for (const { name, port, mode } of running.intake.listeners) {
            const config = loaded.config.listeners.find((one) => one.name === name)!;
            const here = (list: readonly string[]) => list.some((one) => one.startsWith('127.'));
            const known = loaded.config.identities.some(
              (one) => config.identities.includes(one.name) && here(one.networks),
            );
            for (const secure of mode === 'submissions' ? [true] : [true, false]) {
              const client = await dial(port, mode === 'submissions' ? { tls: {} } : {});
              await client.reply();
              await client.say('EHLO stranger.example');
              if (secure && mode !== 'submissions') {
                await client.say('STARTTLS');
                await client.startTls();
                await client.say('EHLO stranger.example');
              }
              const mail = await client.say('MAIL FROM:<a@clinic.example>');
              const rcpt = await client.say('RCPT TO:<victim@elsewhere.example>');
              client.end();
              const admitted = known && (secure || here(config.tls.off_for));
              expect([mail.slice(0, 3), rcpt.slice(0, 3)]).toEqual(
                admitted ? ['250', '250'] : ['530', '503'],
              );
            }
          }
        } finally {
          await running.close();
        }
      }),
      { numRuns: 12 },
    );
  });
});
