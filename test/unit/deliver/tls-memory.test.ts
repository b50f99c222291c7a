import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Resolver } from '../../../src/deliver/index.js';
import type { Method } from '../../../src/model/method.js';
import { createTestCa, type LeafOptions, type TestCa } from '../../support/certificates.js';
import { type PeerBehaviour, type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import { CANARY, type HarnessOptions, type TestCourier, tableResolver, testCourier } from './harness.js';

/*
 * A level of TLS counts as seen as soon as a session was established and judged, whatever became of the mail: else a
 * server that puts everything off at first (greylisting) could be stripped of STARTTLS at the second attempt.
 */

const HOUR = 3_600_000;
/** Ends idle connections, so that each attempt opens one of its own. */
const BYE = { RSET: '421 4.3.2 bye' } as const;

let ca: TestCa;
let good: Awaited<ReturnType<TestCa['leaf']>>;
let selfSigned: Awaited<ReturnType<TestCa['leaf']>>;
beforeAll(async () => {
  ca = await createTestCa();
  good = await ca.leaf('mx.peer.test');
  selfSigned = await ca.leaf('mx.peer.test', { selfSigned: true } satisfies LeafOptions);
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function peerLike(behaviour: PeerBehaviour, certificate = good, where = {}): Promise<SmtpPeer> {
  const peer = await startPeer({ behaviour, certificate, ...where });
  closers.push(() => peer.close());
  return peer;
}

const oneServer = tableResolver({
  mx: { 'peer.test': [[10, 'mx.peer.test']], 'twin.test': [[10, 'mx.peer.test']] },
  addresses: { 'mx.peer.test': ['127.0.0.1'] },
});

function courierTo(peer: SmtpPeer, options: Partial<HarnessOptions> = {}): TestCourier {
  const courier = testCourier({ port: peer.port, ca: ca.pem, resolver: oneServer, ...options });
  closers.push(() => courier.courier.stop(0));
  return courier;
}

const seen = (courier: TestCourier, domain = 'peer.test') => courier.store.tlsMemory.highest(domain);

/** Says that it offers STARTTLS, and ends the connection after the EHLO inside TLS. */
function brokenInTls(answer: string): PeerBehaviour {
  let hellos = 0;
  const ehlo = () => {
    hellos += 1;
    return hellos % 2 === 1 ? '250-peer.test\r\n250 STARTTLS' : answer;
  };
  return { replies: { EHLO: ehlo } };
}

describe('a level is remembered though nothing was delivered, because', () => {
  const failures: readonly { readonly name: string; readonly behaviour: () => PeerBehaviour }[] = [
    ...(['MAIL', 'RCPT', 'DATA', 'end'] as const).flatMap((stage) => [
      { name: `${stage} gets 450`, behaviour: () => ({ replies: { [stage]: '450 4.7.1 later' } }) },
      { name: `${stage} gets 554`, behaviour: () => ({ replies: { [stage]: '554 5.7.1 no' } }) },
      { name: `the connection ends at ${stage}`, behaviour: () => ({ closeAt: stage }) },
      { name: `the connection is reset at ${stage}`, behaviour: () => ({ resetAt: stage }) },
    ]),
    { name: 'EHLO inside TLS gets 421', behaviour: () => brokenInTls('421 4.3.2 later') },
    { name: 'EHLO inside TLS gets nonsense', behaviour: () => brokenInTls('what?') },
    { name: 'the message is too large', behaviour: () => ({ keywords: ['SIZE 10'] }) },
  ];
  const ways: readonly { readonly way: string; readonly order: readonly Method[] }[] = [
    { way: 'tls', order: ['tls'] },
    { way: 'plain', order: ['plain'] },
  ];
  for (const { name, behaviour } of failures) {
    for (const { way, order } of ways) {
      it(`${name} (${way})`, async () => {
        const peer = await peerLike(behaviour());
        const courier = courierTo(peer);
        const id = await courier.send({ to: ['a@peer.test'], order });
        // Opportunistic mail goes on in the clear where TLS broke before the first reply inside it.
        if (way === 'tls') expect(courier.store.recipient(id).state).not.toBe('delivered');
        expect(await seen(courier)).toBe('verified');
        expect(courier.failures).toEqual([]);
      });
    }
  }

  it('something broke inside the relay', async () => {
    const peer = await peerLike({});
    const courier = courierTo(peer);
    const { open } = courier.store.bodies;
    vi.spyOn(courier.store.bodies, 'open').mockImplementation((body) => {
      if (peer.secured() !== '') throw new Error('broken');
      return open(body);
    });
    const id = await courier.send({ to: ['a@peer.test'], order: ['tls'] });
    expect(courier.store.recipient(id)).toMatchObject({ state: 'pending', lastStatus: '4.3.0' });
    expect(await seen(courier)).toBe('verified');
  });

  it('its policy failed: what was encrypted was seen, too', async () => {
    const courier = courierTo(await peerLike({}, selfSigned));
    const id = await courier.send({ to: ['a@peer.test'], order: ['tls'] });
    expect(courier.store.recipient(id).state).toBe('held');
    expect(await seen(courier)).toBe('encrypted');
  });

  it('the method changed', async () => {
    const courier = courierTo(await peerLike({ replies: { RCPT: '450 4.7.1 later' } }, selfSigned));
    const id = await courier.send({ to: ['a@peer.test'], order: ['tls', 'portal'] });
    expect(courier.store.recipient(id).state).toBe('in-portal');
    expect(await seen(courier)).toBe('encrypted');
  });
});

describe('no level is remembered', () => {
  it.each(['none', '454', '502', 'garbage', 'cut', 'old', 'injection'] as const)(
    'where no session was established: %s',
    async (startTls) => {
      const courier = courierTo(await peerLike({ startTls }));
      await courier.send({ to: ['a@peer.test'], order: ['plain'] });
      expect(await seen(courier)).toBeUndefined();
    },
  );

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'where the server refuses us in the handshake, for want of a client certificate (%s)',
    async (maxVersion) => {
      const tls = { requestCert: true, rejectUnauthorized: true, ca: ca.pem, maxVersion };
      const courier = courierTo(await peerLike({ tls }));
      const id = await courier.send({ to: ['a@peer.test'], order: ['plain'] });
      expect(courier.store.recipient(id).state).toBe('delivered');
      expect(await seen(courier)).toBeUndefined();
    },
  );

  it('of a smarthost, which says nothing about the recipient’s domain', async () => {
    const peer = await peerLike({ replies: { RCPT: '450 4.7.1 later' } });
    const courier = courierTo(peer, {
      delivery: [`routes: [{ name: hub, domains: ["*"], host: mx.peer.test, port: ${peer.port} }]`],
    });
    await courier.send({ to: ['a@peer.test'], order: ['plain'] });
    expect(peer.secured()).toContain('RCPT TO');
    expect(await seen(courier)).toBeUndefined();
  });
});

describe('over a route to the recipients’ own server', () => {
  it('every domain that it serves is remembered, on a connection that is used again, too', async () => {
    const peer = await peerLike({ replies: { RCPT: '450 4.7.1 later' } });
    const domains = 'domains: [peer.test, twin.test, third.test]';
    const courier = courierTo(peer, {
      delivery: [
        `routes: [{ name: own, kind: recipient-server, ${domains}, host: mx.peer.test, port: ${peer.port} }]`,
      ],
    });
    await courier.send({ to: ['a@peer.test', 'a@twin.test'], order: ['plain'] });
    await courier.send({ to: ['a@third.test'], order: ['plain'] });
    expect(peer.connections()).toBe(1);
    for (const domain of ['peer.test', 'twin.test', 'third.test'])
      expect(await seen(courier, domain)).toBe('verified');
  });
});

describe.each(['pickup-notice', 'pickup-reminder', 'access-code'] as const)('a %s', (origin) => {
  const own = { to: ['a@peer.test'], order: ['plain'], sender: '', origin } as const;

  it.each([
    { name: 'greylists', behaviour: { replies: { RCPT: '450 4.7.1 later', ...BYE } } },
    { name: 'puts it off after the content', behaviour: { replies: { end: '451 4.3.0 later', ...BYE } } },
    { name: 'drops the connection', behaviour: { closeAt: 'MAIL' } },
  ] as const)('waits when a server that $name comes back without STARTTLS', async ({ behaviour }) => {
    const peer = await peerLike(behaviour);
    const courier = courierTo(peer, { portal: 'allow' });
    const id = await courier.send(own);
    expect(courier.store.recipient(id).state).toBe('pending');
    peer.behave({ startTls: 'none' });
    await courier.later(origin === 'access-code' ? 5 * 60_000 : HOUR);
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'pending',
      lastReason: expect.stringContaining('below the TLS level seen before (verified)'),
    });
    expect(peer.clear()).not.toMatch(new RegExp(`MAIL FROM|RCPT TO|${CANARY}`));
    peer.behave({});
    await courier.later(HOUR);
    expect(courier.store.recipient(id).state).toBe('delivered');
    expect(peer.clear()).not.toContain(CANARY);
  });

  it('waits for the level that any other mail saw', async () => {
    const peer = await peerLike({ replies: { RCPT: '450 4.7.1 later', ...BYE } });
    const courier = courierTo(peer, { portal: 'allow' });
    await courier.send({ to: ['b@peer.test'], order: ['tls'] });
    peer.behave({ startTls: 'none' });
    const id = await courier.send(own);
    expect(courier.store.recipient(id).state).toBe('pending');
    expect(peer.clear()).not.toMatch(/MAIL FROM|RCPT TO/);
  });

  it.each(['allow', 'hold'] as const)(
    'does not go on in the clear to the next server in the same attempt (%s)',
    async (portal) => {
      const first = await peerLike({ closeAt: 'MAIL' }, good, { host: '127.0.0.61' });
      const second = await peerLike({ startTls: 'none' }, good, { host: '127.0.0.62', port: first.port });
      const resolver = tableResolver({
        mx: {
          'peer.test': [
            [10, 'mx.peer.test'],
            [20, 'mx2.peer.test'],
          ],
        },
        addresses: { 'mx.peer.test': ['127.0.0.61'], 'mx2.peer.test': ['127.0.0.62'] },
      });
      const courier = courierTo(first, { portal, resolver });
      const id = await courier.send(own);
      expect(courier.store.recipient(id)).toMatchObject({ state: 'pending' });
      expect(second.connections()).toBe(1);
      expect(second.clear()).not.toMatch(/MAIL FROM|RCPT TO/);
      expect(await seen(courier)).toBe('verified');
    },
  );

  it('does not go on in the clear where TLS broke after it was established', async () => {
    const peer = await peerLike({});
    let hellos = 0;
    peer.behave((connection) =>
      connection === 1
        ? {
            replies: {
              EHLO: () => {
                hellos += 1;
                return hellos === 1 ? '250-peer.test\r\n250 STARTTLS' : 'what?';
              },
            },
          }
        : { startTls: 'none' },
    );
    const courier = courierTo(peer, { portal: 'allow' });
    const id = await courier.send(own);
    expect(courier.store.recipient(id).state).toBe('pending');
    expect(peer.clear()).not.toMatch(/MAIL FROM|RCPT TO/);
  });

  it('does not travel below a level that was seen while its attempt had begun', async () => {
    const peer = await peerLike({ startTls: 'none' });
    let remember: () => void = () => undefined;
    const resolver: Resolver = {
      ...oneServer,
      mx: (domain) => {
        remember();
        return oneServer.mx(domain);
      },
    };
    const courier = courierTo(peer, { portal: 'allow', resolver });
    remember = () => courier.store.remember('peer.test', 'encrypted');
    const id = await courier.send(own);
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'pending',
      lastReason: expect.stringContaining('below the TLS level seen before (encrypted)'),
    });
    expect(peer.clear()).not.toMatch(/MAIL FROM|RCPT TO/);
  });

  it('does not travel below a level that was seen while an idle connection was asked whether it still answers', async () => {
    let remember: () => void = () => undefined;
    const reset = () => {
      remember();
      return '250 2.0.0 fine';
    };
    const peer = await peerLike({ startTls: 'none', keywords: ['SIZE 9999'], replies: { RSET: reset } });
    const courier = courierTo(peer, { portal: 'allow' });
    await courier.send({ to: ['b@peer.test'], order: ['plain'] });
    remember = () => courier.store.remember('peer.test', 'encrypted');
    const id = await courier.send(own);
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'pending',
      lastReason: expect.stringContaining('below the TLS level seen before (encrypted)'),
    });
    expect(peer.clear()).not.toContain('RCPT TO:<a@peer.test>');
  });

  it.each(['a new connection', 'one used again'])(
    'does not travel below a level that was seen while its content was read, over %s',
    async (connection) => {
      const peer = await peerLike({ startTls: 'none' });
      const courier = courierTo(peer, { portal: 'allow' });
      if (connection === 'one used again') await courier.send({ to: ['b@peer.test'], order: ['plain'] });
      const { open } = courier.store.bodies;
      vi.spyOn(courier.store.bodies, 'open').mockImplementation((body) => {
        courier.store.remember('peer.test', 'encrypted');
        return open(body);
      });
      const id = await courier.send(own);
      expect(courier.store.recipient(id)).toMatchObject({
        state: 'pending',
        lastReason: expect.stringContaining('below the TLS level seen before (encrypted)'),
      });
      expect(peer.clear()).not.toContain('RCPT TO:<a@peer.test>');
    },
  );
});
