import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { CANARY } from '../support/submit.js';

/*
 * An EHR and a scanner of ten years ago: no TLS, no login, lines that end in LF, a sender that nobody reads. They can
 * send on a listener that says so, nothing they send is read in two ways, and a person hears of what went wrong.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({ refuse: (recipient) => (recipient.startsWith('gone@') ? 550 : undefined) });
  const device = {
    networks: ['127.0.0.0/8'],
    senders: ['clinic.example'],
    notify: 'it-desk@clinic.example',
  };
  const old = () => ({
    address: '127.0.0.1:0',
    mode: 'relay',
    identities: ['ehr'],
    tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
  });
  home = await relayHome({
    identities: [{ name: 'ehr', ...device }],
    listeners: [
      { name: 'strict', ...old() },
      { name: 'old', bare_newline: 'normalize', ...old() },
    ],
    first_account: undefined,
    delivery: {
      first_retry: '1s',
      max_retry: '2s',
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

/** Speaks SMTP as such devices do: each command waits for its reply, the content is sent as it is. */
async function send(
  listener: string,
  content: string,
  to: string,
  from = 'no-reply@clinic.example',
): Promise<string> {
  const socket = connect(relay.port(listener), '127.0.0.1');
  socket.setEncoding('utf8');
  const say = async (bytes: string): Promise<string> => {
    if (bytes !== '') socket.write(bytes);
    let reply = '';
    while (!/^\d{3}(?: .*)?\r\n$/m.test(reply)) reply += String((await once(socket, 'data'))[0]);
    return reply;
  };
  try {
    await say('');
    await say('HELO ehr\r\n');
    const mail = await say(`MAIL FROM:<${from}>\r\n`);
    if (!mail.startsWith('250')) return mail;
    await say(`RCPT TO:<${to}>\r\n`);
    await say('DATA\r\n');
    return await say(`${content}\r\n.\r\n`);
  } finally {
    socket.destroy();
  }
}

const order = (subject: string, text = 'Twelve boxes of paper.\n.5 of them at once.\n.\nThanks.') =>
  `From: EHR <no-reply@clinic.example>\nTo: orders@shop.example\nSubject: ${subject}\n\n${text}`;

describe('an EHR with bare LF', () => {
  it('is told what to do on a listener that refuses it', async () => {
    expect(await send('strict', order('refused'), 'orders@shop.example')).toMatch(
      /^550 5\.6\.0 The message has a bare LF: end its lines with CR LF, or .*`bare_newline: normalize`/,
    );
  });

  it('sends on a listener that normalises: every line, every dot, and nothing else', async () => {
    expect(await send('old', order('normalised'), 'orders@shop.example')).toMatch(/^250 2\.0\.0/);
    const { text } = await sink.next((one) => one.text.includes('Subject: normalised'));
    expect(text.slice(text.indexOf('From: EHR'))).toBe(`${order('normalised').replaceAll('\n', '\r\n')}\r\n`);
    expect(text).toMatch(/^X-Sallyport-Loop: \S+\r\nReceived: /);
    const { stdout } = await home.run(['audit', 'search', '--type', 'message.accepted', '--json']);
    expect(stdout).toContain('"bareNewlines": "normalized"');
  });

  it('can not smuggle a second message, and what hides behind a bare LF is inspected like the rest', async () => {
    const smuggled = `MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<victim@lab.example>\r\nDATA\r\n${order('smuggled')}`;
    expect(
      await send(
        'old',
        `${order('outer')}\n.\r\n${smuggled}\r\nSSN: ${CANARY}\nMRN: 00482913`,
        'orders@shop.example',
      ),
    ).toMatch(/^250/);
    await send('old', order('after it'), 'orders@shop.example');
    await sink.next((one) => one.text.includes('Subject: after it'));
    expect(sink.messages.flatMap((one) => one.recipients)).not.toContain('victim@lab.example');
    expect(
      sink.messages.filter((one) => one.text.includes('Subject: smuggled')).map((one) => one.recipients),
    ).toEqual([]);
    expect(sink.messages.some((one) => one.text.includes(CANARY))).toBe(false);
  });
});

describe('a sender that nobody reads', () => {
  it('has its bounces sent to `notify`', async () => {
    expect(await send('old', order('bounces'), 'gone@shop.example')).toMatch(/^250/);
    const dsn = await sink.next((one) => one.text.includes('could not be delivered'));
    expect(dsn).toMatchObject({ sender: '', recipients: ['it-desk@clinic.example'] });
    expect(dsn.text).toContain('gone@shop.example');
    expect(dsn.text).toContain('no-reply@clinic.example (ehr)');
    expect(sink.messages.flatMap((one) => one.recipients)).not.toContain('no-reply@clinic.example');
  });

  it('has its hold notices sent to `notify`, beside the reviewers', async () => {
    const ambiguous = order('held').replace(
      'Subject',
      'Content-Type: text/plain\nContent-Type: text/html\nSubject',
    );
    expect(await send('old', ambiguous, 'orders@shop.example')).toMatch(/^250/);
    const notice = await sink.next(
      (one) => one.recipients.includes('it-desk@clinic.example') && one.text.includes('is held'),
    );
    expect(notice.text).toContain('A message from no-reply@clinic.example is held');
    await sink.next((one) => one.recipients.includes('privacy@clinic.example'));
    expect(sink.messages.flatMap((one) => one.recipients)).not.toContain('no-reply@clinic.example');
  });
});
