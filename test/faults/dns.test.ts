import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Domains, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { testCa } from '../support/sink.js';
import { storyOf } from '../support/story.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';
import { findCanaries } from './oracle/canary.js';

/*
 * Name servers that say nothing, that fail, that say there is no such domain, and that lie. What is only a failure waits
 * until it is mended, and arrives once; a lie gets nothing of what is protected.
 */

const WAITING = {
  'broken.example': { fails: 'SERVFAIL' },
  'silent.example': { fails: 'silent' },
  'mx1.unfound.example': { fails: 'SERVFAIL' },
} as const;
const DOMAINS = ['broken.example', 'silent.example', 'unfound.example'];

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  const ca = await testCa();
  const good = async (domain: string) => [{ certificate: await ca.issue(`mx1.${domain}`) }];
  domains = await startDomains({
    'clinic.example': [{ behaviour: { startTls: 'none' } }],
    'broken.example': await good('broken.example'),
    'silent.example': await good('silent.example'),
    'unfound.example': await good('unfound.example'),
    'moved.example': await good('moved.example'),
    // Its certificate is genuine, but for its own name.
    'thief.example': await good('thief.example'),
  });
  const zone = domains.dns.zone();
  domains.dns.setZone({
    ...zone,
    ...WAITING,
    'null.example': { mx: [{ preference: 0, exchange: '.' }] },
    'mx1.moved.example': { a: [domains.peer('thief.example').host] },
  });
  home = await relayHome({
    dns: { servers: [domains.dns.address], allow_private_targets: true, timeout: '1s' },
    delivery: {
      port: domains.port,
      ca: 'ca.pem',
      first_retry: '1s',
      max_retry: '1s',
      tls_fallback_after: '1s',
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

const send = (domain: string) => submit(relay, { to: [`roe@${domain}`], text: LAB_RESULT });

it.for([
  ['nowhere.example', '5.1.2'],
  ['null.example', '5.1.10'],
] as const)(
  '%s, which there is not or takes no mail: bounced with %s, and the sender is told',
  async ([domain, status]) => {
    const id = await send(domain);
    await untilState(home, id, `roe@${domain}`, 'bounced', 'held', 'in-portal');
    const bounced = storyOf(home, id).recipients[0]?.events.find((one) => one.type === 'recipient.bounced');
    expect(bounced?.data).toMatchObject({ status });
    const told = () =>
      domains.peer('clinic.example').messages.some((one) => one.content.includes(`roe@${domain}`));
    await expect.poll(told).toBe(true);
  },
);

it('failures are waited for; mended, each message arrives once, by TLS', async () => {
  const ids = await Promise.all(DOMAINS.map(send));
  await Promise.all(ids.map((id) => relay.until(new RegExp(`"id":"${id}".*"outcome":"deferred"`))));
  const failing = domains.dns.zone();
  domains.dns.setZone({
    ...failing,
    'broken.example': { mx: [{ preference: 10, exchange: 'mx1.broken.example' }] },
    'silent.example': { mx: [{ preference: 10, exchange: 'mx1.silent.example' }] },
    'mx1.unfound.example': { a: [domains.peer('unfound.example').host] },
  });
  for (const [i, domain] of DOMAINS.entries()) {
    const id = ids[i] ?? '';
    await untilState(home, id, `roe@${domain}`, 'delivered', 'bounced', 'held', 'in-portal');
    const { messages } = domains.peer(domain);
    expect(messages.filter((one) => one.content.includes(id))).toHaveLength(1);
    expect(messages.every((one) => one.tls !== undefined)).toBe(true);
  }
});

it('a lie about the address of a server gets nothing: the next method is taken', async () => {
  const id = await send('moved.example');
  await untilState(home, id, 'roe@moved.example', 'in-portal', 'held', 'delivered', 'bounced');
  expect(storyOf(home, id).recipients[0]?.outcome).toBe('in-portal');
  const thief = domains.peer('thief.example');
  expect(thief.connections()).toBeGreaterThan(0);
  // A pickup notice may have been tried there; it holds nothing.
  const heard = { name: 'thief', bytes: Buffer.from(thief.clear() + thief.secured(), 'latin1') };
  expect(findCanaries([heard], [CANARY])).toEqual([]);
});

it('the log verifies, and no output holds content', async () => {
  expect((await home.run(['audit', 'verify'])).status).toBe(0);
  expect(relay.output()).not.toContain(CANARY);
});
