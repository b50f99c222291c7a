import { describe, expect, it } from 'vitest';
import { judgeRun } from './oracle/judge.js';
import { type Check, type Copy, type Generation, type LogEvent, type Run, rowKey } from './oracle/run.js';

/*
 * The oracle of the fault tests is tested itself: a run that keeps every promise passes, and for each check there is a run
 * that lies in one thing only and is found out.
 */

const ID = 'a1b2c3d4e5f6g7h8j9k0mn';
const NOTICE = 'n1b2c3d4e5f6g7h8j9k0mn';
const TO = 'roe@hospital.example';
const GONE = 'nobody@shop.example';
const FROM = 'ward3@clinic.example';
const CANARY = '212-55-0187';

function event(seq: number, type: string, data: Readonly<Record<string, unknown>>): LogEvent {
  return { seq, type, data };
}

const decided = (seq: number, recipient: string, order: readonly string[], disposition = 'send') =>
  event(seq, 'recipient.decided', {
    messageId: ID,
    recipient,
    decision: { order, protected: !order.includes('plain'), demand: { disposition }, enforcement: 'enforce' },
  });

const EVENTS: readonly LogEvent[] = [
  event(1, 'relay.started', {}),
  event(2, 'message.accepted', { messageId: ID, sender: FROM, recipients: [TO, GONE] }),
  decided(3, TO, ['tls', 'portal']),
  decided(4, GONE, ['plain']),
  event(5, 'recipient.delivered', { messageId: ID, recipient: TO }),
  event(6, 'recipient.bounced', { messageId: ID, recipient: GONE }),
  event(7, 'notice.queued', { messageId: ID, noticeId: NOTICE, kind: 'dsn', recipient: FROM }),
  event(8, 'recipient.delivered', { messageId: NOTICE, recipient: FROM }),
];

const PATIENT: Copy = {
  generation: 0,
  mail: `MAIL FROM:<${FROM}> SIZE=300`,
  rcpts: [`RCPT TO:<${TO}>`],
  content: `Received: from [127.0.0.1]\r\n\tby relay.clinic.example (Sallyport)\r\n\twith ESMTP\r\n\tid ${ID};\r\n\tMon\r\nMessage-ID: <m1@client.example>\r\n\r\nSSN ${CANARY}\r\n.\r\n`,
  tls: 'TLSv1.3',
  headAtData: 4,
};
const DSN: Copy = {
  generation: 0,
  mail: 'MAIL FROM:<>',
  rcpts: [`RCPT TO:<${FROM}>`],
  content: `Message-ID: <${NOTICE}@relay.clinic.example>\r\n\r\nFinal-Recipient: rfc822; ${GONE}\r\n(${ID})\r\n.\r\n`,
  tls: undefined,
  headAtData: 7,
};
const STOPPED: Generation = {
  end: 'stopped',
  lastSeq: 8,
  rows: new Map([
    [rowKey(ID, TO), 'delivered'],
    [rowKey(ID, GONE), 'bounced'],
  ]),
  chainProblems: [],
};
const GOOD: Run = {
  accepted: [{ id: ID, sender: FROM, recipients: [TO, GONE], messageId: '<m1@client.example>' }],
  copies: [PATIENT, DSN],
  generations: [STOPPED],
  events: EVENTS,
  clear: [{ name: 'port 25', bytes: Buffer.from('EHLO relay.clinic.example\r\n') }],
  written: [{ name: 'relay.db', bytes: Buffer.from('sealed') }],
  canaries: [CANARY],
};

/** The same run, in which the relay was killed after the first delivery and the row had this state then. */
function killedOnce(rowThen: string, second: Partial<Copy> = {}): Run {
  const killed: Generation = {
    end: 'killed',
    lastSeq: 4,
    rows: new Map([
      [rowKey(ID, TO), rowThen],
      [rowKey(ID, GONE), 'pending'],
    ]),
    chainProblems: [],
  };
  return {
    ...GOOD,
    copies: [PATIENT, { ...PATIENT, generation: 1, ...second }, { ...DSN, generation: 1 }],
    generations: [killed, STOPPED],
  };
}

