import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * A relay that looks into no mail (`inspect.enabled: false`): policies decide by the envelope, and nobody can overlook
 * that the content was not read.
 */

const POLICY = `version: 1
description: Mail to one partner travels over verified TLS.
rules:
  - id: partner-tls
    when: { recipient: partner.example }
    demand: { require: tls }
`;

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome(
    {
      inspect: { enabled: false },
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
      },
    },
    { policies: { 'partner.yaml': POLICY } },
  );
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

describe('mail that nobody looks into', () => {
  it('travels as the envelope asks, and every decision says that it was not read', async () => {
    const id = await submit(relay, { to: ['doe@lab.example'], text: LAB_RESULT });
    await untilState(home, id, 'doe@lab.example', 'delivered');
    expect(sink.messages).toHaveLength(1);
    const { stdout } = await home.run(['audit', 'show', id, '--json']);
    const types = [...stdout.matchAll(/"type": ?"([a-z.-]+)"/g)].map((match) => match[1]);
    expect(types.slice(0, 3)).toEqual(['message.accepted', 'recipient.decided', 'recipient.delivered']);
    expect(types).not.toContain('message.inspected');
    expect(stdout).toMatch(/"contentNotRead": ?true/);
    expect((await home.run(['audit', 'show', id])).stdout).toContain('nobody looked into the message');
  });

  it('never travels weaker than a rule asks', async () => {
    const id = await submit(relay, { to: ['roe@partner.example'], text: 'only for the partner' });
    // The sink has no certificate that fits.
    await untilState(home, id, 'roe@partner.example', 'in-portal');
    expect(sink.messages.some((one) => one.text.includes('only for the partner'))).toBe(false);
  });

  it('is told by check, at the start and in the report', async () => {
    expect((await home.run(['check'])).stdout).toContain('mail is NOT INSPECTED');
    expect(relay.output()).toContain('mail is NOT INSPECTED');
    expect((await home.run(['audit', 'report'])).stdout).toContain('Content not read: all decisions');
  });

  it('can have no policies that ask what stands in it', async () => {
    const strict = await relayHome({ inspect: { enabled: false } });
    try {
      const { status, stdout } = await strict.run(['check']);
      expect(status).toBe(2);
      expect(stdout).toMatch(/hipaa\.yaml:\d+:\d+: rules\.\d+\.when\.findings: .*`inspect\.enabled: false`/);
      await expect(strict.start()).rejects.toThrow();
    } finally {
      await strict.remove();
    }
  });
});
