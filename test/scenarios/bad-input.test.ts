import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import {
  authPlain,
  beginData,
  loggedInDialog,
  openDialog,
  type SmtpDialog,
  secureDialog,
} from '../support/smtp-dialog.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * What a careless or hostile client can say, and what it is answered: exact reply and enhanced status code. Nothing of
 * it is ever queued, and the session stays in step.
 */

const CANARY = 'canary-of-bad-input';
const MAX_RECIPIENTS = 5;
const MAX_CONNECTIONS = 10;

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome({
    listeners: [
      {
        name: 'submission',
        address: '127.0.0.1:0',
        mode: 'submission',
        accounts: true,
        max_message_size: '64KB',
        max_recipients: MAX_RECIPIENTS,
        max_connections_per_client: MAX_CONNECTIONS,
      },
    ],
    intake: { max_received_headers: 3, max_header_size: '8KB' },
    // The table fails to log in more often than anybody may.
    login: { failures_per_client: 1000, failures_per_account: 1000 },
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

/** Replies that end the session, too. */
const CLOSES = true;

describe('commands', () => {
  it.each<[name: string, line: string | Buffer, reply: string, closes?: boolean]>([
    ['MAIL before EHLO', 'MAIL FROM:<ward3@clinic.example>', '503 5.5.1'],
    ['AUTH before EHLO', authPlain('clinic', 'x'), '503 5.5.1'],
    // RFC 2034 section 4: answers to EHLO have no enhanced status code.
    ['EHLO without a name', 'EHLO', '501'],
    ['HELO without a name', 'HELO', '501'],
    ['an unknown command', 'FROB', '500 5.5.1'],
    ['an empty line', '', '500 5.5.1'],
    ['a command not offered', 'BDAT 5 LAST', '502 5.5.1'],
    ['ETRN', 'ETRN clinic.example', '502 5.5.1'],
    ['XCLIENT', 'XCLIENT ADDR=127.0.0.1', '502 5.5.1'],
    ['EXPN', 'EXPN staff', '502 5.5.1'],
    ['VRFY, which tells nothing', 'VRFY ward3', '252 2.1.5'],
    ['a web browser', 'GET / HTTP/1.1', '421 4.7.0', CLOSES],
    ['an NUL in a command', 'NOOP \0', '500 5.5.2'],
    ['a bare CR in a command', 'NOOP\rMAIL FROM:<x@y.example>', '500 5.5.2'],
    ['a command of 13,000 octets', `NOOP ${'x'.repeat(13_000)}`, '500 5.5.2', CLOSES],
  ])('%s: %s', async (_name, line, reply, closes) => {
    const dialog = await openDialog(relay.port('submission'));
    try {
      expect(await dialog.reply()).toMatch(/^220 relay\.clinic\.example /);
      expect(await dialog.say(line)).toMatch(startsWith(reply));
      if (closes === CLOSES) await dialog.closed();
      else expect(await dialog.say('NOOP')).toMatch(/^250/);
    } finally {
      dialog.end();
    }
  });

  it('a bare LF ends no command, and what follows it is not run', async () => {
    const dialog = await openDialog(relay.port('submission'));
    await dialog.reply();
    dialog.write('NOOP\nQUIT\r\n');
    expect(await dialog.reply()).toMatch(/^500 5\.5\.2/);
    expect(await dialog.reply()).toMatch(/^500 5\.5\.2/);
    expect(await dialog.say('NOOP')).toMatch(/^250/);
    dialog.end();
  });
});

describe('before TLS and before a log-in', () => {
  it.each([
    ['AUTH PLAIN in the clear', (name: string, password: string) => authPlain(name, password), '538 5.7.0'],
    ['AUTH LOGIN in the clear', () => 'AUTH LOGIN', '538 5.7.0'],
    ['MAIL in the clear', () => 'MAIL FROM:<ward3@clinic.example>', '530 5.7.0'],
  ])('%s', async (_name, line, reply) => {
    const dialog = await openDialog(relay.port('submission'));
    await dialog.reply();
    const greeting = await dialog.say('EHLO client.example');
    expect(greeting).toContain('STARTTLS');
    expect(greeting).not.toContain('AUTH');
    expect(await dialog.say(line(relay.account?.name ?? '', relay.account?.password ?? ''))).toMatch(
      startsWith(reply),
    );
    dialog.end();
  });

  it.each([
    ['MAIL without an identity', 'MAIL FROM:<ward3@clinic.example>', '530 5.7.0'],
    ['MAIL of the null sender without an identity', 'MAIL FROM:<>', '530 5.7.0'],
    ['RCPT without MAIL', 'RCPT TO:<sam@lab.example>', '503 5.5.1'],
    ['DATA without MAIL', 'DATA', '503 5.5.1'],
    ['STARTTLS within TLS', 'STARTTLS', '503 5.5.1'],
    ['a wrong password', authPlain('clinic', 'not the password'), '535 5.7.8'],
    ['an account that is not there', authPlain('nobody', 'not the password'), '535 5.7.8'],
    [
      'a log-in for somebody else',
      `AUTH PLAIN ${Buffer.from('boss\0clinic\0x').toString('base64')}`,
      '535 5.7.8',
    ],
    ['AUTH that is no base64', 'AUTH PLAIN !!!', '501 5.5.2'],
    ['AUTH that is half of base64', 'AUTH PLAIN AGNsa', '501 5.5.2'],
    ['a mechanism that is not offered', 'AUTH CRAM-MD5', '504 5.5.4'],
    ['AUTH without a mechanism', 'AUTH', '504 5.5.4'],
  ])('%s', async (_name, line, reply) => {
    const dialog = await secureDialog(relay);
    expect(await dialog.say(line)).toMatch(startsWith(reply));
    dialog.end();
  });

  it('a log-in that is given up', async () => {
    const dialog = await secureDialog(relay);
    expect(await dialog.say('AUTH LOGIN')).toMatch(/^334/);
    expect(await dialog.say('*')).toMatch(/^501/);
    expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^530 5\.7\.0/);
    dialog.end();
  });

  it('what is sent behind STARTTLS in the clear is never run, and ends the session', async () => {
    const dialog = await openDialog(relay.port('submission'));
    await dialog.reply();
    await dialog.say('EHLO client.example');
    dialog.write(
      `STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<sam@lab.example>\r\n`,
    );
    expect(await dialog.reply()).toMatch(/^503 5\.5\.1/);
    await dialog.closed();
    expect(await dialog.reply()).toBe('');
  });

  it('what was said before STARTTLS is forgotten', async () => {
    const dialog = await openDialog(relay.port('submission'));
    await dialog.reply();
    await dialog.say('EHLO client.example');
    expect(await dialog.say('STARTTLS')).toMatch(/^220 2\.0\.0/);
    await dialog.handshake();
    expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^503 5\.5\.1/);
    dialog.end();
  });
});

