import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { brokenReply } from '../support/reply-rules.js';
import { type Sink, startSink } from '../support/sink.js';
import { authPlain, openDialog, type SmtpDialog } from '../support/smtp-dialog.js';

/*
 * Every reply, to everything that a client can say and at every limit, has the form of RFC 5321 4.2 and the enhanced status
 * code of RFC 2034, RFC 3463 and RFC 5248. Each exchange names the code that it expects; the form is checked of every reply.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;
const open: SmtpDialog[] = [];

beforeAll(async () => {
  sink = await startSink({});
  const inside = () => ({
    address: '127.0.0.1:0',
    mode: 'relay',
    identities: ['ehr'],
    tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
  });
  home = await relayHome({
    identities: [{ name: 'ehr', networks: ['127.0.0.0/8'], senders: ['clinic.example'] }],
    listeners: [
      { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
      { name: 'inside', ...inside(), max_message_size: '16KB' },
      { name: 'few', ...inside(), max_recipients: 1, messages_per_hour: 1 },
      { name: 'narrow', ...inside(), max_connections_per_client: 1 },
      { name: 'impatient', ...inside(), idle_timeout: '3s' },
      { name: 'hasty', ...inside(), data_timeout: '3s' },
    ],
    intake: { max_received_headers: 3, max_header_size: '8KB' },
    login: { failures_per_client: 6, failures_per_account: 3 },
    delivery: {
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

afterEach(() => {
  for (const one of open.splice(0)) one.end();
});

/** A session in which the form of every reply is checked; `say` gives code and status code alone. */
interface Watched {
  say(line: string | Buffer): Promise<string>;
  /** A reply that comes by itself, or to a part of what was written. */
  reply(command?: string): Promise<string>;
  readonly dialog: SmtpDialog;
}

async function watch(listener: string, localAddress?: string): Promise<Watched> {
  const dialog = await openDialog(relay.port(listener), localAddress);
  open.push(dialog);
  const reply = async (command = '*') => {
    const text = await dialog.reply();
    if (text === '') return 'closed';
    expect(brokenReply(command, text)).toBeUndefined();
    return /^\d{3}(?:[ -]\d\.\d+\.\d+)?/.exec(text)?.[0] ?? text;
  };
  expect(await reply('')).toMatch(/^(?:220|421)/);
  return {
    dialog,
    reply,
    say: async (line) => {
      dialog.write(Buffer.concat([Buffer.from(line), Buffer.from('\r\n')]));
      return reply(String(line));
    },
  };
}

async function secured(localAddress?: string): Promise<Watched> {
  const session = await watch('submission', localAddress);
  expect(await session.say('EHLO client.example')).toBe('250');
  expect(await session.say('STARTTLS')).toBe('220 2.0.0');
  await session.dialog.handshake();
  expect(await session.say('EHLO client.example')).toBe('250');
  return session;
}

type Exchange = readonly [line: string, reply: string];

const EHLO: Exchange = ['EHLO client.example', '250'];
const MAIL: Exchange = ['MAIL FROM:<ehr@clinic.example>', '250 2.1.0'];
const RCPT: Exchange = ['RCPT TO:<a@lab.example>', '250 2.1.5'];
const DATA: Exchange = ['DATA', '354'];
const CLOSED: Exchange = ['', 'closed'];
const message = (content: string, reply: string): Exchange => [`${content}\r\n.`, reply];
const FROM = 'From: ehr@clinic.example\r\n';

describe('the rule that replies are checked by', () => {
  it.each([
    ['MAIL', '250 fine'],
    ['MAIL', '250 5.1.0 fine'],
    ['MAIL', '250 2.1 fine'],
    ['MAIL', '250 2.01.0 fine'],
    ['MAIL', '250-2.1.0 one\n250 two'],
    ['MAIL', '250-2.1.0 one\n550 5.1.0 two'],
    ['MAIL', '250 2.1.0 one\n250 2.1.0 two'],
    ['MAIL', '650 2.1.0 fine'],
    ['MAIL', '550 5.1.0 na\u00efve'],
    ['MAIL', `550 5.1.0 ${'x'.repeat(510)}`],
    ['DATA', '354 2.0.0 go on'],
    ['EHLO x', '250 2.0.0 relay'],
  ])('to %s finds fault with %j', (command, reply) => {
    expect(brokenReply(command, reply)).toBeDefined();
  });

  it.each([
    ['', '220 relay'],
    ['', '421 4.7.0 later'],
    ['EHLO x', '250-relay\n250 SIZE'],
    ['HELO x', '501 what'],
    ['DATA', '354 go on'],
    ['MAIL', '250-2.1.0 one\n250 2.1.0 two'],
    ['NOOP', '250 2.0.0'],
  ])('to %s finds none with %j', (command, reply) => {
    expect(brokenReply(command, reply)).toBeUndefined();
  });
});

