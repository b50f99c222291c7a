import { afterEach, describe, expect, it } from 'vitest';
import { startPeer } from '../../support/smtp-peer.js';
import { type HarnessOptions, START, tableResolver, testCourier } from './harness.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Domains without MX: their server has their name. */
async function world(logAddresses: NonNullable<HarnessOptions['logAddresses']>) {
  const peer = await startPeer({
    behaviour: { replies: { RCPT: (line) => (line.includes('full@') ? '452 4.2.2 full' : '250 2.1.5 ok') } },
  });
  closers.push(() => peer.close());
  const test = testCourier({
    port: peer.port,
    logAddresses,
    resolver: tableResolver({ addresses: { 'roe-family.test': ['127.0.0.1'] } }),
  });
  closers.push(() => test.courier.stop(0));
  return test;
}

describe('the operational log of an attempt', () => {
  it('names no domain where it may show nothing of addresses', async () => {
    const test = await world('none');
    await test.send({ to: ['jane@roe-family.test', 'full@roe-family.test'], order: ['plain'] });
    expect(test.log()).toContain('"outcome":"delivered"');
    expect(test.log()).toMatch(/"outcome":"deferred","detail":"[^"]*put it off at RCPT with 452 4\.2\.2/);
    expect(test.log()).not.toContain('roe-family');
  });

  it('says whose server it was where it may show domains', async () => {
    const test = await world('domains');
    await test.send({ to: ['jane@roe-family.test', 'full@roe-family.test'], order: ['plain'] });
    expect(test.log()).toContain('"detail":"roe-family.test"');
    expect(test.log()).toContain('"detail":"roe-family.test put it off at RCPT with 452 4.2.2"');
    expect(test.log()).not.toContain('jane');
  });

  it('does not repeat what a person wrote about somebody', async () => {
    const test = await world('domains');
    const reason = 'Jane Roe (jane@roe-family.test) has moved to another clinic';
    await test.store.suppressions.put({ address: 'jane@roe-family.test', addedAt: START, reason }, []);
    const id = await test.send({ to: ['jane@roe-family.test'], order: ['plain'] });
    expect(test.store.recipient(id)).toMatchObject({
      state: 'bounced',
      lastReason: expect.stringContaining(reason),
    });
    expect(test.log()).toContain('suppression list');
    expect(test.log()).not.toMatch(/Jane|jane@/);
  });
});