const without = (type: string) => EVENTS.filter((one) => one.type !== type);
const withCopy = (change: Partial<Copy>): Run => ({ ...GOOD, copies: [{ ...PATIENT, ...change }, DSN] });
const withRows = (rows: Readonly<Record<string, string>>): Run => ({
  ...GOOD,
  generations: [
    {
      ...STOPPED,
      rows: new Map(Object.entries(rows).map(([address, state]) => [rowKey(ID, address), state])),
    },
  ],
});
const base64 = (text: string, before = '') => Buffer.from(before + text).toString('base64');

describe('a run that keeps every promise', () => {
  it('passes', () => {
    expect(judgeRun(GOOD)).toEqual([]);
  });

  it('may carry sealed mail in the clear, known by our loop field', () => {
    const content = PATIENT.content
      .replace(
        /^Received: [\s\S]*?Mon\r\n/,
        `X-Sallyport-Loop: ${ID}.abcdefghijklmnopqrstuv\r\nReceived: by a.example\r\n`,
      )
      .replace('\r\n\r\n', '\r\nContent-Type: multipart/encrypted; boundary="x"\r\n\r\n');
    expect(judgeRun(withCopy({ content, tls: undefined }))).toEqual([]);
  });

  it('may deliver twice where the kill fell between the reply and the commit', () => {
    expect(judgeRun(killedOnce('pending'))).toEqual([]);
  });

  it('may have an end in its log whose act was cut off by a kill, and again later', () => {
    const killed: Generation = {
      end: 'killed',
      lastSeq: 5,
      rows: new Map([[rowKey(ID, TO), 'pending']]),
      chainProblems: [],
    };
    const again = EVENTS.map((one) => ({ ...one, seq: one.seq > 5 ? one.seq + 1 : one.seq }));
    const events = [
      ...again.slice(0, 5),
      event(6, 'recipient.delivered', { messageId: ID, recipient: TO }),
      ...again.slice(5),
    ];
    const last = { ...STOPPED, lastSeq: 9 };
    const copies = [PATIENT, { ...PATIENT, generation: 1 }, { ...DSN, generation: 1, headAtData: 8 }];
    expect(judgeRun({ ...GOOD, events, copies, generations: [killed, last] })).toEqual([]);
  });
});