describe('sessions one after another', () => {
  it('are forgotten when they end, however they end: their client is never shut out', async () => {
    for (let i = 0; i < 3 * MAX_CONNECTIONS; i++) {
      const dialog = await secureDialog(relay);
      if (i % 2 === 0) await dialog.say('QUIT');
      dialog.end();
      const broken = await openDialog(relay.port('submission'));
      await broken.reply();
      await broken.say('EHLO client.example');
      await broken.say('STARTTLS');
      broken.write('this is no handshake\r\n');
      await broken.closed();
    }
    const open: SmtpDialog[] = [];
    for (let i = 0; i < MAX_CONNECTIONS; i++) open.push(await secureDialog(relay));
    const oneMore = await openDialog(relay.port('submission'));
    expect(await oneMore.reply()).toMatch(/^421 4\.7\.0/);
    await oneMore.closed();
    for (const one of open) one.end();
    // The relay hears of that a moment later.
    const greeted = async () => {
      const dialog = await openDialog(relay.port('submission'));
      const reply = await dialog.reply();
      dialog.end();
      return reply;
    };
    await expect.poll(greeted).toMatch(/^220 /);
  });
});

describe('MAIL', () => {
  it.each([
    ['no path', 'MAIL', '501 5.5.4'],
    ['no angle brackets', 'MAIL FROM:ward3@clinic.example', '501 5.5.4'],
    ['no colon', 'MAIL FROM <ward3@clinic.example>', '501 5.5.4'],
    ['the wrong word', 'MAIL TO:<ward3@clinic.example>', '501 5.5.4'],
    ['two paths', 'MAIL FROM:<ward3@clinic.example><x@clinic.example>', '501 5.5.4'],
    ['nothing between address and parameter', 'MAIL FROM:<ward3@clinic.example>SIZE=1', '501 5.5.4'],
    ['somebody else', 'MAIL FROM:<boss@elsewhere.example>', '550 5.7.1'],
    ['a subdomain of ours', 'MAIL FROM:<x@sub.clinic.example>', '550 5.7.1'],
    ['a domain that looks like ours', 'MAIL FROM:<x@clinic.example.evil.example>', '550 5.7.1'],
    ['an address without a domain', 'MAIL FROM:<ward3>', '501 5.1.7'],
    ['two @', 'MAIL FROM:<x@evil.example@clinic.example>', '501 5.1.7'],
    ['a comment', 'MAIL FROM:<ward3(x)@clinic.example>', '501 5.1.7'],
    ['bytes that are not UTF-8', Buffer.from('MAIL FROM:<w\xe4rd@clinic.example>', 'latin1'), '501 5.5.2'],
    ['UTF-8 without SMTPUTF8', 'MAIL FROM:<wärd@clinic.example>', '553 5.6.7'],
    ['an unknown parameter', 'MAIL FROM:<ward3@clinic.example> FROB=1', '555 5.5.4'],
    ['a parameter twice', 'MAIL FROM:<ward3@clinic.example> SIZE=1 SIZE=2', '501 5.5.4'],
    ['a malformed parameter', 'MAIL FROM:<ward3@clinic.example> =1', '501 5.5.4'],
    ['a SIZE that is no number', 'MAIL FROM:<ward3@clinic.example> SIZE=1e3', '501 5.5.4'],
    ['a negative SIZE', 'MAIL FROM:<ward3@clinic.example> SIZE=-1', '501 5.5.4'],
    ['a SIZE beyond the limit', 'MAIL FROM:<ward3@clinic.example> SIZE=65537', '552 5.3.4'],
    ['a SIZE beyond every number', `MAIL FROM:<ward3@clinic.example> SIZE=${'9'.repeat(20)}`, '552 5.3.4'],
    ['an unknown BODY', 'MAIL FROM:<ward3@clinic.example> BODY=BINARYMIME', '501 5.5.4'],
    ['an unknown RET', 'MAIL FROM:<ward3@clinic.example> RET=SOME', '501 5.5.4'],
    ['an ENVID with a line break inside', 'MAIL FROM:<ward3@clinic.example> ENVID=a+0D+0Ab', '501 5.5.4'],
    ['SMTPUTF8 with a value', 'MAIL FROM:<ward3@clinic.example> SMTPUTF8=1', '501 5.5.4'],
    ['REQUIRETLS, which is not offered', 'MAIL FROM:<ward3@clinic.example> REQUIRETLS', '555 5.5.4'],
  ])('%s', (_name, line, reply) =>
    inSession(async (dialog) => {
      expect(await dialog.say(line)).toMatch(startsWith(reply));
      await staysInStep(dialog);
    }),
  );

  it('a second one in the same transaction', () =>
    inSession(async (dialog) => {
      await dialog.say('MAIL FROM:<ward3@clinic.example>');
      expect(await dialog.say('MAIL FROM:<ward4@clinic.example>')).toMatch(/^503 5\.5\.1/);
      await dialog.say('RSET');
      await staysInStep(dialog);
    }));

  it('a second log-in', () =>
    inSession(async (dialog) => {
      expect(await dialog.say(authPlain('clinic', 'x'))).toMatch(/^503 5\.5\.1/);
      await staysInStep(dialog);
    }));
});

