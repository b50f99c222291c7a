import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CIPHERS } from '../../../src/config/schema.js';
import { suiteStrength } from '../../../src/deliver/tls-suites.js';
import type { Method, ReachedTlsLevel } from '../../../src/model/method.js';
import { createTestCa, type TestCa } from '../../support/certificates.js';
import { startPeer } from '../../support/smtp-peer.js';
import { CANARY, tableResolver, testCourier } from './harness.js';

describe('a cipher suite', () => {
  it.each([
    ['TLS_AES_256_GCM_SHA384', 'modern'],
    ['TLS_AES_128_GCM_SHA256', 'modern'],
    ['TLS_AES_128_CCM_SHA256', 'modern'],
    ['TLS_CHACHA20_POLY1305_SHA256', 'modern'],
    ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'modern'],
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'modern'],
    ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'modern'],
    ['TLS_ECDHE_ECDSA_WITH_AES_128_CCM', 'modern'],
    ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'modern'],
    ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'modern'],
    ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'modern'],
    ['TLS_DHE_RSA_WITH_AES_256_CBC_SHA256', 'modern'],
    // CBC with SHA-1, short tags, no forward secrecy, other ciphers: encryption, but not what counts as verified.
    ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'old'],
    ['TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 'old'],
    ['TLS_AES_128_CCM_8_SHA256', 'old'],
    ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'old'],
    ['TLS_RSA_WITH_AES_128_CBC_SHA', 'old'],
    ['TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256', 'old'],
    ['TLS_DH_RSA_WITH_AES_128_GCM_SHA256', 'old'],
    ['TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256', 'old'],
    ['TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256', 'old'],
    ['TLS_RSA_WITH_NULL_SHA256', 'none'],
    ['TLS_RSA_WITH_NULL_MD5', 'none'],
    ['TLS_ECDHE_RSA_WITH_NULL_SHA', 'none'],
    ['TLS_SHA256_SHA256', 'none'],
    ['TLS_DH_anon_WITH_AES_256_GCM_SHA384', 'none'],
    ['TLS_ECDH_anon_WITH_AES_128_CBC_SHA', 'none'],
    ['TLS_RSA_EXPORT_WITH_RC4_40_MD5', 'none'],
    ['TLS_RSA_EXPORT_WITH_DES40_CBC_SHA', 'none'],
    ['TLS_RSA_WITH_RC4_128_SHA', 'none'],
    ['TLS_RSA_WITH_RC4_128_MD5', 'none'],
    ['TLS_RSA_WITH_DES_CBC_SHA', 'none'],
    ['TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA', 'none'],
    ['TLS_RSA_WITH_IDEA_CBC_SHA', 'none'],
    ['TLS_RSA_WITH_SEED_CBC_SHA', 'none'],
    ['TLS_PSK_WITH_AES_128_GCM_SHA256', 'none'],
    ['TLS_SRP_SHA_RSA_WITH_AES_256_CBC_SHA', 'none'],
    ['', 'none'],
    [undefined, 'none'],
  ] as const)('%s: %s', (name, strength) => {
    expect(suiteStrength(name)).toBe(strength);
  });
});

