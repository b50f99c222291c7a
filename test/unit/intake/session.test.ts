import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Client,
  dial,
  dialAs,
  dialPlain,
  EHR,
  HEADER,
  loadedOf,
  OPEN_LISTENER,
  PASSWORD,
  plain,
  SUBMISSION,
  startWorld,
  submit,
  type World,
} from './harness.js';

let world: World | undefined;
const clients: Client[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const one of clients.splice(0)) one.end();
  await world?.close();
  world = undefined;
});
const keep = async (client: Promise<Client>) => {
  const one = await client;
  clients.push(one);
  return one;
};

const ACCOUNTS = [
  { name: 'ward3', senders: ['ward3@clinic.example'] },
  { name: 'gone', senders: ['clinic.example'], disabled: true },
];

describe('a submission', () => {
  it('is accepted over STARTTLS with AUTH, stored with our Received, and answered with its ID', async () => {
    world = await startWorld(loadedOf({ listeners: [SUBMISSION] }), {}, ACCOUNTS);
    const client = await keep(dial(world.port));
    expect(await client.reply()).toMatch(/^220 relay\.clinic\.example ESMTP/);
    const plainFeatures = await client.say('EHLO client.example');
    expect(plainFeatures).not.toContain('AUTH');
    expect(plainFeatures).toContain('STARTTLS');
    expect(await client.say('STARTTLS')).toMatch(/^220 2\.0\.0/);
    await client.startTls();
    const features = (await client.say('EHLO client.example')).split('\n').map((line) => line.slice(4));
    expect(features.slice(1).sort()).toEqual(
      [
        '8BITMIME',
        'AUTH PLAIN LOGIN',
        'DSN',
        'ENHANCEDSTATUSCODES',
        'PIPELINING',
        'SIZE 52428800',
        'SMTPUTF8',
      ].sort(),
    );
    expect(await client.say(plain('ward3', PASSWORD))).toMatch(/^235 2\.7\.0/);
    const reply = await submit(
      client,
      'Return-Path: <x@y.example>\r\nBcc: hidden@lab.example,\r\n other@lab.example\r\nsubject:  odd \tspacing\r\n' +
        'From: ward3@clinic.example\r\nresent-bcc: z@y.example\r\nTo: a@lab.example\r\n\r\n..dots\r\nBcc: in body',
      {
        mail: 'MAIL FROM:<ward3@clinic.example> BODY=8BITMIME RET=HDRS ENVID=abc+2B1 SIZE=100',
        rcpt: [
          '<a@lab.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@lab.example',
          '<a@LAB.example>',
          '<b@xn--bcher-kva.example>',
        ],
      },
    );
    const id = /^250 2\.0\.0 Ok: queued as ([0-9a-z]{22})$/.exec(reply)?.[1] ?? '';
    expect(id).not.toBe('');
    expect(world.accepted).toEqual([id]);
    const [stored] = world.messages;
    expect(stored?.message).toMatchObject({
      id,
      identity: 'ward3',
      sender: 'ward3@clinic.example',
      listener: 'submission',
      clientAddress: '127.0.0.1',
      eightBitMime: false,
      smtpUtf8: false,
      dsn: { ret: 'HDRS', envid: 'abc+2B1' },
      headerMessageId: `<${id}@relay.clinic.example>`,
      clientTls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) },
    });
    expect(stored?.recipients).toEqual([
      {
        address: 'a@lab.example',
        domain: 'lab.example',
        notify: ['FAILURE', 'DELAY'],
        orcpt: 'rfc822;a@lab.example',
      },
      { address: 'b@xn--bcher-kva.example', domain: 'xn--bcher-kva.example' },
    ]);
    const text = world.bodyText();
    expect(text.replace(/^Received: [\s\S]*?\r\n(?![ \t])/, '')).toBe(
      `Message-ID: <${id}@relay.clinic.example>\r\n${/Date: .*\r\n/.exec(text)?.[0]}` +
        'subject:  odd \tspacing\r\nFrom: ward3@clinic.example\r\nTo: a@lab.example\r\n\r\n.dots\r\nBcc: in body\r\n',
    );
    expect(text).toMatch(
      /^Received: from \[127\.0\.0\.1\]\r\n\tby relay\.clinic\.example \(Sallyport\)\r\n\twith ESMTPSA\r\n\ttls TLS_\w+ \(TLSv1\.3\)\r\n\tid [0-9a-z]{22};\r\n\t\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n/,
    );
    expect(text).not.toContain('client.example');
    expect(world.eventsOf('message.accepted')).toMatchObject([
      {
        messageId: id,
        identity: 'ward3',
        recipients: ['a@lab.example', 'b@xn--bcher-kva.example'],
        size: text.length,
      },
    ]);
    expect(world.eventsOf('login.succeeded')).toMatchObject([
      { account: 'ward3', clientAddress: '127.0.0.1' },
    ]);
  });

  it('works over implicit TLS, with AUTH LOGIN, several messages to a session, pipelined', async () => {
    world = await startWorld(
      loadedOf({ listeners: [{ ...SUBMISSION, name: 'submissions', mode: 'submissions' }] }),
      {},
      ACCOUNTS,
    );
    const client = await keep(dial(world.port, { tls: {} }));
    expect(await client.reply()).toMatch(/^220/);
    expect(await client.say('EHLO client.example')).not.toContain('STARTTLS');
    expect(await client.say('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6');
    expect(await client.say(Buffer.from('ward3').toString('base64'))).toBe('334 UGFzc3dvcmQ6');
    expect(await client.say(Buffer.from(PASSWORD).toString('base64'))).toMatch(/^235 2\.7\.0/);
    for (let i = 0; i < 3; i++) {
      client.write('MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<a@lab.example>\r\nDATA\r\n');
      expect(await client.reply()).toMatch(/^250 2\.1\.0/);
      expect(await client.reply()).toMatch(/^250 2\.1\.5/);
      expect(await client.reply()).toMatch(/^354/);
      client.write(`${HEADER}\r\nhello\r\n.\r\n`);
      expect(await client.reply()).toMatch(/^250 2\.0\.0/);
    }
    expect(world.messages).toHaveLength(3);
    expect(await client.say('QUIT')).toMatch(/^221 2\.0\.0/);
  });

  it.each([
    ['in the clear', async () => dialPlain],
    ['over TLS', async () => (port: number) => dialAs(port, 'ward3')],
  ] as const)('answers commands that come together in one go, %s', async (where, dialing) => {
    const secure = where === 'over TLS';
    world = secure
      ? await startWorld(loadedOf({ listeners: [SUBMISSION] }), {}, ACCOUNTS)
      : await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    const client = await keep((await dialing())(world.port));
    const pieces: string[] = [];
    client.socket.on('data', (chunk: Buffer) => pieces.push(chunk.toString('latin1')));
    client.write(
      'NOOP\r\nMAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<a@lab.example>\r\nRCPT TO:<broken\r\nRSET\r\n' +
        'MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<a@lab.example>\r\nDATA\r\n',
    );
    for (const code of [250, 250, 250, 501, 250, 250, 250, 354])
      expect(await client.reply()).toMatch(new RegExp(`^${code}`));
    expect(pieces).toHaveLength(1);
    client.write(`${HEADER}\r\nhello\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.0\.0/);
  });

  it('sends what it holds back before TLS begins, and before it says goodbye', async () => {
    world = await startWorld(loadedOf({ listeners: [SUBMISSION] }), {}, ACCOUNTS);
    const client = await keep(dialPlain(world.port));
    client.write('NOOP\r\nSTARTTLS\r\n');
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.reply()).toMatch(/^220/);
    await client.startTls();
    await client.say('EHLO client.example');
    client.write('NOOP\r\nQUIT\r\nNOOP\r\n');
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.reply()).toMatch(/^221/);
    await client.closed();
    expect(await client.reply()).toBe('');
  });

  it('greets at once', async () => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    // No timer runs out: what waits for one waits for ever.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const client = await keep(dial(world.port));
    expect(await client.reply()).toMatch(/^220/);
  });
});

describe('commands', () => {
  const before = 'EHLO client.example';
  const table: readonly (readonly [name: string, lines: readonly (string | Buffer)[], reply: RegExp])[] = [
    ['MAIL before EHLO', ['MAIL FROM:<ward3@clinic.example>'], /^503 5\.5\.1/],
    ['an unknown command', ['FROBNICATE'], /^500 5\.5\.1/],
    ['BDAT', [before, 'BDAT 10 LAST'], /^502 5\.5\.1/],
    ['XCLIENT', [before, 'XCLIENT ADDR=192.0.2.1'], /^502 5\.5\.1/],
    ['EXPN', [before, 'EXPN staff'], /^502 5\.5\.1/],
    ['VRFY', [before, 'VRFY ward3'], /^252 2\.1\.5/],
    ['NOOP', ['NOOP'], /^250 2\.0\.0/],
    ['RCPT before MAIL', [before, 'RCPT TO:<a@lab.example>'], /^503 5\.5\.1/],
    ['DATA before MAIL', [before, 'DATA'], /^503 5\.5\.1/],
    [
      'a second MAIL',
      [before, 'MAIL FROM:<ward3@clinic.example>', 'MAIL FROM:<ward3@clinic.example>'],
      /^503 5\.5\.1/,
    ],
    ['DATA without recipients', [before, 'MAIL FROM:<ward3@clinic.example>', 'DATA'], /^554 5\.5\.1/],
    ['DATA with an argument', [before, 'MAIL FROM:<ward3@clinic.example>', 'DATA now'], /^501 5\.5\.4/],
    ['AUTH where nobody logs in, without TLS', [before, 'AUTH PLAIN AAAA'], /^538 5\.7\.0/],
    ['a NUL', [before, 'MAIL FROM:<ward3@clinic.example\0>'], /^500 5\.5\.2/],
    ['an escape character', [before, '\x1b[2J'], /^500 5\.5\.2/],
    ['a bare CR', [before, 'NOOP\rNOOP'], /^500 5\.5\.2/],
    ['bad UTF-8', [before, Buffer.from('MAIL FROM:<w\xe9@clinic.example>', 'latin1')], /^501 5\.5\.2/],
    ['a line of 13 KB', [before, `NOOP ${'x'.repeat(13_000)}`], /^500 5\.5\.2/],
    ['an HTTP request', ['POST / HTTP/1.1'], /^421 4\.7\.0/],
    ['the null sender', [before, 'MAIL FROM:<>'], /^250 2\.1\.0/],
    ['a sender of another domain', [before, 'MAIL FROM:<a@lab.example>'], /^550 5\.7\.1/],
    ['a sender of a subdomain', [before, 'MAIL FROM:<a@x.clinic.example>'], /^550 5\.7\.1/],
    ['no angle brackets', [before, 'MAIL FROM:ward3@clinic.example'], /^501 5\.5\.4/],
    ['two paths', [before, 'MAIL FROM:<ward3@clinic.example><b@clinic.example>'], /^501 5\.5\.4/],
    ['a source route', [before, 'MAIL FROM:<@a.example:ward3@clinic.example>'], /^501 5\.1\.7/],
    ['a quoted local part', [before, 'MAIL FROM:<"ward 3"@clinic.example>'], /^501 5\.1\.7/],
    ['an address literal', [before, 'MAIL FROM:<ward3@[127.0.0.1]>'], /^501 5\.1\.7/],
    ['a comment', [before, 'MAIL FROM:<ward3(x)@clinic.example>'], /^501 5\.1\.7/],
    ['UTF-8 without SMTPUTF8', [before, 'MAIL FROM:<wärd@clinic.example>'], /^553 5\.6\.7/],
    ['UTF-8 with SMTPUTF8', [before, 'MAIL FROM:<wärd@clinic.example> SMTPUTF8'], /^250 2\.1\.0/],
    ['a space after the colon', [before, 'mail from: <ward3@clinic.example>'], /^250 2\.1\.0/],
    ['an upper-case domain', [before, 'MAIL FROM:<Ward3@CLINIC.example>'], /^250 2\.1\.0/],
    ['SIZE above the limit', [before, 'MAIL FROM:<ward3@clinic.example> SIZE=999999999'], /^552 5\.3\.4/],
    ['SIZE that is no number', [before, 'MAIL FROM:<ward3@clinic.example> SIZE=1e3'], /^501 5\.5\.4/],
    ['SIZE twice', [before, 'MAIL FROM:<ward3@clinic.example> SIZE=1 size=2'], /^501 5\.5\.4/],
    ['BINARYMIME', [before, 'MAIL FROM:<ward3@clinic.example> BODY=BINARYMIME'], /^501 5\.5\.4/],
    ['RET that is unknown', [before, 'MAIL FROM:<ward3@clinic.example> RET=SOME'], /^501 5\.5\.4/],
    [
      'ENVID with an encoded line end',
      [before, 'MAIL FROM:<ward3@clinic.example> ENVID=a+0D+0Ab'],
      /^501 5\.5\.4/,
    ],
    ['REQUIRETLS', [before, 'MAIL FROM:<ward3@clinic.example> REQUIRETLS'], /^555 5\.5\.4/],
    ['no space before a parameter', [before, 'MAIL FROM:<ward3@clinic.example>SIZE=1'], /^501 5\.5\.4/],
    ['AUTH=<>', [before, 'MAIL FROM:<ward3@clinic.example> AUTH=<>'], /^250 2\.1\.0/],
  ];
  it.each(table)('%s', async (_, lines, expected) => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    const client = await keep(dial(world.port));
    await client.reply();
    let reply = '';
    for (const line of lines) reply = await client.say(line);
    expect(reply).toMatch(expected);
  });

  const recipients: readonly (readonly [string, RegExp])[] = [
    ['<a;b@lab.example>', /^501 5\.1\.3/],
    ['<>', /^501 5\.1\.3/],
    ['<a@lab>', /^501 5\.1\.3/],
    ['<a@lab.example.>', /^501 5\.1\.3/],
    ['<a@b@lab.example>', /^501 5\.1\.3/],
    ['<a b@lab.example>', /^501 5\.1\.3/],
    ['<a%b@lab.example>', /^250/],
    ['<a@10.0.0.1>', /^501 5\.1\.3/],
    ['<a@xn--a.example>', /^501 5\.1\.3/],
    ['<a@bücher.example>', /^553 5\.6\.7/],
    ['<postmaster>', /^250/],
    ['a@lab.example', /^501 5\.5\.4/],
    ['<a@lab.example> NOTIFY=NEVER,DELAY', /^501 5\.5\.4/],
    ['<a@lab.example> NOTIFY=SUCCESS,SUCCESS', /^501 5\.5\.4/],
    ['<a@lab.example> NOTIFY=NEVER', /^250/],
    ['<a@lab.example> ORCPT=rfc822', /^501 5\.5\.4/],
    ['<a@lab.example> ORCPT=rfc822;a+0A', /^501 5\.5\.4/],
    ['<a@lab.example> ORCPT=rfc822;a+2Bb@lab.example', /^250/],
    ['<a@lab.example> SIZE=1', /^555 5\.5\.4/],
    [`<${'a'.repeat(65)}@lab.example>`, /^501 5\.1\.3/],
    [`<a@${'b'.repeat(64)}.example>`, /^501 5\.1\.3/],
  ];
  it('judges recipients by our own grammar', async () => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    for (const [path, expected] of recipients) {
      const client = await keep(dialPlain(world.port));
      await client.say('MAIL FROM:<ward3@clinic.example>');
      expect([path, await client.say(`RCPT TO:${path}`)]).toEqual([path, expect.stringMatching(expected)]);
      client.end();
    }
  });

  it('takes no bare LF for the end of a command, nor what follows it for another', async () => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    const client = await keep(dialPlain(world.port));
    client.write('MAIL FROM:<ward3@clinic.example>\nRCPT TO:<a@lab.example>\r\n');
    expect(await client.reply()).toMatch(/^500 5\.5\.2/);
    expect(await client.reply()).toMatch(/^500 5\.5\.2/);
    expect(await client.say('RCPT TO:<a@lab.example>')).toMatch(/^503/);
    client.write('NOOP\n');
    expect(await client.reply()).toMatch(/^500 5\.5\.2/);
    await client.closed();
  });

  it.each(['NO\nOP', 'NO\x01OP'])('keeps no reply back when a group ends in %j', async (bad) => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    const client = await keep(dialPlain(world.port));
    client.write(`NOOP\r\n${bad}\r\n`);
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.reply()).toMatch(/^500 5\.5\.2/);
  });

  it('keeps no reply back until a line that has begun is whole', async () => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    const client = await keep(dialPlain(world.port));
    client.write('NOOP\r\nRSET\r\nNO');
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.say('OP')).toMatch(/^250/);
  });

  it('refuses what is pipelined behind STARTTLS, and ends the session', async () => {
    world = await startWorld(loadedOf({ listeners: [SUBMISSION] }), {}, ACCOUNTS);
    const client = await keep(dialPlain(world.port));
    client.write('STARTTLS\r\nEHLO injected.example\r\nMAIL FROM:<ward3@clinic.example>\r\n');
    expect(await client.reply()).toMatch(/^503 5\.5\.1/);
    await client.closed();
    expect(await client.reply()).toBe('');
  });

  it('forgets what was said before STARTTLS', async () => {
    const loaded = loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] });
    world = await startWorld(loaded);
    const client = await keep(dialPlain(world.port));
    await client.say('MAIL FROM:<ward3@clinic.example>');
    await client.say('RCPT TO:<a@lab.example>');
    await client.say('STARTTLS');
    await client.startTls();
    expect(await client.say('DATA')).toMatch(/^503 5\.5\.1 Say MAIL/);
    expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^503 5\.5\.1 Say EHLO/);
    expect(await client.say('EHLO client.example')).not.toContain('STARTTLS');
    expect(await client.say('STARTTLS')).toMatch(/^503 5\.5\.1/);
  });

  it('goes on serving others when a handshake breaks', async () => {
    world = await startWorld(
      loadedOf({ listeners: [SUBMISSION, { ...SUBMISSION, name: 'implicit', mode: 'submissions' }] }),
      {},
      ACCOUNTS,
    );
    for (const end of ['garbage', 'cut'] as const) {
      const client = await keep(dialPlain(world.port));
      await client.say('STARTTLS');
      if (end === 'garbage') client.write('MAIL FROM:<ward3@clinic.example>\r\n');
      else client.end();
      await client.closed();
      const raw = await keep(dial(world.intake.listeners[1]!.port));
      if (end === 'garbage') raw.write('EHLO in.clear.example\r\n');
      else raw.end();
      await raw.closed();
    }
    const client = await keep(dialAs(world.port, 'ward3'));
    expect(await submit(client, `${HEADER}\r\nx`)).toMatch(/^250/);
    expect(world.messages).toHaveLength(1);
  });

  it('ends the session after too many errors', async () => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    const client = await keep(dialPlain(world.port));
    for (let i = 0; i < 20; i++) expect(await client.say('FROB')).toMatch(/^500/);
    expect(await client.reply()).toMatch(/^421 4\.7\.0/);
    await client.closed();
  });

  it('refuses who speaks before the greeting', async () => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
    const client = await keep(dial(world.port));
    client.write('EHLO early.example\r\nMAIL FROM:<ward3@clinic.example>\r\n');
    const first = await client.reply();
    // Whether the line overtakes the greeting is up to the network; if it does, nothing else is said.
    expect(first).toMatch(/^(?:421 4\.7\.0|220)/);
  });
});