describe('RCPT', () => {
  it.each([
    ['a comment', '<a(c)@lab.example>', '501 5.1.3'],
    ['two addresses', '<a;b@lab.example>', '501 5.1.3'],
    ['a list', '<a@lab.example,b@lab.example>', '501 5.1.3'],
    ['a quoted local part', '<"q"@lab.example>', '501 5.1.3'],
    ['a quoted local part with @', '<"a@evil.example"@lab.example>', '501 5.1.3'],
    ['a source route', '<@relay.example:sam@lab.example>', '501 5.1.3'],
    ['percent routing is a local part like others', '<sam%evil.example@lab.example>', '250 2.1.5'],
    ['a bang path', '<evil!sam>', '501 5.1.3'],
    ['an IP literal', '<sam@[127.0.0.1]>', '501 5.1.3'],
    ['an IP address as a domain', '<sam@127.0.0.1>', '501 5.1.3'],
    ['an IP address as a number', '<sam@2130706433>', '501 5.1.3'],
    ['nothing', '<>', '501 5.1.3'],
    ['an empty local part', '<@lab.example>', '501 5.1.3'],
    ['an empty domain', '<sam@>', '501 5.1.3'],
    ['a local part of 65', `<${'x'.repeat(65)}@lab.example>`, '501 5.1.3'],
    ['a label of 64', `<sam@${'x'.repeat(64)}.example>`, '501 5.1.3'],
    ['an address of 255', `<sam@${'x.'.repeat(122)}example>`, '501 5.1.3'],
    ['xn-- and no punycode', '<sam@xn--zzzz99999999.example>', '501 5.1.3'],
    ['xn-- and nothing', '<sam@xn--.example>', '501 5.1.3'],
    ['an A-label that hides ASCII', '<sam@xn--lab-.example>', '501 5.1.3'],
    ['one label', '<sam@localhost>', '501 5.1.3'],
    ['a trailing dot', '<sam@lab.example.>', '501 5.1.3'],
    ['an empty label', '<sam@lab..example>', '501 5.1.3'],
    ['a leading dot', '<.sam@lab.example>', '501 5.1.3'],
    ['a space', '<sam smith@lab.example>', '501 5.1.3'],
    ['an underscore in the domain', '<sam@la_b.example>', '501 5.1.3'],
    ['a full-width letter in the domain', '<sam@ｌab.example>', '501 5.1.3'],
    ['UTF-8 without SMTPUTF8', '<säm@lab.example>', '553 5.6.7'],
    ['no angle brackets', 'sam@lab.example', '501 5.5.4'],
    ['text behind the address', '<sam@lab.example>x', '501 5.5.4'],
    ['a display name', 'Sam <sam@lab.example>', '501 5.5.4'],
    ['an unknown parameter', '<sam@lab.example> FROB', '555 5.5.4'],
    ['NOTIFY that contradicts itself', '<sam@lab.example> NOTIFY=NEVER,FAILURE', '501 5.5.4'],
    ['an unknown NOTIFY', '<sam@lab.example> NOTIFY=SOMETIMES', '501 5.5.4'],
    ['ORCPT without a type', '<sam@lab.example> ORCPT=sam@lab.example', '501 5.5.4'],
    ['ORCPT with a line break inside', '<sam@lab.example> ORCPT=rfc822;a+0D+0ARCPT', '501 5.5.4'],
  ])('%s', (_name, path, reply) =>
    inSession(async (dialog) => {
      await dialog.say('MAIL FROM:<ward3@clinic.example>');
      expect(await dialog.say(`RCPT TO:${path}`)).toMatch(startsWith(reply));
      await dialog.say('RSET');
      await staysInStep(dialog);
    }),
  );

  it('a line break within an address is the end of the line, and what follows is judged as a command', () =>
    inSession(async (dialog) => {
      await dialog.say('MAIL FROM:<ward3@clinic.example>');
      dialog.write('RCPT TO:<sam@lab.example\r\nRCPT TO:<evil@lab.example>>\r\n');
      expect(await dialog.reply()).toMatch(/^501 5\.5\.4/);
      expect(await dialog.reply()).toMatch(/^501 5\.5\.4/);
      expect(await dialog.say('DATA')).toMatch(/^554 5\.5\.1/);
    }));

  it('more than are allowed, and then the message goes to those that were accepted', async () => {
    const dialog = await loggedInDialog(relay);
    await dialog.say('MAIL FROM:<ward3@clinic.example>');
    for (let i = 0; i < MAX_RECIPIENTS; i++)
      expect(await dialog.say(`RCPT TO:<r${i}@lab.example>`)).toMatch(/^250 2\.1\.5/);
    expect(await dialog.say('RCPT TO:<r5@lab.example>')).toMatch(/^452 4\.5\.3/);
    // One that is there already is no other.
    expect(await dialog.say('RCPT TO:<r0@lab.example>')).toMatch(/^250 2\.1\.5/);
    await dialog.say('DATA');
    const done = await dialog.say('From: ward3@clinic.example\r\n\r\nto five\r\n.');
    const id = /^250 2\.0\.0 .*queued as (\S+)/.exec(done)?.[1] ?? '';
    dialog.end();
    await untilState(home, id, 'r4@lab.example', 'delivered');
    expect(openReadOnly(home.dataDir, (store) => store.recipients(id))).toHaveLength(MAX_RECIPIENTS);
  });
});

