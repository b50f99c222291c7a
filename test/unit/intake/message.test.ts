import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Client,
  dialPlain,
  EHR,
  HEADER,
  loadedOf,
  OPEN_LISTENER,
  startWorld,
  submit,
  type World,
} from './harness.js';

let world: World;
beforeAll(async () => {
  world = await startWorld(
    loadedOf({
      listeners: [{ ...OPEN_LISTENER, max_message_size: '64KB' }],
      identities: [{ ...EHR, senders: ['clinic.example', 'boss@lab.example'] }],
      rest: { intake: { max_received_headers: 3, max_header_size: '8KB' } },
    }),
  );
});
afterAll(() => world.close());
beforeEach(() => {
  world.messages.length = 0;
  world.events.length = 0;
  world.now += 3_600_000;
});

const withClient = async <T>(use: (client: Client) => Promise<T>): Promise<T> => {
  const client = await dialPlain(world.port);
  try {
    return await use(client);
  } finally {
    client.end();
  }
};
const from = (value: string) => `From: ${value}\r\nTo: a@lab.example\r\n\r\nx`;

describe('messages', () => {
  const table: readonly (readonly [name: string, content: string | Buffer, reply: RegExp])[] = [
    ['a plain one', `${HEADER}\r\nhello`, /^250 2\.0\.0/],
    ['a header without a body', HEADER.slice(0, -2), /^250 2\.0\.0/],
    ['a bare LF in the body', `${HEADER}\r\nhel\nlo`, /^550 5\.6\.0/],
    ['a bare CR in the body', `${HEADER}\r\nhel\rlo`, /^550 5\.6\.0/],
    ['a bare LF in the header', `X: a\nBcc: b\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['a NUL', `${HEADER}\r\nhel\0lo`, /^550 5\.6\.0/],
    ['LF dot LF', `${HEADER}\r\na\n.\nMAIL FROM:<x@clinic.example>`, /^550 5\.6\.0/],
    ['LF dot CRLF', `${HEADER}\r\na\n.\r\nMAIL FROM:<x@clinic.example>`, /^550 5\.6\.0/],
    ['CRLF dot LF', `${HEADER}\r\na\r\n.\nMAIL FROM:<x@clinic.example>`, /^550 5\.6\.0/],
    ['CRLF dot CR', `${HEADER}\r\na\r\n.\rMAIL FROM:<x@clinic.example>`, /^550 5\.6\.0/],
    ['CR dot CR', `${HEADER}\r\na\r.\rMAIL FROM:<x@clinic.example>`, /^550 5\.6\.0/],
    ['CR dot CRLF', `${HEADER}\r\na\r.\r\nMAIL FROM:<x@clinic.example>`, /^550 5\.6\.0/],
    ['CRLF NUL dot CRLF', `${HEADER}\r\na\r\n\0.\r\nMAIL FROM:<x@clinic.example>`, /^550 5\.6\.0/],
    ['CRLF CRLF CR dot CRLF', `${HEADER}\r\na\r\n\r\r.\r\nx`, /^550 5\.6\.0/],
    ['too large', `${HEADER}\r\n${'x'.repeat(70)}\r\n`.padEnd(66_000, 'y'), /^552 5\.3\.4/],
    ['a header too large', `${HEADER}${'X: y\r\n'.repeat(1500)}\r\nx`, /^552 5\.3\.4/],
    ['four Received fields', `${'Received: by x\r\n'.repeat(4)}${HEADER}\r\nx`, /^554 5\.4\.6/],
    ['three Received fields', `${'Received: by x\r\n'.repeat(3)}${HEADER}\r\nx`, /^250/],
    ['no header at all', '\r\nhello', /^550 5\.7\.1/],
    ['nothing at all', '', /^550 5\.7\.1/],
    ['text instead of a header', 'hello there\r\nhow are you', /^550 5\.6\.0/],
    ['an mbox line', `From ward3 Mon Jan 1\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['a folded first line', ` folded\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['white space before a colon', `Subject : x\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['a blank folded line', `X: a\r\n \t\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['a blank folded line as the last', `${HEADER}X: a\r\n  \r\n\r\nx`, /^550 5\.6\.0/],
    ['a header field without a colon', `X a\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['UTF-8 in a field name', `Subj\u00e9ct: a\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['a header line of 999', `X: ${'y'.repeat(996)}\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['a header line of 998', `X: ${'y'.repeat(995)}\r\n${HEADER}\r\nx`, /^250/],
    ['a body line of 5000', `${HEADER}\r\n${'y'.repeat(5000)}`, /^250/],
    ['two Subjects', `Subject: a\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['two Message-IDs', `Message-ID: <a@b>\r\nmessage-id: <c@d>\r\n${HEADER}\r\nx`, /^550 5\.6\.0/],
    ['two From', `From: ward3@clinic.example\r\n${HEADER}\r\nx`, /^550 5\.7\.1/],
    ['no From', 'To: a@lab.example\r\n\r\nx', /^550 5\.7\.1/],
    ['a From of others', from('eve@lab.example'), /^550 5\.7\.1/],
    ['another From that is allowed', from('boss@lab.example'), /^250/],
    ['two mailboxes', from('ward3@clinic.example, eve@lab.example'), /^550 5\.7\.1/],
    ['a group', from('Staff: ward3@clinic.example;'), /^550 5\.7\.1/],
    ['a comment', from('ward3@clinic.example (Ward 3)'), /^550 5\.7\.1/],
    ['a display name that is the address', from('"ward3@clinic.example" <ward3@clinic.example>'), /^250/],
    [
      'a display name that is another address',
      from('"eve@lab.example" <ward3@clinic.example>'),
      /^550 5\.7\.1/,
    ],
    ['an unquoted address as display name', from('eve@lab.example <ward3@clinic.example>'), /^550 5\.7\.1/],
    [
      'an encoded address as display name',
      from('=?utf-8?q?eve=40lab.example=3E?= <ward3@clinic.example>'),
      /^550 5\.7\.1/,
    ],
    ['a folded From', from('Ward\r\n Three\r\n <ward3@clinic.example>'), /^250/],
    ['a From with only white space', from(' '), /^550 5\.7\.1/],
    ['a Sender of others', `Sender: eve@lab.example\r\n${HEADER}\r\nx`, /^550 5\.7\.1/],
    [
      'a Sender other than From',
      `Sender: x@clinic.example\r\n${HEADER}\r\nx`,
      /^550 5\.7\.1 You may not send on behalf/,
    ],
    ['a Sender that is From', `Sender: <ward3@clinic.example>\r\n${HEADER}\r\nx`, /^250/],
    ['a Resent-From of others', `Resent-From: eve@lab.example\r\n${HEADER}\r\nx`, /^550 5\.7\.1/],
    ['a Resent-Sender of others', `Resent-Sender: eve@lab.example\r\n${HEADER}\r\nx`, /^550 5\.7\.1/],
    ['a UTF-8 address in From without SMTPUTF8', from('w\u00e4rd@clinic.example'), /^550 5\.7\.1/],
    ['Latin-1 in From', Buffer.from(from('W\u00e4rd <ward3@clinic.example>'), 'latin1'), /^550 5\.7\.1/],
  ];
  it.each(table)('%s', async (_, content, expected) => {
    await withClient(async (client) => {
      expect(await submit(client, content)).toMatch(expected);
      // The session is in step: nothing in the message ran as a command, and the next one is taken.
      expect(await submit(client, `${HEADER}\r\nnext`)).toMatch(/^250 2\.0\.0/);
    });
    const refused = !'250'.startsWith(expected.source.slice(1, 4));
    expect(world.messages).toHaveLength(refused ? 1 : 2);
    expect(world.eventsOf('session.refused')).toHaveLength(refused ? 1 : 0);
    expect(world.openBodies()).toBe(0);
  });

  it('records a refusal with its stage, codes, identity and sender, and nothing of the content', async () => {
    await withClient((client) => submit(client, from('"Canary Canaryson" <eve@lab.example>')));
    expect(world.eventsOf('session.refused')).toEqual([
      {
        listener: 'inside',
        clientAddress: '127.0.0.1',
        identity: 'ehr',
        sender: 'ward3@clinic.example',
        stage: 'body',
        code: 550,
        status: '5.7.1',
        reason: 'You may not send as the address in From or Sender',
      },
    ]);
    expect(world.logged.join('')).not.toContain('Canary');
  });

  it('keeps every byte but what it must change, however the bytes arrive', async () => {
    const header =
      'X-Odd:\tA  b\r\n\t c \r\nRECEIVED: from x by y\r\nMessage-Id:  <given@clinic.example> \r\n' +
      'date: Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom:ward3@clinic.example\r\nBCC: a@b.example\r\n\tc@d.example\r\nX-Empty:\r\n';
    const body = '.\r\n..\r\n.leading\r\n\r\n\u00e9\u00ff trailing  \r\n\r\n';
    const stuffed = body.replace(/^\./gm, '..');
    await withClient(async (client) => {
      await client.say('MAIL FROM:<ward3@clinic.example>');
      await client.say('RCPT TO:<a@lab.example>');
      await client.say('DATA');
      client.socket.setNoDelay(true);
      for (const byte of Buffer.from(`${header}\r\n${stuffed}.\r\n`, 'latin1')) {
        client.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await client.reply()).toMatch(/^250/);
    });
    const text = world.bodyText();
    expect(text.slice(text.indexOf('X-Odd:'))).toBe(
      `${header.replace(/BCC:[\s\S]*?d\.example\r\n/, '')}\r\n${body}`,
    );
    expect(text.slice(0, text.indexOf('X-Odd:'))).toMatch(/^Received: (?:[^\r\n]|\r\n\t)*\r\n$/);
    expect(world.messages[0]!.message).toMatchObject({
      headerMessageId: '<given@clinic.example>',
      eightBitMime: true,
    });
  });

  it('carries UTF-8 addresses with SMTPUTF8', async () => {
    await withClient((client) =>
      submit(client, Buffer.from(from('w\u00e4rd@clinic.example')), {
        mail: 'MAIL FROM:<w\u00e4rd@clinic.example> SMTPUTF8',
        rcpt: ['<\u00fc@b\u00fccher.example>'],
      }),
    );
    expect(world.messages[0]).toMatchObject({
      message: { sender: 'w\u00e4rd@clinic.example', smtpUtf8: true },
      recipients: [{ address: '\u00fc@xn--bcher-kva.example' }],
    });
    expect(world.bodyText()).toContain('with UTF8SMTP\r\n');
  });

  it('runs nothing of a message that was smuggled behind a false end', async () => {
    const smuggled =
      'MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<victim@lab.example>\r\nDATA\r\nFrom: ward3@clinic.example\r\n\r\nsmuggled';
    for (const end of [
      '\n.\n',
      '\n.\r\n',
      '\r\n.\n',
      '\r.\r',
      '\r\n.\r',
      '\r.\r\n',
      '\n.\r',
      '\r\n\0.\r\n',
    ]) {
      await withClient(async (client) => {
        expect(await submit(client, `${HEADER}\r\nx${end}${smuggled}`)).toMatch(/^550 5\.6\.0/);
        expect(await client.say('NOOP')).toMatch(/^250/);
      });
    }
    expect(world.messages).toHaveLength(0);
  });

  it('ends the session of a client that never stops sending', async () => {
    await withClient(async (client) => {
      await client.say('MAIL FROM:<ward3@clinic.example>');
      await client.say('RCPT TO:<a@lab.example>');
      await client.say('DATA');
      client.write(HEADER);
      for (let i = 0; i < 30 && !client.socket.destroyed; i++) client.write(Buffer.alloc(65_536, 'x'));
      expect(await client.reply()).toMatch(/^552 5\.3\.4/);
      await client.closed();
    });
  });
});

describe('bare newlines', () => {
  /** Each is the end of a message to somebody; here only CR LF dot CR LF is. */
  const FALSE_ENDS = [
    '\n.\n',
    '\n.\r\n',
    '\r\n.\n',
    '\r.\r',
    '\r\n.\r',
    '\r.\r\n',
    '\n.\r',
    '\r.\n',
    '\n\n.\n',
    '\r\n.\r\r\n',
    '\n\r.\n\r',
  ];
  const SMUGGLED =
    'MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<victim@lab.example>\r\nDATA\r\nFrom: ward3@clinic.example\r\n\r\nsmuggled';
  let old: World;
  beforeAll(async () => {
    old = await startWorld(
      loadedOf({ listeners: [{ ...OPEN_LISTENER, bare_newline: 'normalize' }], identities: [EHR] }),
    );
  });
  afterAll(() => old.close());
  beforeEach(() => {
    old.messages.length = 0;
    old.events.length = 0;
    old.now += 3_600_000;
  });
  const worlds = { reject: () => world, normalize: () => old };
  const both = Object.keys(worlds) as (keyof typeof worlds)[];
  const cases = both.flatMap((setting) => FALSE_ENDS.map((end) => [setting, end] as const));

  it.each(cases)('%s: %j ends nothing', async (setting, end) => {
    const here = worlds[setting]();
    const client = await dialPlain(here.port);
    try {
      const reply = await submit(client, `${HEADER}\r\nx${end}${SMUGGLED}`);
      expect(reply).toMatch(setting === 'reject' ? /^550 5\.6\.0/ : /^250 2\.0\.0/);
      expect(await client.say('NOOP')).toMatch(/^250/);
    } finally {
      client.end();
    }
    expect(here.messages).toHaveLength(setting === 'reject' ? 0 : 1);
    if (setting === 'reject') return;
    expect(here.messages[0]!.recipients.map((one) => one.address)).toEqual(['someone@lab.example']);
    const text = here.bodyText();
    expect(text).toContain('\r\nMAIL FROM:<ward3@clinic.example>\r\nRCPT TO');
    expect(text).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
  });

  it.each(cases)('%s: %j is not the end when nothing follows', async (setting, end) => {
    const here = worlds[setting]();
    const client = await dialPlain(here.port);
    try {
      await client.say('MAIL FROM:<ward3@clinic.example>');
      await client.say('RCPT TO:<someone@lab.example>');
      await client.say('DATA');
      client.write(`${HEADER}\r\nx${end}`);
      await new Promise((resolve) => setImmediate(resolve));
      client.write('\r\n.\r\n');
      expect(await client.reply()).toMatch(setting === 'reject' ? /^550 5\.6\.0/ : /^250 2\.0\.0/);
      expect(await client.say('NOOP')).toMatch(/^250/);
    } finally {
      client.end();
    }
    expect(here.messages).toHaveLength(setting === 'reject' ? 0 : 1);
  });

  it('says what to do where they are refused', async () => {
    const reply = await withClient((client) => submit(client, `${HEADER}\r\na\nb`));
    expect(reply).toBe(
      '550 5.6.0 The message has a bare LF: end its lines with CR LF, or have the administrator set `bare_newline: normalize` for this listener',
    );
  });

  it('judges the header as it is normalised, and records that it was', async () => {
    const client = await dialPlain(old.port);
    try {
      expect(
        await submit(client, 'From: ward3@clinic.example\nBcc: boss@lab.example\nTo: a@lab.example\n\na\nb'),
      ).toMatch(/^250/);
      expect(await submit(client, 'X: a\rFrom: eve@lab.example\nTo: a@lab.example\n\nx')).toMatch(
        /^550 5\.7\.1/,
      );
      expect(await submit(client, `${HEADER}X: a\nFrom: eve@lab.example\r\n\r\nx`)).toMatch(/^550 5\.7\.1/);
      expect(await submit(client, `${HEADER}\nhel\0lo`)).toMatch(/^550 5\.6\.0 .*NUL/);
      expect(await submit(client, `${HEADER}\r\nall well`)).toMatch(/^250/);
    } finally {
      client.end();
    }
    expect(old.bodyText()).toMatch(
      /\r\nFrom: ward3@clinic\.example\r\nTo: a@lab\.example\r\n\r\na\r\nb\r\n$/,
    );
    expect(old.eventsOf('message.accepted').map((one) => one.bareNewlines)).toEqual([
      'normalized',
      undefined,
    ]);
    expect(old.eventsOf('message.accepted')[0]).toMatchObject({ size: old.bodyText().length });
  });

  it('are refused in commands under both settings', async () => {
    for (const setting of both) {
      const client = await dialPlain(worlds[setting]().port);
      client.write('NOOP\n');
      client.write('\r\n');
      expect(await client.reply()).toMatch(/^500 5\.5\.2/);
      client.end();
    }
  });
});

describe('storing', () => {
  it.each([
    ['the body can not be written', 'write'],
    ['the row can not be written', 'insert'],
  ] as const)('defers when %s, and keeps nothing', async (_, fault) => {
    await withClient(async (client) => {
      world.faults[fault] = true;
      expect(await submit(client, `${HEADER}\r\nx`)).toMatch(/^451 4\.3\.0/);
      world.faults[fault] = false;
      expect(world.openBodies()).toBe(0);
      expect(world.messages).toHaveLength(0);
      expect(await submit(client, `${HEADER}\r\nx`)).toMatch(/^250/);
    });
  });

  it('defers at MAIL once the store has failed', async () => {
    await withClient(async (client) => {
      world.faults.storeFailed = true;
      expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^451 4\.3\.0/);
      world.faults.storeFailed = false;
    });
  });

  it('defers at MAIL when there is little room, counting SIZE', async () => {
    await withClient(async (client) => {
      world.now += 60_000;
      world.faults.free = 500 * 1024 * 1024 + 1000;
      expect(await client.say('MAIL FROM:<ward3@clinic.example> SIZE=2000')).toMatch(/^452 4\.3\.1/);
      expect(await client.say('MAIL FROM:<ward3@clinic.example> SIZE=500')).toMatch(/^250/);
      world.faults.free = 1e12;
    });
  });

  it('refuses although the refusal can not be recorded', async () => {
    await withClient(async (client) => {
      world.faults.audit = true;
      expect(await client.say('MAIL FROM:<eve@lab.example>')).toMatch(/^550 5\.7\.1/);
      world.faults.audit = false;
    });
  });

  it('keeps nothing of a message whose client went away', async () => {
    await withClient(async (client) => {
      await client.say('MAIL FROM:<ward3@clinic.example>');
      await client.say('RCPT TO:<a@lab.example>');
      await client.say('DATA');
      client.write(`${HEADER}\r\nhalf a mess`);
      await expect.poll(() => world.openBodies()).toBe(1);
      client.end();
      await expect.poll(() => world.openBodies()).toBe(0);
    });
    expect(world.messages).toHaveLength(0);
  });

  it('records one of many identical refusals only so often, and says how many it left out', async () => {
    await withClient(async (client) => {
      for (let i = 0; i < 15; i++) await client.say('MAIL FROM:<eve@lab.example>');
    });
    expect(world.eventsOf('session.refused')).toHaveLength(10);
    world.now += 3_600_000;
    await withClient((client) => client.say('MAIL FROM:<eve@lab.example>'));
    expect(world.eventsOf('session.refused').at(-1)).toMatchObject({ leftOut: 5, sender: 'eve@lab.example' });
  });
});