describe('in the clear, where a network may send so', () => {
  const sessions: Readonly<Record<string, readonly Exchange[]>> = {
    'a good session': [
      EHLO,
      MAIL,
      RCPT,
      DATA,
      message(`${FROM}\r\nx`, '250 2.0.0'),
      ['QUIT', '221 2.0.0'],
      CLOSED,
    ],
    'a good session with HELO': [
      ['HELO client.example', '250'],
      MAIL,
      RCPT,
      DATA,
      message(`${FROM}\r\nx`, '250 2.0.0'),
      ['QUIT', '221 2.0.0'],
    ],
    'greetings that are refused': [
      ['EHLO', '501'],
      ['HELO', '501'],
      ['EHLO one two', '501'],
      [`EHLO ${'x'.repeat(301)}`, '501'],
      ['MAIL FROM:<ehr@clinic.example>', '503 5.5.1'],
      ['AUTH PLAIN AAAA', '503 5.5.1'],
      ['RCPT TO:<a@lab.example>', '503 5.5.1'],
      ['DATA', '503 5.5.1'],
    ],
    'commands that need no greeting (RFC 5321 4.1.4)': [
      ['NOOP', '250 2.0.0'],
      ['NOOP with words', '250 2.0.0'],
      ['RSET', '250 2.0.0'],
      ['HELP', '214 2.0.0'],
      ['HELP MAIL', '214 2.0.0'],
      ['VRFY ward3', '252 2.1.5'],
      ['EXPN staff', '502 5.5.1'],
    ],
    'commands that are not offered': [
      EHLO,
      ['BDAT 4 LAST', '502 5.5.1'],
      ['ETRN clinic.example', '502 5.5.1'],
      ['TURN', '502 5.5.1'],
      ['ATRN', '502 5.5.1'],
      ['SEND FROM:<ehr@clinic.example>', '502 5.5.1'],
      ['SOML FROM:<ehr@clinic.example>', '502 5.5.1'],
      ['SAML FROM:<ehr@clinic.example>', '502 5.5.1'],
      ['XCLIENT NAME=x', '502 5.5.1'],
      ['XFORWARD NAME=x', '502 5.5.1'],
      ['AUTH PLAIN AAAA', '538 5.7.0'],
    ],
    'commands that are unknown': [
      EHLO,
      ['FROB', '500 5.5.1'],
      ['', '500 5.5.1'],
      [' NOOP', '500 5.5.1'],
      ['LHLO client.example', '500 5.5.1'],
      ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2', '500 5.5.1'],
      ['MAILFROM:<ehr@clinic.example>', '500 5.5.1'],
      ['é', '500 5.5.1'],
      ['NOOP\t', '500 5.5.2'],
      ['NOOP \x7f', '500 5.5.2'],
      ['\x1b', '500 5.5.2'],
      CLOSED,
    ],
    MAIL: [
      EHLO,
      ['MAIL', '501 5.5.4'],
      ['MAIL FROM', '501 5.5.4'],
      ['MAIL FROM:', '501 5.5.4'],
      ['MAIL FROM:ehr@clinic.example', '501 5.5.4'],
      ['MAIL FROM:<ehr>', '501 5.1.7'],
      ['MAIL FROM:<boss@lab.example>', '550 5.7.1'],
      ['MAIL FROM:<bösser@clinic.example>', '553 5.6.7'],
      ['MAIL FROM:<ehr@clinic.example> FROB', '555 5.5.4'],
      ['MAIL FROM:<ehr@clinic.example> BODY=BINARYMIME', '501 5.5.4'],
      ['MAIL FROM:<ehr@clinic.example> SIZE=17000', '552 5.3.4'],
      ['MAIL FROM:<ehr@clinic.example> SIZE=1 SIZE=1', '501 5.5.4'],
      ['MAIL FROM:<ehr@clinic.example> AUTH=+', '501 5.5.4'],
      MAIL,
      ['MAIL FROM:<ehr@clinic.example>', '503 5.5.1'],
      ['RSET', '250 2.0.0'],
      ['MAIL FROM:<> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x SIZE=0 AUTH=<>', '250 2.1.0'],
    ],
    RCPT: [
      EHLO,
      MAIL,
      ['RCPT', '501 5.5.4'],
      ['RCPT TO:<>', '501 5.1.3'],
      ['RCPT TO:<a@lab>', '501 5.1.3'],
      ['RCPT TO:<ä@lab.example>', '553 5.6.7'],
      ['RCPT TO:<a@lab.example> FROB', '555 5.5.4'],
      ['RCPT TO:<a@lab.example> NOTIFY=X', '501 5.5.4'],
      ['DATA', '554 5.5.1'],
      ['DATA now', '501 5.5.4'],
      RCPT,
      ['RCPT TO:<postmaster>', '250 2.1.5'],
      ['STARTTLS now', '501 5.5.4'],
      ['EHLO again.example', '250'],
      ['RCPT TO:<a@lab.example>', '503 5.5.1'],
    ],
    'messages that are refused': [
      EHLO,
      ...[
        message('\r\nno header', '550 5.'),
        message(`${FROM}bad line\r\n\r\nx`, '550 5.6.0'),
        message(`${FROM}X: ${'x'.repeat(1000)}\r\n\r\nx`, '550 5.6.0'),
        message(`${FROM}\r\na\nb`, '550 5.6.0'),
        message(`${FROM}\r\na\0b`, '550 5.6.0'),
        message(`From: boss@lab.example\r\n\r\nx`, '550 5.7.1'),
        message(`${FROM}${'Received: x\r\n'.repeat(4)}\r\nx`, '554 5.4.6'),
        message(`${FROM}\r\n${'x\r\n'.repeat(6000)}`, '552 5.3.4'),
        message(`${FROM}${'X: y\r\n'.repeat(2000)}\r\n`, '552 5.3.4'),
      ].flatMap((end) => [MAIL, RCPT, DATA, end]),
      ['NOOP', '250 2.0.0'],
    ],
    'a web browser': [['GET / HTTP/1.1', '421 4.7.0'], CLOSED],
    'a command without end': [EHLO, [`NOOP ${'x'.repeat(13_000)}`, '500 5.5.2'], CLOSED],
    'words behind DATA': [EHLO, MAIL, RCPT, ['DATA\r\nFrom: x', '503 5.5.1'], CLOSED],
    'words behind STARTTLS': [EHLO, ['STARTTLS\r\nNOOP', '503 5.5.1'], CLOSED],
    'too many errors': [EHLO, ...Array<Exchange>(20).fill(['FROB', '500 5.5.1']), ['', '421 4.7.0'], CLOSED],
    'too many commands without a message': [
      EHLO,
      ...Array<Exchange>(99).fill(['NOOP', '250 2.0.0']),
      ['RSET', '421 4.7.0'],
      CLOSED,
    ],
  };

  it.each(Object.entries(sessions))('%s', async (_name, exchanges) => {
    const session = await watch('inside');
    for (const [line, wanted] of exchanges) {
      const isByItself = line === '' && (wanted === 'closed' || wanted.startsWith('421'));
      const reply = isByItself ? await session.reply() : await session.say(line);
      expect([line.slice(0, 60), reply]).toEqual([
        line.slice(0, 60),
        expect.stringMatching(`^${wanted.replaceAll('.', '\\.')}`),
      ]);
    }
  });
});

