import { writeFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestCa, type TestCa } from '../../support/certificates.js';
import { startPeer } from '../../support/smtp-peer.js';
import { type TestCourier, tableResolver, testCourier } from './harness.js';

/*
 * What a connection is worth was judged by the configuration that it was dialled by. Where that is replaced before it
 * stands, it serves the attempt that dialled it, and no other.
 */

let ca: TestCa;
let other: TestCa;
let leaf: Awaited<ReturnType<TestCa['leaf']>>;
beforeAll(async () => {
  ca = await createTestCa();
  other = await createTestCa();
  leaf = await ca.leaf('mx.peer.test');
});

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const table = tableResolver({
  mx: { 'peer.test': [[10, 'mx.peer.test']] },
  addresses: { 'mx.peer.test': ['127.0.0.1'] },
});

/** A courier, and a server of which it is told `found` before it is dialled and `hello` by its first words inside TLS. */
async function world(meanwhile: { readonly [at in 'found' | 'hello']?: (test: TestCourier) => void }) {
  let hellos = 0;
  const peer = await startPeer({
    certificate: leaf,
    behaviour: {
      replies: {
        EHLO: () => {
          hellos += 1;
          if (hellos === 2) meanwhile.hello?.(test);
          return hellos % 2 === 1 ? '250-peer.test\r\n250 STARTTLS' : '250-peer.test\r\n250 PIPELINING';
        },
      },
    },
  });
  closers.push(() => peer.close());
  const test = testCourier({
    port: peer.port,
    ca: ca.pem,
    resolver: {
      ...table,
      addresses(host) {
        if (peer.connections() === 0) meanwhile.found?.(test);
        return table.addresses(host);
      },
    },
  });
  closers.push(() => test.courier.stop(0));
  return { peer, test };
}

describe('a connection that was dialled while the configuration was replaced', () => {
  it('carries no message for which the certificate must be trusted that is not trusted any more', async () => {
    const { peer, test } = await world({
      hello({ loaded, reload }) {
        writeFileSync(loaded().path('ca.pem'), other.pem);
        reload();
      },
    });
    const first = await test.send({ to: ['a@peer.test'], order: ['tls'] });
    expect(test.store.recipient(first, 0).state).toBe('delivered');
    const second = await test.send({ to: ['b@peer.test'], order: ['tls'] });
    expect(test.store.recipient(second, 0).state).toBe('held');
    expect(peer.messages).toHaveLength(1);
  });

  it('serves the attempt alone that dialled it by what was in force before', async () => {
    const { peer, test } = await world({ found: ({ reload }) => reload() });
    await test.send({ to: ['a@peer.test'], order: ['plain'] });
    await test.send({ to: ['b@peer.test'], order: ['plain'] });
    expect([peer.messages.length, peer.connections()]).toEqual([2, 2]);
    await test.send({ to: ['c@peer.test'], order: ['plain'] });
    expect([peer.messages.length, peer.connections()]).toEqual([3, 2]);
  });
});
