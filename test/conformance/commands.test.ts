import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Domains, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { authPlain, beginData, openDialog, type SmtpDialog, secureDialog } from '../support/smtp-dialog.js';
import type { PeerMessage } from '../support/smtp-peer.js';
import { untilState } from '../support/until-state.js';
import { bodyOf, readContent } from '../support/wire-bytes.js';

/*
 * Pipelining and its abuse (RFC 2920), lengths of lines (RFC 5321 4.5.3.1, RFC 4954 4), and how many useless commands a
 * session may send. The forms of all replies are tested in status-codes.test.ts.
 */

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;
const open: SmtpDialog[] = [];

beforeAll(async () => {
  domains = await startDomains({ 'lab.example': [{}], 'clinic.example': [{}] });
  home = await relayHome({
    identities: [{ name: 'ehr', networks: ['127.0.0.0/8'], senders: ['clinic.example'] }],
    listeners: [
      { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
      {
        name: 'inside',
        address: '127.0.0.1:0',
        mode: 'relay',
        identities: ['ehr'],
        tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
      },
    ],
    dns: { servers: [domains.dns.address] },
    delivery: { port: domains.port },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

afterEach(() => {
  for (const one of open.splice(0)) one.end();
});

async function connected(): Promise<SmtpDialog> {
  const dialog = await openDialog(relay.port('inside'));
  open.push(dialog);
  return dialog;
}

async function greeted(): Promise<SmtpDialog> {
  const dialog = await connected();
  await dialog.reply();
  expect(await dialog.say('EHLO client.example')).toMatch(/^250[ -]PIPELINING$/m);
  return dialog;
}

const MAIL = 'MAIL FROM:<ehr@clinic.example>';
const RCPT = 'RCPT TO:<a@lab.example>';
const mail = (subject: string, body = 'x') =>
  `From: ehr@clinic.example\r\nSubject: ${subject}\r\n\r\n${body}\r\n.\r\n`;

/** Writes lines at once and gives the codes of as many replies, or of those until the end of the connection. */
async function group(
  dialog: SmtpDialog,
  lines: readonly string[],
  replies = lines.length,
): Promise<string[]> {
  dialog.write(lines.map((line) => `${line}\r\n`).join(''));
  const codes: string[] = [];
  while (codes.length < replies) {
    const reply = await dialog.reply();
    codes.push(reply === '' ? 'closed' : reply.slice(0, 3));
    if (reply === '') break;
  }
  return codes;
}

const taken = (subject: string): readonly PeerMessage[] =>
  domains.peer('lab.example').messages.filter((one) => one.content.includes(`\r\nSubject: ${subject}\r\n`));

async function delivered(reply: string, subject: string): Promise<PeerMessage> {
  const id = /^250 2\.0\.0 .*queued as (\S+)/.exec(reply)?.[1];
  if (id === undefined) throw new Error(`refused: ${reply}`);
  await untilState(home, id, 'a@lab.example', 'delivered');
  const [message, ...more] = taken(subject);
  expect(more).toEqual([]);
  if (message === undefined) throw new Error('not taken');
  return message;
}

describe('pipelining (RFC 2920)', () => {
  it('replies come in order, and DATA waits for its 354', async () => {
    const dialog = await greeted();
    const lines = ['RSET', MAIL, RCPT, 'RCPT TO:<>', 'RCPT TO:<b@lab.example>', 'DATA'];
    expect(await group(dialog, lines)).toEqual(['250', '250', '250', '501', '250', '354']);
    dialog.write(mail('in order'));
    const { rcpts } = await delivered(await dialog.reply(), 'in order');
    expect(rcpts).toHaveLength(2);
  });

  it.each<[name: string, lines: readonly string[], codes: readonly string[]]>([
    ['a sender that is refused', ['MAIL FROM:<boss@evil.example>', RCPT, 'DATA'], ['550', '503', '503']],
    [
      'recipients that are all refused',
      [MAIL, 'RCPT TO:<>', 'RCPT TO:<x>', 'DATA'],
      ['250', '501', '501', '554'],
    ],
    ['no recipients', [MAIL, 'DATA'], ['250', '554']],
    ['RSET in the middle', [MAIL, RCPT, 'RSET', 'DATA'], ['250', '250', '250', '503']],
    ['a second MAIL', [MAIL, RCPT, MAIL, RCPT], ['250', '250', '503', '250']],
    [
      'commands that only need an answer',
      ['NOOP', 'VRFY x', 'EXPN x', 'HELP', 'NOOP'],
      ['250', '252', '502', '214', '250'],
    ],
  ])('%s: no 354, each has its reply, and the session is in step', async (_name, lines, codes) => {
    const dialog = await greeted();
    expect(await group(dialog, lines)).toEqual(codes);
    expect(await dialog.say('RSET')).toMatch(/^250 2\.0\.0/);
    await beginData(dialog, ['a@lab.example'], 'ehr@clinic.example');
  });

  it.each<[name: string, lines: readonly string[], codes: readonly string[]]>([
    [
      'a message behind DATA',
      [MAIL, RCPT, 'DATA', 'From: ehr@clinic.example', '', 'x', '.'],
      ['250', '250', '503'],
    ],
    ['commands behind DATA', [MAIL, RCPT, 'DATA', 'RSET', MAIL], ['250', '250', '503']],
    ['commands behind a DATA that would be refused', [MAIL, 'DATA', RCPT], ['250', '503']],
    ['commands behind EHLO', ['EHLO x', MAIL, RCPT], ['503']],
    ['commands behind HELO', ['HELO x', MAIL, RCPT], ['503']],
    ['commands behind AUTH', ['AUTH PLAIN AAAA', MAIL], ['503']],
    ['commands behind QUIT', ['QUIT', MAIL, RCPT], ['221']],
    ['commands behind a web request', ['GET / HTTP/1.1', 'Host: x', MAIL], ['421']],
  ])('%s: none of it is run, and the session ends', async (_name, lines, codes) => {
    const dialog = await greeted();
    expect(await group(dialog, lines, lines.length + 1)).toEqual([...codes, 'closed']);
  });

  it('a log-in in one packet is refused before the password is looked at', async () => {
    const { name = '', password = '' } = relay.account ?? {};
    for (const lines of [
      ['AUTH LOGIN', Buffer.from(name).toString('base64'), Buffer.from(password).toString('base64')],
      ['AUTH PLAIN', authPlain(name, password).slice('AUTH PLAIN '.length)],
      [authPlain(name, password), 'MAIL FROM:<ward3@clinic.example>'],
    ]) {
      const dialog = await secureDialog(relay);
      open.push(dialog);
      expect(await group(dialog, lines)).toEqual(['503', 'closed']);
    }
    const { stdout } = await home.run(['audit', 'search', '--type', 'login.succeeded', '--json']);
    expect(stdout).not.toContain('login.succeeded');
    expect(relay.output()).not.toContain(Buffer.from(password).toString('base64'));
  });

  it('commands behind a log-in that fails run as nobody', async () => {
    const dialog = await secureDialog(relay);
    open.push(dialog);
    await dialog.writeAlone(`${authPlain('nobody', 'x')}\r\n`);
    expect(await dialog.reply()).toMatch(/^535 5\.7\.8/);
    expect(await group(dialog, ['MAIL FROM:<ward3@clinic.example>', RCPT, 'DATA'])).toEqual([
      '530',
      '503',
      '503',
    ]);
  });

  it('commands before the greeting are never run', async () => {
    for (let i = 0; i < 10; i++) {
      const dialog = await connected();
      dialog.write(`EHLO early.example\r\n${MAIL}\r\n${RCPT}\r\nDATA\r\n${mail('early')}`);
      const codes = await group(dialog, [], 9);
      // The greeting overtakes them, or not.
      expect([
        ['421', 'closed'],
        ['220', '421', 'closed'],
        ['220', '503', 'closed'],
      ]).toContainEqual(codes);
    }
    expect(taken('early')).toEqual([]);
  });

  it('a message, and the next envelope behind it in the same packet', async () => {
    const dialog = await greeted();
    await beginData(dialog, ['a@lab.example'], 'ehr@clinic.example');
    dialog.write(`${mail('first')}${MAIL}\r\n${RCPT}\r\nDATA\r\n`);
    const first = await dialog.reply();
    expect(await group(dialog, [], 3)).toEqual(['250', '250', '354']);
    dialog.write(mail('second'));
    await delivered(first, 'first');
    await delivered(await dialog.reply(), 'second');
  });

  it('more than a client may say without a message ends the session, however fast it is said', async () => {
    const dialog = await greeted();
    const codes = await group(dialog, Array<string>(500).fill('NOOP'), 502);
    expect(codes.filter((code) => code === '250').length).toBeLessThanOrEqual(100);
    expect(codes.slice(-2)).toEqual(['421', 'closed']);
  });
});

describe('useless commands', () => {
  it.each([
    ['unknown ones', 'FROB', 20],
    ['ones out of order', 'DATA', 20],
    ['envelopes that are refused', 'MAIL FROM:<boss@evil.example>', 20],
    ['lines with control characters', 'NOOP \x01', 3],
    ['greetings', 'EHLO again.example', 99],
  ])('%s: bounded', async (_name, line, most) => {
    const dialog = await greeted();
    let refused = 0;
    for (
      let reply = await dialog.say(line);
      reply !== '' && !reply.startsWith('421');
      reply = await dialog.say(line)
    )
      refused += 1;
    expect(refused).toBe(most);
    await dialog.closed();
  });

  it('a message that is taken starts the count anew', async () => {
    const dialog = await greeted();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 15; i++) expect(await dialog.say('FROB')).toMatch(/^500/);
      await beginData(dialog, ['a@lab.example'], 'ehr@clinic.example');
      dialog.write(mail(`round ${round}`));
      expect(await dialog.reply()).toMatch(/^250/);
    }
  });
});

describe('greetings', () => {
  it('a refused EHLO changes nothing (RFC 5321 4.1.1.1)', async () => {
    const dialog = await connected();
    await dialog.reply();
    expect(await dialog.say('HELO client.example')).toMatch(/^250/);
    await dialog.say(MAIL);
    await dialog.say(RCPT);
    expect(await dialog.say('EHLO')).toMatch(/^501/);
    expect(await dialog.say(`EHLO ${'x'.repeat(400)}`)).toMatch(/^501/);
    expect(await dialog.say('DATA')).toMatch(/^354/);
    dialog.write(mail('greeted with HELO'));
    const { content } = await delivered(await dialog.reply(), 'greeted with HELO');
    expect(content).toMatch(/^\twith SMTP\r$/m);
  });
});

describe('lengths of lines', () => {
  const padded = (length: number) => `NOOP ${'x'.repeat(length - 'NOOP \r\n'.length)}`;

  it.each([512, 1024, 12_288, 12_304])('a command of %i octets is read', async (length) => {
    const dialog = await greeted();
    expect(await dialog.say(padded(length))).toMatch(/^250 2\.0\.0/);
  });

  it.each([12_320, 100_000, 5_000_000])(
    'a command of %i octets is refused, and the session ends',
    async (length) => {
      const dialog = await greeted();
      expect(await dialog.say(padded(length))).toMatch(/^500 5\.5\.2 .*too long/);
      await dialog.closed();
    },
  );

  it('a command that never ends is not waited for', async () => {
    const dialog = await greeted();
    dialog.write('x'.repeat(20_000));
    expect(await dialog.reply()).toMatch(/^500 5\.5\.2/);
    await dialog.closed();
  });

  it('MAIL and RCPT take all parameters at their full lengths', async () => {
    const dialog = await greeted();
    const address = `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(2)}${'c'.repeat(52)}.example`;
    expect(
      await dialog.say(
        `${MAIL} SIZE=00000000000000000001 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=${'x'.repeat(100)} AUTH=${'y'.repeat(500)}`,
      ),
    ).toMatch(/^250/);
    expect(
      await dialog.say(`RCPT TO:<${address}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;${'z'.repeat(493)}`),
    ).toMatch(/^250/);
  });

  it('text lines of 998 characters and of many more arrive as they are', async () => {
    const lines = [998, 999, 4096, 100_000].map((length) => 'x'.repeat(length));
    const dialog = await greeted();
    await beginData(dialog, ['a@lab.example'], 'ehr@clinic.example');
    dialog.write(mail('long lines', lines.join('\r\n')));
    const { content } = await delivered(await dialog.reply(), 'long lines');
    expect(bodyOf(readContent(content)).split('\r\n')).toEqual([...lines, '']);
  });

  it.each([
    ['a header line of 998 characters', `X: ${'x'.repeat(995)}`, 'x', '250 2.0.0'],
    [
      'a header line of 999 characters',
      `X: ${'x'.repeat(996)}`,
      'x',
      '550 5.6.0 A header line is longer than 998',
    ],
    [
      'a folded one of 999 characters',
      `X: y\r\n ${'x'.repeat(998)}`,
      'x',
      '550 5.6.0 A header line is longer than 998',
    ],
    [
      'a text line of more than 1 MB',
      'X: y',
      'x'.repeat(1024 * 1024 + 1),
      '550 5.6.0 The message has a line that is far too long',
    ],
  ])('%s', async (_name, field, body, wanted) => {
    const dialog = await greeted();
    await beginData(dialog, ['a@lab.example'], 'ehr@clinic.example');
    expect(await dialog.say(`From: ehr@clinic.example\r\n${field}\r\n\r\n${body}\r\n.`)).toMatch(
      new RegExp(`^${wanted.replaceAll('.', '\\.')}`),
    );
    expect(await dialog.say('NOOP')).toMatch(/^250/);
  });
});