describe('what EHLO offers', () => {
  const DONE = ['8BITMIME', 'DSN', 'ENHANCEDSTATUSCODES', 'PIPELINING', 'SMTPUTF8'];

  const keywords = (reply: string) =>
    reply
      .split('\n')
      .slice(1)
      .map((line) => line.slice(4))
      .sort();

  it('is what is done, and nothing else: no CHUNKING, no REQUIRETLS, no log-in in the clear', async () => {
    const inside = await watch('inside');
    expect(keywords(await inside.dialog.say('EHLO client.example'))).toEqual(
      [...DONE, 'SIZE 16384', 'STARTTLS'].sort(),
    );
    const submission = await watch('submission');
    expect(keywords(await submission.dialog.say('EHLO client.example'))).toEqual(
      [...DONE, 'SIZE 52428800', 'STARTTLS'].sort(),
    );
    await submission.say('STARTTLS');
    await submission.dialog.handshake();
    expect(keywords(await submission.dialog.say('EHLO client.example'))).toEqual(
      [...DONE, 'SIZE 52428800', 'AUTH PLAIN LOGIN'].sort(),
    );
  });
});

describe('submission', () => {
  it('before TLS', async () => {
    const session = await watch('submission');
    expect(await session.say('EHLO client.example')).toBe('250');
    expect(await session.say('MAIL FROM:<ward3@clinic.example>')).toBe('530 5.7.0');
    expect(await session.say('AUTH PLAIN AAAA')).toBe('538 5.7.0');
    expect(await session.say('STARTTLS')).toBe('220 2.0.0');
  });

  it('log-ins', async () => {
    const session = await secured();
    for (const [line, wanted] of [
      ['MAIL FROM:<ward3@clinic.example>', '530 5.7.0'],
      ['STARTTLS', '503 5.5.1'],
      ['AUTH', '504 5.5.4'],
      ['AUTH CRAM-MD5', '504 5.5.4'],
      ['AUTH PLAIN !', '501 5.5.2'],
      ['AUTH PLAIN AAAA AAAA', '501 5.5.4'],
      ['AUTH PLAIN =', '501 5.5.4'],
      ['AUTH PLAIN', '334'],
      ['*', '501 5.5.4'],
      ['AUTH PLAIN', '334'],
      ['!', '501 5.5.2'],
      ['AUTH LOGIN', '334'],
      ['bm9ib2R5', '334'],
      ['*', '501 5.5.4'],
      ['AUTH LOGIN bm9ib2R5', '334'],
      ['bm9ib2R5', '535 5.7.8'],
      [authPlain('nobody', 'x'), '535 5.7.8'],
      [authPlain(relay.account?.name ?? '', relay.account?.password ?? ''), '235 2.7.0'],
      [authPlain('nobody', 'x'), '503 5.5.1'],
      ['MAIL FROM:<ward3@clinic.example>', '250 2.1.0'],
      ['AUTH PLAIN AAAA', '503 5.5.1'],
      ['STARTTLS', '503 5.5.1'],
      ['QUIT', '221 2.0.0'],
    ] as const)
      expect([line, await session.say(line)]).toEqual([line, wanted]);
  });

  it('an AUTH line that is too long (RFC 4954 4 and 6)', async () => {
    for (const [first, line] of [
      [undefined, `AUTH PLAIN ${'A'.repeat(12_400)}`],
      ['AUTH PLAIN', 'A'.repeat(12_400)],
    ] as const) {
      const session = await secured();
      if (first !== undefined) expect(await session.say(first)).toBe('334');
      expect(await session.say(line)).toBe('500 5.5.6');
      expect(await session.reply()).toBe('closed');
    }
  });

  it('an AUTH line as long as RFC 4954 4 allows is read', async () => {
    const session = await secured();
    const long = Buffer.from(`\0nobody\0${'x'.repeat(9200)}`).toString('base64');
    expect(long.length).toBeLessThanOrEqual(12_288);
    expect(long.length).toBeGreaterThan(12_270);
    expect(await session.say('AUTH PLAIN')).toBe('334');
    expect(await session.say(long)).toBe('535 5.7.8');
  });

  it('too many wrong passwords for one name, and from one client', async () => {
    const session = await secured('127.0.0.2');
    for (const wanted of ['535 5.7.8', '535 5.7.8', '535 5.7.8', '454 4.7.0'])
      expect(await session.say(authPlain('mallory', 'x'))).toBe(wanted);
    for (const name of ['mary', 'mike', 'mona'])
      expect(await session.say(authPlain(name, 'x'))).toBe('535 5.7.8');
    expect(await session.say(authPlain('milo', 'x'))).toBe('421 4.7.0');
    expect(await session.reply()).toBe('closed');
  });
});

