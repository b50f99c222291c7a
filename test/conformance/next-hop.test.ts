import { type ParsedMail, simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Domains, received, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { openDialog, type SmtpDialog } from '../support/smtp-dialog.js';
import type { PeerMessage } from '../support/smtp-peer.js';
import { storyOf } from '../support/story.js';
import { LAB_RESULT } from '../support/submit.js';
import { untilState } from '../support/until-state.js';
import { bodyOf, readContent } from '../support/wire-bytes.js';

/*
 * What a client asked for with MAIL and RCPT, at next servers that can do it and at those that can't: 8BITMIME (RFC 6152),
 * SMTPUTF8 (RFC 6531, 6533), SIZE (RFC 1870) and DSN (RFC 3461). Nothing is sent that the server did not offer, and who
 * can't be served so gets a report (RFC 3464) with the right status.
 */

const ALL = ['PIPELINING', 'SIZE 50000000', '8BITMIME', 'SMTPUTF8', 'DSN', 'ENHANCEDSTATUSCODES'];
const without = (...words: readonly string[]) => ({
  behaviour: { keywords: ALL.filter((one) => !words.some((word) => one.startsWith(word))) },
});

let isBusy = true;
let isAhead = true;
let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  domains = await startDomains({
    'all.example': [{}],
    'seven.example': [without('8BITMIME', 'SMTPUTF8')],
    'ascii.example': [without('SMTPUTF8')],
    'silent.example': [without('DSN')],
    'sizeless.example': [without('SIZE')],
    'small.example': [{ behaviour: { keywords: ['SIZE 2000', '8BITMIME'] } }],
    'unlimited.example': [{ behaviour: { keywords: ['SIZE 0'] } }],
    'wordless.example': [{ behaviour: { keywords: ['SIZE'] } }],
    'full.example': [{ behaviour: { replies: { MAIL: '552 5.3.4 too big' } } }],
    'busy.example': [
      { behaviour: { replies: { MAIL: () => (isBusy ? '452 4.3.1 no room' : '250 2.1.0 fine') } } },
    ],
    'old.example': [{ behaviour: { helloOnly: true } }],
    'odd.example': [
      { behaviour: { replies: { MAIL: '200 well', RCPT: '259 why not', end: '299 it is mine now' } } },
    ],
    // Answers MAIL, and all that it expects to be asked then.
    'ahead.example': [
      {
        behaviour: {
          keywords: [],
          replies: {
            MAIL: () =>
              `250 2.1.0 fine${isAhead ? '\r\n250 2.1.5 fine\r\n354 go on\r\n250 2.0.0 taken' : ''}`,
          },
        },
      },
    ],
    // Where the senders' reports go: a server that can do nothing.
    'clinic.example': [{ behaviour: { keywords: [] } }],
    'ward.example': [{}],
  });
  const open = () => ({
    mode: 'relay',
    identities: ['ehr'],
    tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
    max_connections_per_client: 100,
    messages_per_hour: 10_000,
  });
  home = await relayHome({
    identities: [{ name: 'ehr', networks: ['127.0.0.0/8'], senders: ['clinic.example', 'ward.example'] }],
    listeners: [
      { name: 'inside', address: '127.0.0.1:0', ...open() },
      { name: 'small', address: '127.0.0.1:0', ...open(), max_message_size: '4KB' },
    ],
    first_account: undefined,
    dns: { servers: [domains.dns.address] },
    delivery: { port: domains.port },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

async function greeted(listener = 'inside'): Promise<SmtpDialog> {
  const dialog = await openDialog(relay.port(listener));
  await dialog.reply();
  await dialog.say('EHLO client.example');
  return dialog;
}

let serial = 0;

interface Sent {
  readonly id: string;
  readonly subject: string;
}

interface Wish {
  /** Behind `MAIL FROM:<…>`. */
  readonly mail?: string;
  readonly from?: string;
  /** As they stand behind `RCPT TO:`. */
  readonly rcpt: readonly string[];
  /** More header fields, each with CRLF. */
  readonly header?: string;
  readonly body?: string;
}

/** Sends a message that is accepted; octets are those of Latin-1 but for text of commands, which is UTF-8. */
async function send({
  mail = '',
  from = 'ehr@clinic.example',
  rcpt,
  header = '',
  body = 'x',
}: Wish): Promise<Sent> {
  serial += 1;
  const subject = `message-${serial}`;
  const dialog = await greeted();
  try {
    expect(await dialog.say(`MAIL FROM:<${from}>${mail}`)).toMatch(/^250 2\.1\.0/);
    for (const path of rcpt) expect(await dialog.say(`RCPT TO:${path}`)).toMatch(/^250 2\.1\.5/);
    expect(await dialog.say('DATA')).toMatch(/^354/);
    const top = `From: EHR <ehr@clinic.example>\r\nTo: list@clinic.example\r\nSubject: ${subject}\r\n`;
    const reply = await dialog.say(Buffer.from(`${top}${header}\r\n${body}\r\n.`, 'latin1'));
    const id = /^250 2\.0\.0 .*queued as (\S+)/.exec(reply)?.[1];
    if (id === undefined) throw new Error(`refused: ${reply}`);
    return { id, subject };
  } finally {
    dialog.end();
  }
}

const delivered = ({ id }: Sent, recipient: string) => untilState(home, id, recipient, 'delivered');
const bounced = ({ id }: Sent, recipient: string) => untilState(home, id, recipient, 'bounced');

/** What a domain's server took of a message. */
const taken = (domain: string, { subject }: Sent): readonly PeerMessage[] =>
  domains.peer(domain).messages.filter((one) => one.content.includes(`\r\nSubject: ${subject}\r\n`));
const only = (domain: string, sent: Sent): PeerMessage => {
  const [message, ...more] = taken(domain, sent);
  expect(more).toEqual([]);
  if (message === undefined) throw new Error(`${domain} took nothing`);
  return message;
};

/** The report about a message, as the sender's server took it, and its machine-readable part. */
async function reportAbout(
  sent: Sent,
  nth = 0,
): Promise<{ readonly mail: ParsedMail; readonly wire: PeerMessage; readonly status: string }> {
  const find = () => domains.peer('clinic.example').messages.filter((one) => one.content.includes(sent.id));
  await expect.poll(() => find().length).toBeGreaterThan(nth);
  const wire = find()[nth];
  if (wire === undefined) throw new Error('no report');
  const mail = await simpleParser(received(wire).text, { keepDeliveryStatus: true });
  const part = mail.attachments.find((one) => one.contentType === 'message/delivery-status');
  return { mail, wire, status: part?.content.toString() ?? '' };
}

/** The group of fields about one recipient. */
const about = (status: string, final: string) =>
  status.split(/\r?\n\r?\n/).find((group) => group.includes(`Final-Recipient: ${final}`)) ?? '';

const noReports = ({ id }: Sent) => expect(storyOf(home, id).notices).toEqual([]);

const EIGHT_BIT = {
  header:
    'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n',
  body: 'Gr\xc3\xbc\xc3\x9fe',
};

describe('8BITMIME (RFC 6152)', () => {
  it('8-bit content goes as it is, announced, to a server that offers it', async () => {
    for (const mail of [' BODY=8BITMIME', '', ' BODY=7BIT']) {
      const sent = await send({ mail, rcpt: ['<a@all.example>'], ...EIGHT_BIT });
      await delivered(sent, 'a@all.example');
      const { mail: command, content } = only('all.example', sent);
      expect(command).toMatch(/ BODY=8BITMIME(?: |$)/);
      expect(bodyOf(readContent(content))).toBe(`${EIGHT_BIT.body}\r\n`);
    }
  });

  it('8-bit content is never sent to one that lacks it: it bounces with 5.6.3', async () => {
    for (const domain of ['seven.example', 'old.example']) {
      const sent = await send({ mail: ' BODY=8BITMIME', rcpt: [`<a@${domain}>`], ...EIGHT_BIT });
      await bounced(sent, `a@${domain}`);
      expect(taken(domain, sent)).toEqual([]);
      const { status } = await reportAbout(sent);
      expect(about(status, `rfc822; a@${domain}`)).toMatch(/^Action: failed\r?\nStatus: 5\.6\.3$/m);
    }
  });

  it('7-bit content goes everywhere, also when the client said BODY=8BITMIME', async () => {
    for (const domain of ['seven.example', 'old.example', 'all.example']) {
      const sent = await send({ mail: ' BODY=8BITMIME', rcpt: [`<a@${domain}>`], body: 'plain ASCII' });
      await delivered(sent, `a@${domain}`);
      const { mail, content } = only(domain, sent);
      if (domain !== 'all.example') expect(mail).not.toContain('BODY=');
      expect(bodyOf(readContent(content))).toBe('plain ASCII\r\n');
    }
  });

  it('each recipient fares as its own server can', async () => {
    const sent = await send({
      rcpt: ['<a@all.example>', '<b@seven.example>', '<c@ascii.example>'],
      ...EIGHT_BIT,
    });
    await delivered(sent, 'a@all.example');
    await bounced(sent, 'b@seven.example');
    await delivered(sent, 'c@ascii.example');
    const { status } = await reportAbout(sent);
    expect(status.match(/^Final-Recipient/gm)).toHaveLength(1);
  });
});

describe('SMTPUTF8 (RFC 6531)', () => {
  const utf8Header = { header: 'X-Ward: Innere Medizin S\xc3\xbcd\r\n' };

  it('a recipient with a non-ASCII local part goes to a server that offers it', async () => {
    const sent = await send({ mail: ' SMTPUTF8', rcpt: ['<säm@all.example>'] });
    await delivered(sent, 'säm@all.example');
    const { mail, rcpts } = only('all.example', sent);
    expect(mail).toMatch(/ SMTPUTF8(?: |$)/);
    expect(Buffer.from(rcpts[0] ?? '', 'latin1').toString('utf8')).toContain('<säm@all.example>');
  });

  it('and bounces with 5.6.7 where it lacks; others of the message are delivered', async () => {
    const sent = await send({
      mail: ' SMTPUTF8',
      rcpt: ['<säm@ascii.example>', '<sam@ascii.example>', '<säm@all.example>'],
    });
    await bounced(sent, 'säm@ascii.example');
    await delivered(sent, 'sam@ascii.example');
    await delivered(sent, 'säm@all.example');
    const { mail, rcpts } = only('ascii.example', sent);
    expect(mail).not.toContain('SMTPUTF8');
    expect(rcpts).toHaveLength(1);
    const { wire, status, mail: report } = await reportAbout(sent);
    // In ASCII (RFC 6533 3), for a sender whose server offers nothing.
    expect(wire.content).toMatch(/^[\x00-\x7f]*$/);
    expect(wire.mail).toBe('MAIL FROM:<>');
    expect(about(status, 'utf-8; s\\x{E4}m@ascii.example')).toMatch(/^Action: failed\r?\nStatus: 5\.6\.7$/m);
    expect(status.match(/^Final-Recipient/gm)).toHaveLength(1);
    expect(report.text).toContain('säm@ascii.example');
  });

  it.each([
    ['a sender with a non-ASCII local part', { from: 'wärd@clinic.example' }],
    ['a header in UTF-8', utf8Header],
  ])('%s needs it at every server', async (_name, more) => {
    const sent = await send({ mail: ' SMTPUTF8', rcpt: ['<a@all.example>', '<b@ascii.example>'], ...more });
    await delivered(sent, 'a@all.example');
    expect(only('all.example', sent).mail).toMatch(/ SMTPUTF8(?: |$)/);
    await bounced(sent, 'b@ascii.example');
    expect(taken('ascii.example', sent)).toEqual([]);
    const recipient = storyOf(home, sent.id).recipients.find((one) => one.recipient === 'b@ascii.example');
    expect(JSON.stringify(recipient)).toContain('"status":"5.6.7"');
  });

  it('a header of a part in UTF-8 needs it, too', async () => {
    const sent = await send({
      mail: ' SMTPUTF8 BODY=8BITMIME',
      rcpt: ['<a@all.example>', '<b@ascii.example>'],
      header: 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n',
      body: '--b\r\nContent-Type: text/plain\r\nContent-Description: S\xc3\xbcd\r\n\r\nx\r\n--b--',
    });
    await delivered(sent, 'a@all.example');
    await bounced(sent, 'b@ascii.example');
  });

  it('is not asked of anybody where nothing of the message needs it', async () => {
    const plain = await send({ mail: ' SMTPUTF8', rcpt: ['<a@ascii.example>', '<b@all.example>'] });
    const body = await send({
      mail: ' SMTPUTF8 BODY=8BITMIME',
      rcpt: ['<a@ascii.example>', '<b@all.example>'],
      ...EIGHT_BIT,
    });
    for (const sent of [plain, body]) {
      await delivered(sent, 'a@ascii.example');
      await delivered(sent, 'b@all.example');
      expect(only('ascii.example', sent).mail).not.toContain('SMTPUTF8');
      expect(only('all.example', sent).mail).not.toContain('SMTPUTF8');
    }
  });

  it('the report to a sender with a non-ASCII local part asks for it', async () => {
    const sent = await send({
      mail: ' SMTPUTF8',
      from: 'wärd@ward.example',
      header: 'Reply-To: x@ward.example\r\n',
      rcpt: ['<a@ascii.example>'],
    });
    await bounced(sent, 'a@ascii.example');
    const find = () => domains.peer('ward.example').messages.filter((one) => one.content.includes(sent.id));
    await expect.poll(() => find().length).toBe(1);
    const report = find()[0];
    expect(report?.mail).toMatch(/^MAIL FROM:<> (?=.*SMTPUTF8)(?=.*BODY=8BITMIME)/);
    const utf8 = (text = '') => Buffer.from(text, 'latin1').toString('utf8');
    expect(utf8(report?.rcpts[0])).toBe('RCPT TO:<wärd@ward.example>');
    expect(utf8(report?.content)).toMatch(/^To: .*wärd@ward\.example>?\r$/m);
    expect(report?.content).toMatch(
      /^Final-Recipient: rfc822; a@ascii\.example\r\nAction: failed\r\nStatus: 5\.6\.7\r$/m,
    );
  });

  it('a domain with U-labels is no reason: it travels as A-labels', async () => {
    const sent = await send({ mail: ' SMTPUTF8', rcpt: ['<a@all.example>'], from: 'ehr@clinic.example' });
    await delivered(sent, 'a@all.example');
    const dialog = await greeted();
    await dialog.say('MAIL FROM:<ehr@clinic.example>');
    expect(await dialog.say('RCPT TO:<a@bücher.example>')).toMatch(/^553 5\.6\.7/);
    expect(await dialog.say('RCPT TO:<a@xn--bcher-kva.example>')).toMatch(/^250 2\.1\.5/);
    dialog.end();
  });
});

describe('SIZE (RFC 1870)', () => {
  const body = (octets: number) => `${'x'.repeat(70)}\r\n`.repeat(Math.ceil(octets / 72));

  it.each([
    ['larger than the listener takes', ' SIZE=4097', '552 5.3.4'],
    ['as large as it takes', ' SIZE=4096', '250 2.1.0'],
    ['nothing', ' SIZE=0', '250 2.1.0'],
    ['twice', ' SIZE=1 SIZE=1', '501 5.5.4'],
    ['without a number', ' SIZE', '501 5.5.4'],
    ['an empty number', ' SIZE=', '501 5.5.4'],
    ['negative', ' SIZE=-1', '501 5.5.4'],
    ['a fraction', ' SIZE=1.5', '501 5.5.4'],
    ['20 digits', ` SIZE=${'9'.repeat(20)}`, '552 5.3.4'],
    ['21 digits', ` SIZE=${'1'.repeat(21)}`, '501 5.5.4'],
    ['zeros in front', ' SIZE=0000000000000000017', '250 2.1.0'],
  ])('declared: %s', async (_name, parameter, reply) => {
    const dialog = await greeted('small');
    expect(await dialog.say(`MAIL FROM:<ehr@clinic.example>${parameter}`)).toMatch(
      new RegExp(`^${reply.replaceAll('.', '\\.')} `),
    );
    dialog.end();
  });

  it('a message larger than declared is taken, as long as it is not too large', async () => {
    const sent = await send({ mail: ' SIZE=10', rcpt: ['<a@all.example>'], body: body(3000) });
    await delivered(sent, 'a@all.example');
    expect(bodyOf(readContent(only('all.example', sent).content))).toBe(`${body(3000)}\r\n`);
  });

  it('one that is too large is refused at its end, whatever was declared, and the session goes on', async () => {
    const dialog = await greeted('small');
    for (const parameter of ['', ' SIZE=10']) {
      await dialog.say(`MAIL FROM:<ehr@clinic.example>${parameter}`);
      await dialog.say('RCPT TO:<a@all.example>');
      await dialog.say('DATA');
      expect(await dialog.say(`From: ehr@clinic.example\r\n\r\n${body(5000)}.`)).toMatch(/^552 5\.3\.4 /);
    }
    expect(await dialog.say('NOOP')).toMatch(/^250/);
    dialog.end();
  });

  it('the EHLO reply names the limit', async () => {
    const dialog = await openDialog(relay.port('small'));
    await dialog.reply();
    expect(await dialog.say('EHLO client.example')).toMatch(/^250[ -]SIZE 4096$/m);
    dialog.end();
  });

  it.each(['all.example', 'unlimited.example', 'wordless.example', 'sizeless.example', 'old.example'])(
    'towards %s: exactly what is sent, and only where it is offered',
    async (domain) => {
      const sent = await send({ rcpt: [`<a@${domain}>`], body: `..\r\n${body(3000)}` });
      await delivered(sent, `a@${domain}`);
      const { mail, content } = only(domain, sent);
      if (domain === 'sizeless.example' || domain === 'old.example') expect(mail).not.toContain('SIZE');
      else expect(mail).toContain(` SIZE=${readContent(content).length}`);
    },
  );

  it('a message larger than the next server takes bounces with 5.3.4, and not a byte of it is sent', async () => {
    const sent = await send({ rcpt: ['<a@small.example>', '<b@all.example>'], body: body(3000) });
    await bounced(sent, 'a@small.example');
    await delivered(sent, 'b@all.example');
    expect(domains.peer('small.example').commands.filter((line) => /^(?:MAIL|RCPT|DATA)/.test(line))).toEqual(
      [],
    );
    const { status } = await reportAbout(sent);
    expect(about(status, 'rfc822; a@small.example')).toMatch(/^Action: failed\r?\nStatus: 5\.3\.4$/m);
  });

  it('one that fits is sent there', async () => {
    const sent = await send({ rcpt: ['<a@small.example>'] });
    await delivered(sent, 'a@small.example');
  });

  it('552 at MAIL bounces with the status of the server, 452 is tried again', async () => {
    const sent = await send({ rcpt: ['<a@full.example>', '<a@busy.example>'] });
    await bounced(sent, 'a@full.example');
    const { status } = await reportAbout(sent);
    expect(about(status, 'rfc822; a@full.example')).toMatch(/^Status: 5\.3\.4$/m);
    expect(about(status, 'rfc822; a@full.example')).toMatch(/^Diagnostic-Code: smtp; 552 5\.3\.4$/m);
    await expect.poll(() => JSON.stringify(storyOf(home, sent.id))).toContain('4.3.1');
    isBusy = false;
    await delivered(sent, 'a@busy.example');
  });
});

describe('replies', () => {
  it('with a code that nobody knows are read by their first digit (RFC 5321 4.2.1), so nothing is sent twice', async () => {
    const sent = await send({ rcpt: ['<a@odd.example>', '<b@odd.example>'] });
    await delivered(sent, 'a@odd.example');
    await delivered(sent, 'b@odd.example');
    expect(only('odd.example', sent).rcpts).toHaveLength(2);
    expect(JSON.stringify(storyOf(home, sent.id))).toContain('"replyCode":259');
  });

  it('that nobody asked for end the session: none is taken for the answer to a later command', async () => {
    const sent = await send({ rcpt: ['<a@ahead.example>'] });
    const story = () => JSON.stringify(storyOf(home, sent.id));
    await expect.poll(story).toContain('a reply that nobody asked for');
    expect(domains.peer('ahead.example').commands.join()).not.toMatch(/RCPT|DATA/);
    isAhead = false;
    await delivered(sent, 'a@ahead.example');
    expect(taken('ahead.example', sent)).toHaveLength(1);
  });
});

describe('DSN parameters (RFC 3461)', () => {
  const MAIL = 'MAIL FROM:<ehr@clinic.example>';
  const RCPT = 'RCPT TO:<a@all.example>';

  it.each([
    ['RET=FULL', '250'],
    ['RET=HDRS', '250'],
    ['ret=hdrs', '250'],
    ['RET=', '501 5.5.4'],
    ['RET', '501 5.5.4'],
    ['RET=BODY', '501 5.5.4'],
    ['RET=FULL RET=FULL', '501 5.5.4'],
    ['RET=FULL RET=HDRS', '501 5.5.4'],
    ['ENVID=QQ314159', '250'],
    ['ENVID=a+2Bb+20c', '250'],
    [`ENVID=${'x'.repeat(100)}`, '250'],
    [`ENVID=${'x'.repeat(101)}`, '501 5.5.4'],
    ['ENVID=', '501 5.5.4'],
    ['ENVID', '501 5.5.4'],
    ['ENVID=a+', '501 5.5.4'],
    ['ENVID=a+2', '501 5.5.4'],
    ['ENVID=a+2b', '501 5.5.4'],
    ['ENVID=a=b', '501 5.5.4'],
    ['ENVID=a+0A', '501 5.5.4'],
    ['ENVID=a+00', '501 5.5.4'],
    ['ENVID=a+C3+A4', '501 5.5.4'],
    ['ENVID=a ENVID=a', '501 5.5.4'],
    ['NOTIFY=NEVER', '555 5.5.4'],
  ])('MAIL … %s: %s', async (parameter, reply) => {
    const dialog = await greeted();
    expect(await dialog.say(`${MAIL} ${parameter}`)).toMatch(new RegExp(`^${reply.replaceAll('.', '\\.')} `));
    dialog.end();
  });

  it.each([
    ['NOTIFY=NEVER', '250'],
    ['NOTIFY=SUCCESS,FAILURE,DELAY', '250'],
    ['notify=success', '250'],
    ['NOTIFY=NEVER,SUCCESS', '501 5.5.4'],
    ['NOTIFY=NEVER,NEVER', '501 5.5.4'],
    ['NOTIFY=SUCCESS,', '501 5.5.4'],
    ['NOTIFY=', '501 5.5.4'],
    ['NOTIFY', '501 5.5.4'],
    ['NOTIFY=ALWAYS', '501 5.5.4'],
    ['NOTIFY=NEVER NOTIFY=NEVER', '501 5.5.4'],
    ['ORCPT=rfc822;a+2Bb@all.example', '250'],
    ['ORCPT=RFC822;A@ALL.EXAMPLE', '250'],
    ['ORCPT=x400;+2FS=Roe', '501 5.5.4'],
    ['ORCPT=x400;+2FS+3DRoe', '250'],
    ['ORCPT=rfc822;', '501 5.5.4'],
    ['ORCPT=;a@b', '501 5.5.4'],
    ['ORCPT=a@all.example', '501 5.5.4'],
    ['ORCPT=rfc822;a+0D+0Ab', '501 5.5.4'],
    ['ORCPT=rfc822;a+xx', '501 5.5.4'],
    [`ORCPT=rfc822;${'x'.repeat(493)}`, '250'],
    [`ORCPT=rfc822;${'x'.repeat(501)}`, '501 5.5.4'],
    ['ORCPT=rfc822;a@b ORCPT=rfc822;a@b', '501 5.5.4'],
    ['ORCPT=utf-8;s\\x{E4}m@all.example', '250'],
    ['ORCPT=utf-8;säm@all.example', '501 5.5.4'],
    ['RET=FULL', '555 5.5.4'],
    ['ENVID=x', '555 5.5.4'],
  ])('RCPT … %s: %s', async (parameter, reply) => {
    const dialog = await greeted();
    await dialog.say(MAIL);
    expect(await dialog.say(`${RCPT} ${parameter}`)).toMatch(new RegExp(`^${reply.replaceAll('.', '\\.')} `));
    dialog.end();
  });

  it('are passed on, to each recipient its own, to a server that has DSN', async () => {
    const sent = await send({
      mail: ' RET=FULL ENVID=QQ+2B314159',
      rcpt: [
        '<a@all.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first+2B@all.example',
        '<b@all.example> NOTIFY=NEVER',
        '<c@all.example>',
      ],
    });
    for (const name of ['a', 'b', 'c']) await delivered(sent, `${name}@all.example`);
    const { mail, rcpts } = only('all.example', sent);
    expect(mail).toMatch(/ RET=FULL ENVID=QQ\+2B314159$/);
    expect(rcpts).toEqual([
      'RCPT TO:<a@all.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first+2B@all.example',
      'RCPT TO:<b@all.example> NOTIFY=NEVER',
      'RCPT TO:<c@all.example>',
    ]);
    noReports(sent);
  });

  it('are not sent to one that lacks it; NOTIFY=SUCCESS is then answered here, by `relayed`', async () => {
    const sent = await send({
      mail: ' RET=HDRS ENVID=QQ+2B314159',
      rcpt: [
        '<a@silent.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first+2B@silent.example',
        '<b@silent.example> NOTIFY=NEVER',
        '<c@silent.example> NOTIFY=FAILURE,DELAY',
        '<d@silent.example>',
      ],
    });
    for (const name of ['a', 'b', 'c', 'd']) await delivered(sent, `${name}@silent.example`);
    const { mail, rcpts } = only('silent.example', sent);
    expect(mail + rcpts.join()).not.toMatch(/RET|ENVID|NOTIFY|ORCPT/);
    const { status, wire, mail: report } = await reportAbout(sent);
    expect(wire.mail).toBe('MAIL FROM:<>');
    expect(wire.rcpts).toEqual(['RCPT TO:<ehr@clinic.example>']);
    expect(status).toMatch(/^Original-Envelope-Id: QQ\+314159$/m);
    expect(status).toMatch(/^Reporting-MTA: dns; relay\.clinic\.example$/m);
    expect(status.match(/^Final-Recipient/gm)).toHaveLength(1);
    const group = about(status, 'rfc822; a@silent.example');
    expect(group).toMatch(/^Original-Recipient: rfc822; first\+@silent\.example$/m);
    expect(group).toMatch(/^Action: relayed$/m);
    expect(group).toMatch(/^Status: 2\.0\.0$/m);
    expect(report.headers.get('auto-submitted')).toBe('auto-replied');
    expect(storyOf(home, sent.id).notices).toHaveLength(1);
  });

  it.each([
    ['NOTIFY=SUCCESS', true],
    ['', false],
    ['NOTIFY=FAILURE,DELAY', false],
    ['NOTIFY=NEVER', false],
  ])(
    'what is put into the portal is told as `relayed` to who asked for success: %s',
    async (notify, told) => {
      const body = LAB_RESULT.replaceAll('\n', '\r\n');
      const sent = await send({ rcpt: [`<a@all.example> ${notify}`.trim()], body });
      await untilState(home, sent.id, 'a@all.example', 'in-portal');
      if (!told) {
        expect(storyOf(home, sent.id).notices.filter((one) => one.kind === 'dsn')).toEqual([]);
        return;
      }
      const { status, mail } = await reportAbout(sent);
      expect(about(status, 'rfc822; a@all.example')).toMatch(/^Action: relayed\r?\nStatus: 2\.0\.0$/m);
      expect(status).not.toContain('Remote-MTA');
      expect(mail.text).toContain('was put into the portal');
    },
  );

  it.each([
    ['NOTIFY=FAILURE', true],
    ['', true],
    ['NOTIFY=NEVER', false],
    ['NOTIFY=SUCCESS', false],
    ['NOTIFY=DELAY', false],
  ])('a failure is told as asked: %s', async (notify, told) => {
    const sent = await send({ rcpt: [`<a@full.example> ${notify}`.trim()] });
    await bounced(sent, 'a@full.example');
    if (told) expect((await reportAbout(sent)).status).toMatch(/^Action: failed$/m);
    else noReports(sent);
  });

  it('nobody is told of a message without an envelope sender', async () => {
    const sent = await send({
      from: '',
      rcpt: ['<a@full.example> NOTIFY=FAILURE'],
      header: 'Auto-Submitted: auto-replied\r\n',
    });
    await bounced(sent, 'a@full.example');
    noReports(sent);
  });

  it('an original recipient in UTF-8 is kept, in its ASCII form (RFC 6533 3)', async () => {
    const sent = await send({
      mail: ' SMTPUTF8',
      rcpt: [
        '<säm@all.example> ORCPT=utf-8;süd\\x{2B}1@all.example',
        '<sam@ascii.example> ORCPT=utf-8;süd@ascii.example',
        '<säm@ascii.example> ORCPT=utf-8;s\\x{FC}d@ascii.example',
      ],
    });
    await delivered(sent, 'säm@all.example');
    await delivered(sent, 'sam@ascii.example');
    await bounced(sent, 'säm@ascii.example');
    expect(only('all.example', sent).rcpts).toEqual([
      expect.stringMatching(/ ORCPT=utf-8;s\\x\{FC\}d\\x\{2B\}1@all\.example$/),
    ]);
    expect(only('ascii.example', sent).rcpts).toEqual([
      'RCPT TO:<sam@ascii.example> ORCPT=utf-8;s\\x{FC}d@ascii.example',
    ]);
    const { status } = await reportAbout(sent);
    expect(about(status, 'utf-8; s\\x{E4}m@ascii.example')).toContain(
      'Original-Recipient: utf-8; s\\x{FC}d@ascii.example',
    );
  });
});