describe('a lie is found out', () => {
  const lies: readonly (readonly [string, Run, readonly Check[]])[] = [
    [
      'a 250 of which the log knows nothing',
      { ...GOOD, events: without('message.accepted') },
      ['lost', 'unrecorded'],
    ],
    [
      'a recipient without an end',
      { ...GOOD, events: without('recipient.delivered') },
      ['lost', 'unrecorded'],
    ],
    [
      'an end of the own mail of the gateway that nothing recorded',
      withRows({ [TO]: 'delivered', [GONE]: 'bounced', 'eve@evil.example': 'delivered' }),
      ['unrecorded'],
    ],
    ['a row that is still pending', withRows({ [TO]: 'pending', [GONE]: 'bounced' }), ['lost']],
    ['a row that is gone', withRows({ [GONE]: 'bounced' }), ['lost']],
    [
      'two ends',
      { ...GOOD, events: [...EVENTS, event(8, 'recipient.delivered', { messageId: ID, recipient: TO })] },
      ['one-end'],
    ],
    ['a delivery that no server saw', { ...GOOD, copies: [DSN] }, ['unproved-delivery']],
    [
      'a bounce of what a server took',
      withCopy({ rcpts: [`RCPT TO:<${TO}>`, `RCPT TO:<${GONE}>`] }),
      ['unproved-delivery'],
    ],
    ['a bounce that nobody is told of', { ...GOOD, copies: [PATIENT] }, ['no-bounce-message']],
    [
      'a bounce message about somebody else',
      { ...GOOD, copies: [PATIENT, { ...DSN, content: DSN.content.replace(GONE, TO) }] },
      ['no-bounce-message'],
    ],
    ['mail sent before its decision', withCopy({ headAtData: 2 }), ['undecided']],
    [
      'a notice sent before it was recorded',
      { ...GOOD, copies: [PATIENT, { ...DSN, headAtData: 6 }] },
      ['undecided'],
    ],
    [
      'mail without an ID',
      withCopy({ content: 'Subject: x\r\n\r\n.\r\n' }),
      ['unproved-delivery', 'undecided'],
    ],
    ['protected mail in the clear', withCopy({ tls: undefined }), ['weaker']],
    [
      'mail that was rejected',
      { ...GOOD, events: EVENTS.map((one) => (one.seq === 3 ? decided(3, TO, [], 'reject') : one)) },
      ['weaker'],
    ],
    [
      'a recipient more on the wire',
      withCopy({ rcpts: [...PATIENT.rcpts, 'RCPT TO:<eve@evil.example>'] }),
      ['envelope'],
    ],
    [
      'the same recipient twice in a transaction',
      withCopy({ rcpts: [...PATIENT.rcpts, ...PATIENT.rcpts] }),
      ['envelope', 'duplicate'],
    ],
    [
      'a recipient spelled otherwise',
      withCopy({ rcpts: ['RCPT TO:<Roe@hospital.example>'] }),
      ['unproved-delivery', 'envelope'],
    ],
    [
      'a command that is no RCPT',
      withCopy({ rcpts: [`RCPT TO: <${TO}>`] }),
      ['unproved-delivery', 'envelope'],
    ],
    ['another sender', withCopy({ mail: 'MAIL FROM:<eve@evil.example>' }), ['envelope']],
    [
      'fewer recipients recorded than answered',
      { ...GOOD, accepted: GOOD.accepted.map((one) => ({ ...one, recipients: [TO] })) },
      ['envelope'],
    ],
    ['a second copy from the same start', { ...GOOD, copies: [PATIENT, PATIENT, DSN] }, ['duplicate']],
    ['a second copy after a delivery that was committed', killedOnce('delivered'), ['duplicate']],
    [
      'a second copy after an orderly stop',
      { ...killedOnce('pending'), generations: [{ ...STOPPED, lastSeq: 4, rows: new Map() }, STOPPED] },
      ['duplicate'],
    ],
    [
      'a second copy with another Message-ID',
      killedOnce('pending', { content: PATIENT.content.replace('m1@', 'm2@') }),
      ['duplicate'],
    ],
    [
      'a chain that does not verify',
      { ...GOOD, generations: [{ ...STOPPED, chainProblems: ['event-changed: 3'] }] },
      ['chain'],
    ],
    [
      'a canary in the clear',
      { ...GOOD, clear: [{ name: 'x', bytes: Buffer.from(`SSN ${CANARY}`) }] },
      ['in-the-clear'],
    ],
    [
      'a canary in base64, at each offset',
      {
        ...GOOD,
        clear: ['', 'a', 'ab'].map((before) => ({
          name: 'x',
          bytes: Buffer.from(base64(`${CANARY} is it`, before)),
        })),
      },
      ['in-the-clear', 'in-the-clear', 'in-the-clear'],
    ],
    [
      'a canary over two lines of quoted-printable',
      {
        ...GOOD,
        clear: [{ name: 'x', bytes: Buffer.from(`SSN ${CANARY.slice(0, 5)}=\r\n${CANARY.slice(5)}`) }],
      },
      ['in-the-clear'],
    ],
    [
      'a canary in a file',
      { ...GOOD, written: [{ name: 'core', bytes: Buffer.from(CANARY, 'utf16le') }] },
      ['leak'],
    ],
    [
      'a canary without its hyphens',
      { ...GOOD, written: [{ name: 'log', bytes: Buffer.from('212550187') }] },
      ['leak'],
    ],
  ];
  it.for(lies)('%s', ([, run, checks]) => {
    expect(judgeRun(run).map((one) => one.check)).toEqual(checks);
  });
});