describe('limits', () => {
  it('recipients and messages', async () => {
    const session = await watch('few');
    for (const [line, wanted] of [
      EHLO,
      MAIL,
      RCPT,
      ['RCPT TO:<b@lab.example>', '452 4.5.3'],
      DATA,
      message(`${FROM}\r\nx`, '250 2.0.0'),
      ['MAIL FROM:<ehr@clinic.example>', '450 4.7.1'],
    ] as const)
      expect([line, await session.say(line)]).toEqual([line, wanted]);
  });

  it('connections', async () => {
    await watch('narrow');
    const dialog = await openDialog(relay.port('narrow'));
    const greeting = await dialog.reply();
    expect(greeting).toMatch(/^421 4\.7\.0 /);
    expect(brokenReply('', greeting)).toBeUndefined();
    dialog.end();
  });

  it('time', async () => {
    const idle = await watch('impatient');
    expect(await idle.reply()).toBe('421 4.4.2');
    expect(await idle.reply()).toBe('closed');
    const slow = await watch('hasty');
    for (const [line] of [EHLO, MAIL, RCPT, DATA]) await slow.say(line);
    expect(await slow.reply()).toBe('421 4.4.2');
    expect(await slow.reply()).toBe('closed');
  });
});

describe('a relay that stops', () => {
  it('says so to those who are connected, after the transaction that they are in', async () => {
    const idle = await watch('inside');
    const busy = await watch('inside');
    for (const [line] of [EHLO, MAIL, RCPT, DATA]) await busy.say(line);
    const ended = relay.kill('SIGTERM');
    expect(await idle.reply()).toBe('421 4.3.2');
    expect(await busy.say(`${FROM}\r\nx\r\n.`)).toBe('250 2.0.0');
    expect(await busy.reply()).toBe('421 4.3.2');
    expect(await ended).toBe(0);
  });
});