describe('DATA', () => {
  it('without a recipient', () =>
    inSession(async (dialog) => {
      await dialog.say('MAIL FROM:<ward3@clinic.example>');
      expect(await dialog.say('DATA')).toMatch(/^554 5\.5\.1/);
    }));

  it('with an argument', () =>
    inSession(async (dialog) => {
      await dialog.say('MAIL FROM:<ward3@clinic.example>');
      await dialog.say('RCPT TO:<sam@lab.example>');
      expect(await dialog.say('DATA now')).toMatch(/^501 5\.5\.4/);
    }));

  it('with the message sent along, unasked', () =>
    inSession(async (dialog) => {
      await dialog.say('MAIL FROM:<ward3@clinic.example>');
      await dialog.say('RCPT TO:<sam@lab.example>');
      dialog.write('DATA\r\nFrom: ward3@clinic.example\r\n\r\nx\r\n.\r\n');
      expect(await dialog.reply()).toMatch(/^503 5\.5\.1/);
      await dialog.closed();
    }));
});

const HEADER = `From: Ward 3 <ward3@clinic.example>\r\nTo: sam@lab.example\r\nSubject: ${CANARY}\r\n`;
const withFrom = (value: string) => `From: ${value}\r\nTo: sam@lab.example\r\n\r\n${CANARY}`;
/** What a smuggler would have run behind the message that he pretends to end. */
const SMUGGLED = `MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<smuggled@lab.example>\r\nDATA\r\nFrom: ward3@clinic.example\r\n\r\nsmuggled`;

