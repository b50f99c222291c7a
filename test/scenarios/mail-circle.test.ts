import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';

/*
 * 365 → relay → 365 → relay: the connector back is right, and a rule that should not send mail to the relay again does.
 * The first passage is what was asked for; the second is refused with its cause.
 */

let home: RelayHome;
let relay: RunningRelay;
let cloud: Sink;

beforeAll(async () => {
  cloud = await startSink({});
  home = await relayHome({
    first_account: undefined,
    identities: [{ name: 'cloud', networks: ['127.0.0.0/8'], senders: ['clinic.example'] }],
    listeners: [
      {
        name: 'connector',
        address: '127.0.0.1:0',
        mode: 'relay',
        identities: ['cloud'],
        tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
      },
    ],
    delivery: {
      routes: [{ name: 'back', domains: ['*'], host: '127.0.0.1', port: cloud.port, kind: 'smarthost' }],
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await cloud?.close();
});

/** Hands a message to the relay as the cloud's connector does; gives the reply to its end. */
async function handOver(raw: string, to: readonly string[]): Promise<string> {
  const client = createTransport({ host: '127.0.0.1', port: relay.port('connector'), ignoreTLS: true });
  try {
    const sent = await client.sendMail({ envelope: { from: 'ward3@clinic.example', to: [...to] }, raw });
    return sent.response;
  } catch (error) {
    return error instanceof Error && 'response' in error ? String(error.response) : String(error);
  } finally {
    client.close();
  }
}

const TEXT =
  'From: Ward 3 <ward3@clinic.example>\r\nTo: orders@shop.example\r\nSubject: circle\r\n\r\nTwelve boxes.\r\n';

/** What mail servers do to what passes: fields of their own on top, a Message-ID of their own, fields folded anew. */
function throughTheCloud(text: string): string {
  const folded = text.replace(/^(X-Sallyport-Loop: \S{25})(\S+)\r\n/m, '$1\r\n $2\r\n');
  return `Received: from cloud.example by cloud.example; Mon, 2 Nov 2026 12:00:00 +0000\r\nX-MS-Exchange-Test: 1\r\n${folded}`;
}

it('passes once, and is refused with the cause when it comes back', async () => {
  expect(await handOver(TEXT, ['orders@shop.example'])).toMatch(/^250/);
  const first = await cloud.next((one) => one.text.includes('Subject: circle'));
  expect(first.text).toMatch(/^X-Sallyport-Loop: \S+\r\nReceived: /);

  const back = throughTheCloud(first.text);
  expect(await handOver(back, ['orders@shop.example'])).toMatch(
    /^554 5\.4\.6 .*sent this message to this recipient before and it came back: a connector or a forwarding rule/,
  );
  const { stdout } = await home.run(['audit', 'search', '--type', 'session.refused', '--json']);
  expect(stdout).toContain('"status": "5.4.6"');
  expect(cloud.messages.filter((one) => one.text.includes('Subject: circle'))).toHaveLength(1);

  // Redirected by a person, it is no circle; and then it is one for that recipient too.
  expect(await handOver(back, ['home@shop.example'])).toMatch(/^250/);
  const second = await cloud.next((one) => one.recipients.includes('home@shop.example'));
  expect(await handOver(throughTheCloud(second.text), ['home@shop.example'])).toMatch(/^554 5\.4\.6/);
});

it('is known again after a restart', async () => {
  const sent = cloud.messages.find((one) => one.text.includes('Subject: circle'));
  await relay.kill('SIGTERM');
  relay = await home.start();
  expect(await handOver(throughTheCloud(sent?.text ?? ''), ['orders@shop.example'])).toMatch(/^554 5\.4\.6/);
});

it('lets mail pass whose field somebody made up or took from another relay', async () => {
  const other = `X-Sallyport-Loop: 01jcr3qz8abcdefghjkmnp.AAAAAAAAAAAAAAAAAAAAAA\r\n${TEXT.replace('circle', 'made up')}`;
  expect(await handOver(other, ['orders@shop.example'])).toMatch(/^250/);
  await cloud.next((one) => one.text.includes('Subject: made up'));
});