describe('what a delivery over a suite counts as, whatever the configuration lists', () => {
  let ca: TestCa;
  let certificate: Awaited<ReturnType<TestCa['leaf']>>;
  beforeAll(async () => {
    ca = await createTestCa();
    certificate = await ca.leaf('mx.peer.test');
  });
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** Sends one message to a server with these suites (TLS 1.2), or with its own choice. */
  async function deliver(order: readonly Method[], server: string | undefined, configured: string) {
    const tls = server === undefined ? {} : { maxVersion: 'TLSv1.2' as const, ciphers: server };
    const peer = await startPeer({ certificate, behaviour: { tls } });
    closers.push(() => peer.close());
    const courier = testCourier({
      port: peer.port,
      ca: ca.pem,
      resolver: tableResolver({
        mx: { 'peer.test': [[10, 'mx.peer.test']] },
        addresses: { 'mx.peer.test': ['127.0.0.1'] },
      }),
    });
    closers.push(() => courier.courier.stop(0));
    // Past the check of the configuration: it is not what this rests on.
    courier.loaded().config.delivery.tls_ciphers = configured;
    const id = await courier.send({ to: ['a@peer.test'], order, tls: 'encrypted' });
    return { courier, peer, id };
  }

  const level = (sent: Awaited<ReturnType<typeof deliver>>) =>
    sent.courier.store.events.find((event) => event.type === 'recipient.delivered')?.data;

  const rows: readonly {
    readonly name: string;
    readonly server?: string;
    readonly configured: string;
    readonly reached: ReachedTlsLevel;
  }[] = [
    {
      name: 'a TLS 1.3 suite, with only suites of TLS 1.2 listed',
      configured: 'ECDHE-RSA-AES128-GCM-SHA256',
      reached: 'verified',
    },
    {
      name: 'a modern suite',
      server: 'ECDHE-RSA-AES128-GCM-SHA256',
      configured: 'HIGH',
      reached: 'verified',
    },
    {
      name: 'CBC with SHA-2',
      server: 'ECDHE-RSA-AES128-SHA256',
      configured: 'ECDHE-RSA-AES128-SHA256',
      reached: 'verified',
    },
    {
      name: 'static RSA',
      server: 'AES128-GCM-SHA256',
      configured: 'AES128-GCM-SHA256',
      reached: 'encrypted',
    },
    {
      name: 'CBC with SHA-1',
      server: 'ECDHE-RSA-AES128-SHA',
      configured: 'ECDHE-RSA-AES128-SHA',
      reached: 'encrypted',
    },
  ];
  for (const { name, server, configured, reached } of rows) {
    it.each(['tls', 'plain'] as const)(`${name}: ${reached} (%s)`, async (method) => {
      const sent = await deliver([method], server, configured);
      expect(level(sent)).toMatchObject({ tls: { level: reached } });
      expect(await sent.courier.store.tlsMemory.highest('peer.test')).toBe(reached);
    });
  }

  it('a notice or code travels by the suites that the level was seen with', async () => {
    for (const [server, reached] of [
      ['AES128-GCM-SHA256', 'encrypted'],
      ['ECDHE-RSA-AES128-SHA256', 'verified'],
    ] as const) {
      const { courier } = await deliver(['plain'], server, DEFAULT_CIPHERS);
      for (const origin of ['pickup-notice', 'access-code'] as const) {
        const id = await courier.send({ to: ['a@peer.test'], order: ['plain'], sender: '', origin });
        expect(courier.store.recipient(id).state).toBe('delivered');
      }
      expect(await courier.store.tlsMemory.highest('peer.test')).toBe(reached);
    }
  });

  it('mail that demands TLS never takes a connection that was free to use other suites', async () => {
    const { courier, peer } = await deliver(['plain'], 'ECDHE-RSA-AES128-SHA256', DEFAULT_CIPHERS);
    const taken = peer.messages.length;
    const id = await courier.send({ to: ['a@peer.test'], order: ['tls'], tls: 'encrypted' });
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'held',
      lastReason: expect.stringContaining('no TLS version or cipher suite that is acceptable'),
    });
    expect(peer.messages).toHaveLength(taken);
  });

  it.each([
    { name: 'no encryption', suites: 'NULL-SHA256:@SECLEVEL=0' },
    { name: 'no authentication', suites: 'ADH-AES128-SHA256:@SECLEVEL=0' },
  ])('$name is no TLS, though the configuration asks for it', async ({ suites }) => {
    const sent = await deliver(['tls'], suites, suites);
    expect(sent.courier.store.recipient(sent.id).state).not.toBe('delivered');
    expect(sent.peer.clear() + sent.peer.secured()).not.toContain(CANARY);
    expect(await sent.courier.store.tlsMemory.highest('peer.test')).toBeUndefined();
  });
});
