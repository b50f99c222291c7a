import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { authPlain, loggedInDialog, openDialog, secureDialog } from '../support/smtp-dialog.js';
import { type SmtpPeer, startPeer } from '../support/smtp-peer.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';
import { filesUnder } from './oracle/read-files.js';

/*
 * A word that stands for patient data, in every field that a sender, a client, a visitor or a peer can fill. Then
 * everything is searched that the relay wrote or said: its output, every file of its data directory as bytes, its
 * metrics, its listings, its log, and the mail of its own that left in the clear. (Envelope addresses and Message-IDs are
 * in the audit log on purpose, so the word is in none of those.)
 */

const WORD = 'zqcanary';
const NUMBER = '212-55-0187';
/** Spellings in which it could have been written. */
const SPELLINGS = [
  Buffer.from(WORD),
  Buffer.from(WORD.toUpperCase()),
  Buffer.from(WORD, 'utf16le'),
  // The word in base64 at each of the three offsets, without the characters that its neighbours decide.
  ...[0, 1, 2].map((offset) =>
    Buffer.from(
      Buffer.from('x'.repeat(offset) + WORD)
        .toString('base64')
        .slice(offset + 1, -4),
    ),
  ),
  Buffer.from(NUMBER),
  Buffer.from(NUMBER.replaceAll('-', '')),
];

let home: RelayHome;
let relay: RunningRelay;
let peer: SmtpPeer;