describe('the message', () => {
  it.each<[name: string, content: string | Buffer, reply: string]>([
    ['a bare LF', `${HEADER}\r\none\ntwo`, '550 5.6.0'],
    ['a bare CR', `${HEADER}\r\none\rtwo`, '550 5.6.0'],
    ['a NUL', `${HEADER}\r\none\0two`, '550 5.6.0'],
    ['LF . LF', `${HEADER}\r\none\n.\n${SMUGGLED}`, '550 5.6.0'],
    ['LF . CRLF', `${HEADER}\r\none\n.\r\n${SMUGGLED}`, '550 5.6.0'],
    ['CRLF . LF', `${HEADER}\r\none\r\n.\n${SMUGGLED}`, '550 5.6.0'],
    ['CRLF . CR', `${HEADER}\r\none\r\n.\r${SMUGGLED}`, '550 5.6.0'],
    ['CR . CR', `${HEADER}\r\none\r.\r${SMUGGLED}`, '550 5.6.0'],
    ['CR . LF', `${HEADER}\r\none\r.\n${SMUGGLED}`, '550 5.6.0'],
    ['LF . CR', `${HEADER}\r\none\n.\r${SMUGGLED}`, '550 5.6.0'],
    ['CRLF NUL . CRLF', `${HEADER}\r\none\r\n\0.\r\n${SMUGGLED}`, '550 5.6.0'],
    ['no From', `To: sam@lab.example\r\n\r\n${CANARY}`, '550 5.7.1'],
    ['two From', `From: ward3@clinic.example\r\n${HEADER}\r\n${CANARY}`, '550 5.7.1'],
    ['a From of somebody else', withFrom('boss@elsewhere.example'), '550 5.7.1'],
    ['a From of two', withFrom('ward3@clinic.example, boss@elsewhere.example'), '550 5.7.1'],
    ['a From with a group', withFrom('Staff: ward3@clinic.example;'), '550 5.7.1'],
    ['a From with a comment', withFrom('ward3@clinic.example (boss@elsewhere.example)'), '550 5.7.1'],
    ['a From that hides another', withFrom('boss@elsewhere.example <ward3@clinic.example>'), '550 5.7.1'],
    [
      'a From that hides another in an encoded word',
      withFrom('=?utf-8?B?Ym9zc0BlbHNld2hlcmUuZXhhbXBsZQ==?= <ward3@clinic.example>'),
      '550 5.7.1',
    ],
    ['a From that is no address', withFrom('Ward 3'), '550 5.7.1'],
    ['a Sender of somebody else', `Sender: boss@elsewhere.example\r\n${HEADER}\r\n${CANARY}`, '550 5.7.1'],
    [
      'a Resent-From of somebody else',
      `Resent-From: boss@elsewhere.example\r\n${HEADER}\r\n${CANARY}`,
      '550 5.7.1',
    ],
    ['two Subjects', `Subject: one\r\n${HEADER}\r\n${CANARY}`, '550 5.6.0'],
    ['a header line that is none', `nonsense\r\n${HEADER}\r\n${CANARY}`, '550 5.6.0'],
    ['white space before a colon', `X-A : b\r\n${HEADER}\r\n${CANARY}`, '550 5.6.0'],
    ['a header line of 999 octets', `X-A: ${'y'.repeat(994)}\r\n${HEADER}\r\n${CANARY}`, '550 5.6.0'],
    ['a header of more than 8 KB', `${'X-A: b\r\n'.repeat(1100)}${HEADER}\r\n${CANARY}`, '552 5.3.4'],
    ['more than 64 KB by count', `${HEADER}\r\n${`${'y'.repeat(70)}\r\n`.repeat(920)}`, '552 5.3.4'],
    [
      'four Received fields',
      `${'Received: by x; Mon, 2 Nov 2026 09:00:00 +0000\r\n'.repeat(4)}${HEADER}\r\n${CANARY}`,
      '554 5.4.6',
    ],
    ['nothing', '', '550 5.7.1'],
  ])('%s', (_name, content, reply) =>
    inSession(async (dialog) => {
      await beginData(dialog, ['sam@lab.example']);
      dialog.write(content);
      dialog.write('\r\n.\r\n');
      expect(await dialog.reply()).toMatch(startsWith(reply));
      // In step: this is the answer to NOOP, not to something smuggled.
      expect(await dialog.say('NOOP')).toMatch(/^250 2\.0\.0 (?!.*queued)/);
      await staysInStep(dialog);
    }),
  );

  it('that ends with the connection is not taken', () =>
    inSession(async (dialog) => {
      await beginData(dialog, ['sam@lab.example']);
      dialog.write(`${HEADER}\r\n${CANARY}\r\n`);
      dialog.end();
    }));

  it('dots at the start of lines come through as they were', async () => {
    const dialog = await loggedInDialog(relay);
    await beginData(dialog, ['dots@lab.example']);
    const done = await dialog.say(
      'From: ward3@clinic.example\r\nSubject: dots\r\n\r\n..\r\n...two\r\n..one\r\nno.dot\r\n.',
    );
    expect(done).toMatch(/^250 2\.0\.0/);
    dialog.end();
    const got = await sink.next((one) => one.recipients.includes('dots@lab.example'));
    expect(got.text).toContain('\r\n\r\n.\r\n..two\r\n.one\r\nno.dot\r\n');
  });
});

