import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { type Domains, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { beginData, openDialog, type SmtpDialog } from '../support/smtp-dialog.js';
import type { PeerMessage } from '../support/smtp-peer.js';
import { untilState } from '../support/until-state.js';
import { ambiguousBytes, bodyOf, readContent, strictReading, undoubledDots } from '../support/wire-bytes.js';

/*
 * SMTP smuggling (RFC 5321 4.1.1.4, 4.5.2 and 2.3.8). Only CR LF . CR LF ends a message, whatever the setting of the
 * listener; nothing hidden behind another "end" becomes a message of its own, neither here nor at the next server; and
 * what leaves has no bare CR, bare LF or NUL and no dot that isn't doubled.
 */

const LISTENERS = ['strict', 'old'] as const;
type Listener = (typeof LISTENERS)[number];

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  domains = await startDomains({ 'shop.example': [{}], 'victim.example': [{}], 'clinic.example': [{}] });
  const open = (name: string) => ({
    name,
    address: '127.0.0.1:0',
    mode: 'relay',
    identities: ['ehr'],
    tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
    max_connections_per_client: 100,
    messages_per_hour: 10_000,
  });
  home = await relayHome({
    identities: [{ name: 'ehr', networks: ['127.0.0.0/8'], senders: ['clinic.example'] }],
    listeners: [open('strict'), { ...open('old'), bare_newline: 'normalize' }],
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

/** What writers of mail, and attackers, have used as the end of a line. */
const NEWLINES: Readonly<Record<string, string>> = {
  'CR LF': '\r\n',
  LF: '\n',
  CR: '\r',
  'LF CR': '\n\r',
  'CR CR LF': '\r\r\n',
  'CR LF LF': '\r\n\n',
  'CR LF CR': '\r\n\r',
  'CR NUL LF': '\r\0\n',
  'NUL CR LF': '\0\r\n',
  'CR LF NUL': '\r\n\0',
  'vertical tab': '\x0b',
  'form feed': '\x0c',
  'NEL (U+0085)': '\xc2\x85',
  'NEL (octet)': '\x85',
  'line separator (U+2028)': '\xe2\x80\xa8',
  nothing: '',
};

interface Variant {
  readonly name: string;
  readonly end: string;
}

/** Every newline before the dot with every newline behind it, but for those that hold the one true end. */
const VARIANTS: readonly Variant[] = Object.entries(NEWLINES).flatMap(([before, a]) =>
  Object.entries(NEWLINES).flatMap(([behind, b]) => {
    const end = `${a}.${b}`;
    return /\r\n\.\r\n/.test(end) ? [] : [{ name: `${before} . ${behind}`, end }];
  }),
);

const header = (subject: string) =>
  `From: EHR <ehr@clinic.example>\r\nTo: orders@shop.example\r\nSubject: ${subject}\r\n`;
const SMUGGLED = `MAIL FROM:<boss@clinic.example>\r\nRCPT TO:<victim@victim.example>\r\nDATA\r\n${header('smuggled')}\r\nPay them.`;

async function greeted(listener: Listener): Promise<SmtpDialog> {
  const dialog = await openDialog(relay.port(listener));
  await dialog.reply();
  await dialog.say('EHLO client.example');
  return dialog;
}

const idIn = (reply: string) => /^250 2\.0\.0 .*queued as (\S+)/.exec(reply)?.[1];

/** Messages that the server of `shop.example` took, by Subject. */
const taken = (subject: string): readonly PeerMessage[] =>
  domains.peer('shop.example').messages.filter((one) => one.content.includes(`\r\nSubject: ${subject}\r\n`));

describe.each(LISTENERS)('a false end of the data, listener %s', (listener) => {
  const results = new Map<
    string,
    { readonly reply: string; readonly after: string; readonly subject: string }
  >();

  beforeAll(async () => {
    let dialog = await greeted(listener);
    for (const [i, { name, end }] of VARIANTS.entries()) {
      if (i % 10 === 9) {
        // Too many refusals would end a session.
        dialog.end();
        dialog = await greeted(listener);
      }
      const subject = `${listener}-${i}`;
      await beginData(dialog, ['orders@shop.example'], 'ehr@clinic.example');
      dialog.write(Buffer.from(`${header(subject)}\r\nbefore${end}${SMUGGLED}\r\n.\r\n`, 'latin1'));
      const reply = await dialog.reply();
      results.set(name, { reply, after: await dialog.say('RSET'), subject });
    }
    dialog.end();
    for (const { reply } of results.values()) {
      const id = idIn(reply);
      if (id !== undefined) await untilState(home, id, 'orders@shop.example', 'delivered', 'held');
    }
  });

  it.each(VARIANTS)('$name', ({ name, end }) => {
    const { reply, after, subject } = results.get(name) ?? { reply: '', after: '', subject: '' };
    // One reply for the whole of it, and the session is in step.
    expect(after).toMatch(/^250 2\.0\.0/);
    const { content } = strictReading(`${header(subject)}\r\nbefore${end}${SMUGGLED}\r\n.\r\n`);
    const nul = content.includes('\0');
    const bare = /\r(?!\n)|(?<!\r)\n/.test(content);
    if (nul || (bare && listener === 'strict')) {
      expect(reply).toMatch(/^550 5\.6\.0 /);
      expect(taken(subject)).toEqual([]);
      return;
    }
    const id = idIn(reply) ?? '';
    expect(id).not.toBe('');
    const [message, ...more] = taken(subject);
    expect(more).toEqual([]);
    expect(message?.rcpts).toEqual([expect.stringContaining('<orders@shop.example>')]);
    const read = readContent(message?.content ?? '');
    expect(bodyOf(read)).toBe(bodyOf(content.replace(/\r{1,2}\n|\r|\n/g, '\r\n')));
  });

  it('none of them made a message for anybody else', async () => {
    expect(domains.peer('victim.example').commands).toEqual([]);
    const { stdout } = await home.run(['audit', 'search', '--type', 'message.accepted', '--json']);
    expect(stdout).toContain('ehr@clinic.example');
    expect(stdout).not.toMatch(/boss@clinic|victim/);
  });
});

describe('the true end', () => {
  it.each(LISTENERS)('%s: is found however the bytes are cut, and so are dots', async (listener) => {
    const dialog = await greeted(listener);
    const text = `${header(`cut ${listener}`)}\r\n..\r\n..5 mg\r\n...\r\n.x\r\na.\r\n\r\n.\r\n`;
    const wanted = bodyOf(strictReading(text).content);
    const interesting = text.indexOf('\r\n\r\n') + 2;
    let sent = 0;
    for (let cut = interesting; cut < text.length; cut++) {
      await beginData(dialog, ['orders@shop.example'], 'ehr@clinic.example');
      await dialog.writeAlone(text.slice(0, cut));
      dialog.write(text.slice(cut));
      expect(await dialog.reply()).toMatch(/^250 2\.0\.0/);
      sent += 1;
    }
    // Each octet by itself.
    await beginData(dialog, ['orders@shop.example'], 'ehr@clinic.example');
    for (const octet of text) await dialog.writeAlone(octet);
    const last = idIn(await dialog.reply()) ?? '';
    sent += 1;
    dialog.end();
    await untilState(home, last, 'orders@shop.example', 'delivered');
    await expect.poll(() => taken(`cut ${listener}`).length).toBe(sent);
    const read = taken(`cut ${listener}`).map((one) => bodyOf(readContent(one.content)));
    expect(new Set(read)).toEqual(new Set([wanted]));
  });

  it.each(LISTENERS)('%s: may be the first that is sent', async (listener) => {
    const dialog = await greeted(listener);
    await beginData(dialog, ['orders@shop.example'], 'ehr@clinic.example');
    // No header, so no From: refused, but as one message.
    expect(await dialog.say('.')).toMatch(/^550 5\./);
    expect(await dialog.say('NOOP')).toMatch(/^250/);
    dialog.end();
  });

  it.each(LISTENERS)('%s: commands may follow it at once (RFC 2920 3.1)', async (listener) => {
    const dialog = await greeted(listener);
    await beginData(dialog, ['orders@shop.example'], 'ehr@clinic.example');
    dialog.write(
      `${header('first of two')}\r\nx\r\n.\r\nMAIL FROM:<ehr@clinic.example>\r\nRCPT TO:<orders@shop.example>\r\nDATA\r\n`,
    );
    expect(await dialog.reply()).toMatch(/^250 2\.0\.0/);
    expect(await dialog.reply()).toMatch(/^250 2\.1\.0/);
    expect(await dialog.reply()).toMatch(/^250 2\.1\.5/);
    expect(await dialog.reply()).toMatch(/^354/);
    expect(await dialog.say(`${header('second of two')}\r\nx\r\n.`)).toMatch(/^250 2\.0\.0/);
    dialog.end();
  });
});

describe('commands', () => {
  it.each(LISTENERS)('%s: a bare CR, bare LF or NUL ends no command', async (listener) => {
    for (const newline of ['\n', '\r', '\n\r', '\0']) {
      const dialog = await greeted(listener);
      dialog.write(`MAIL FROM:<ehr@clinic.example>${newline}RCPT TO:<victim@victim.example>\r\n`);
      expect(await dialog.reply()).toMatch(/^500 5\.5\.2/);
      if (newline.startsWith('\n')) expect(await dialog.reply()).toMatch(/^500 5\.5\.2/);
      expect(await dialog.say('RCPT TO:<victim@victim.example>')).toMatch(/^503 5\.5\.1/);
      dialog.end();
    }
  });
});

describe('what leaves', () => {
  it('has every dot doubled, also where the pieces of a large message begin', async () => {
    const dialog = await greeted('strict');
    for (const shift of [0, 1, 2]) {
      const subject = `dots ${shift}`;
      await beginData(dialog, ['orders@shop.example'], 'ehr@clinic.example');
      dialog.write(`${header(subject)}X-Pad: ${'x'.repeat(shift)}\r\n\r\n${'..\r\n'.repeat(100_000)}.\r\n`);
      const id = idIn(await dialog.reply()) ?? '';
      await untilState(home, id, 'orders@shop.example', 'delivered');
      expect(bodyOf(readContent(taken(subject)[0]?.content ?? ''))).toBe('.\r\n'.repeat(100_000));
    }
    dialog.end();
  });

  it('has no bare CR or LF, no NUL and no dot that is not doubled, whatever came in', async () => {
    // What is on its way has begun, and is not there.
    await expect
      .poll(() => openReadOnly(home.dataDir, (store) => store.counts()))
      .toMatchObject({ received: 0, pending: 0 });
    const { messages, clear, secured } = domains.peer('shop.example');
    expect(messages.length).toBeGreaterThan(200);
    expect(ambiguousBytes(clear() + secured())).toEqual([]);
    expect(messages.flatMap((one) => undoubledDots(one.content))).toEqual([]);
    // One MAIL for each message: nothing in a content was taken for a command.
    expect(domains.peer('shop.example').commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(
      messages.length,
    );
  });
});