beforeAll(async () => {
  peer = await startPeer({
    behaviour: {
      startTls: 'none',
      replies: {
        RCPT: (address) => {
          if (address.includes('gone@')) return `550 5.1.1 no ${WORD} here, ${NUMBER}`;
          return address.includes('later@') ? `451-4.7.1 ${WORD}\r\n451 4.7.1 ${NUMBER}` : '250 2.1.5 fine';
        },
      },
    },
  });
  home = await relayHome({
    logging: { level: 'trace' },
    delivery: {
      routes: [{ name: 'peer', domains: ['*'], host: peer.host, port: peer.port, kind: 'recipient-server' }],
      first_retry: '1h',
      max_retry: '1h',
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await peer?.close();
});

/** Every field that a sender fills holds the word. */
function message(
  more: { readonly subject?: string; readonly type?: string; readonly body?: string } = {},
): string {
  return [
    `From: "${WORD} Roe" <ward3@clinic.example>`,
    `To: ${WORD} Doe <who@elsewhere.example>`,
    `Subject: ${more.subject ?? ''}${WORD} ${NUMBER}`,
    `Date: ${WORD}`,
    `X-${WORD}-${NUMBER}: SSN ${NUMBER}`,
    `Comments: =?utf-8?B?${Buffer.from(`Patient ${WORD}, SSN ${NUMBER}`).toString('base64')}?=`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${WORD}"`,
    '',
    `--${WORD}`,
    `Content-Type: text/${more.type ?? WORD}; charset=utf-8; name="${WORD}.txt"`,
    `Content-Disposition: attachment; filename="${WORD} ${NUMBER}.txt"`,
    `Content-ID: <${WORD}@x>`,
    `Content-Description: ${WORD}`,
    '',
    `Patient: ${WORD}, SSN: ${NUMBER}, diagnosis E11.65, Hemoglobin A1c 8.1 %`,
    more.body ?? '',
    `--${WORD}--`,
    '',
  ].join('\r\n');
}

it('writes and says none of it', async () => {
  const send = (to: string, raw: string) => submit(relay, { to: [to], raw });
  const ids = {
    portal: await send('who@lab.example', message()),
    rejected: await send('who@shop.example', message({ body: CARDS })),
    held: await send('held@lab.example', message({ type: 'plain\r\nContent-Type: text/html' })),
    gone: await send('gone@clinic.example', message()),
    later: await send('later@clinic.example', message()),
  };
  await untilState(home, ids.portal, 'who@lab.example', 'in-portal');
  await untilState(home, ids.rejected, 'who@shop.example', 'bounced');
  await untilState(home, ids.held, 'held@lab.example', 'held');
  await untilState(home, ids.gone, 'gone@clinic.example', 'bounced');
  await relay.until(new RegExp(`"id":"${ids.later}".*"outcome":"deferred"`));
  const mailbox = (address: string) =>
    peer.messages.some((one) => one.rcpts.some((to) => to.includes(address)));
  await expect.poll(() => mailbox('who@lab.example') && mailbox('privacy@') && mailbox('ward3@')).toBe(true);

  const secure = await secureDialog(relay);
  for (const line of [
    `${WORD} ${NUMBER}`,
    authPlain(WORD, NUMBER),
    `MAIL FROM:<${WORD}`,
    `EHLO ${WORD}.example`,
    `AUTH ${WORD}`,
  ])
    expect(await secure.say(line)).toMatch(/^[245]/);
  secure.end();
  const dialog = await loggedInDialog(relay);
  for (const line of [
    `MAIL FROM:<ward3@clinic.example> ${WORD}=${NUMBER}`,
    'MAIL FROM:<ward3@clinic.example>',
    `RCPT TO:<${WORD}`,
    `RCPT TO:<who@shop.example> ${WORD}`,
    'RCPT TO:<who@shop.example>',
    'DATA',
  ])
    expect(await dialog.say(line)).toMatch(/^[235]/);
  dialog.write(`${message()}bare\n${WORD}\r\n`);
  expect(await dialog.say('.')).toMatch(/^550/);
  dialog.end();
  const clear = await openDialog(relay.port('submission'));
  await clear.reply();
  clear.write(`HELO ${WORD}\r\n${WORD}\r\n`);
  await clear.reply();
  clear.end();
  await fetch(`http://127.0.0.1:${relay.adminPort}/${WORD}?${NUMBER}`);

  const searched: [string, Buffer][] = [['output', Buffer.from(relay.output())]];
  const metrics = await fetch(`http://127.0.0.1:${relay.adminPort}/metrics`);
  searched.push(['metrics', Buffer.from(await metrics.arrayBuffer())]);
  for (const args of [
    ['queue', 'list'],
    ['queue', 'list', '--json'],
    ['held', 'list', '--json'],
    ['held', 'show', ids.held],
    ['held', 'show', ids.held, '--json'],
    ['queue', 'show', ids.later, '--json'],
    ['portal', 'list', '--json'],
    ['audit', 'search', '--json'],
    ['audit', 'search'],
    ...Object.values(ids).map((id) => ['audit', 'show', id]),
    ...Object.values(ids).map((id) => ['audit', 'show', id, '--json']),
  ]) {
    const said = await home.run(args);
    expect(said.status).toBe(0);
    searched.push([args.join(' '), Buffer.from(said.stdout + said.stderr)]);
  }
  for (const one of peer.messages) searched.push([`mail to ${one.rcpts.join()}`, Buffer.from(one.content)]);
  for (const { name, bytes } of filesUnder(home.dataDir)) searched.push([name, bytes]);

  const found = searched.flatMap(([place, bytes]) =>
    SPELLINGS.flatMap((spelling) => {
      const at = bytes.indexOf(spelling);
      return at < 0 ? [] : [`${place}: ${bytes.subarray(Math.max(0, at - 80), at + 80).toString('latin1')}`];
    }),
  );
  expect(found).toEqual([]);
});

const CARDS = [
  '4111 1111 1111 1111',
  '5500 0000 0000 0004',
  '3400 0000 0000 009',
  '6011 0000 0000 0004',
  '4012 8888 8888 1881',
  '5105 1051 0510 5100',
  '4222 2222 2222 2',
  '3782 822463 10005',
  '6011 1111 1111 1117',
  '5555 5555 5555 4444',
  '3714 496353 98431',
]
  .map((card) => `Visa card number: ${card}`)
  .join('\r\n');