describe('afterwards', () => {
  it('nothing of all this was queued, sent, or repeated in log and audit', async () => {
    const listed = openReadOnly(home.dataDir, (store) => store.list({ limit: 1000 }));
    const recipients = listed.map(({ recipient }) => recipient.address);
    expect(recipients.filter((one) => /smuggled|evil|%|sam@/.test(one))).toEqual([]);
    for (const one of sink.messages) expect(one.text).not.toContain(CANARY);
    const audit = await home.run(['audit', 'search', '--limit', '5000', '--json']);
    expect(audit.status).toBe(0);
    for (const text of [audit.stdout, relay.output()]) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain('smuggled');
    }
    expect(
      JSON.parse(audit.stdout).filter((row: { type: string }) => row.type === 'session.refused').length,
    ).toBeGreaterThan(60);
    // No body is left behind of what was refused half-way.
    const id = await submit(relay, { to: ['last@lab.example'] });
    await untilState(home, id, 'last@lab.example', 'delivered');
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

function startsWith(reply: string): RegExp {
  return new RegExp(`^${reply.replaceAll('.', '\\.')} `);
}

/** The session goes on: a transaction can be begun and reset. */
async function staysInStep(dialog: SmtpDialog): Promise<void> {
  expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^250 2\.1\.0/);
  expect(await dialog.say('RSET')).toMatch(/^250/);
}

/** Runs a dialog of a logged-in client, in which no message may be accepted. */
async function inSession(use: (dialog: SmtpDialog) => Promise<void>): Promise<void> {
  const before = queued();
  const dialog = await loggedInDialog(relay);
  try {
    await use(dialog);
  } finally {
    dialog.end();
  }
  expect(queued()).toBe(before);
}

function queued(): number {
  return openReadOnly(home.dataDir, (store) => store.list({ limit: 1000 })).length;
}
