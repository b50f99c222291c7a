import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { samplePdf } from '../../src/cli/demo/sample-pdf.js';
import {
  isCodeFor,
  isNoticeFor,
  mailedCode,
  pickupLink,
  portalVisitor,
  readMail,
} from '../support/portal-visitor.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink, testCa } from '../support/sink.js';
import { storyOf, wordsAbout } from '../support/story.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Rules that ask for masked numbers in mail to the outside, and for rebuilt messages in place of ambiguous ones: who gets
 * what, what can't be rewritten, and what a person may and may not release.
 */

const POLICY = `version: 1
rules:
  - id: mask-outside
    when: { recipient: external }
    demand: { redact: [us-ssn] }
  - id: mask-more
    when: { recipient: second.example }
    demand: { redact: [mrn] }
  - id: rebuild-outside
    when:
      all:
        - { recipient: external }
        - { ambiguity: material }
    demand: { canonicalise: true }
  - id: by-portal
    when: { recipient: portal.example }
    demand: { require: [portal] }
  - id: wait
    when: { recipient: waiting.example }
    demand: { disposition: hold, hold_reason: a person looks at it }
`;
const SSN = '536-90-4399';
/** Digits that stand by themselves: the IDs and boundaries of mail are full of digits by chance. */
const alone = (digits: string) => new RegExp(`(?<![A-Za-z0-9])${digits}(?![A-Za-z0-9-])`);
/** What is left of the number where not all of it was masked. */
const LEFT = new RegExp(`${alone('4399').source}|904399|four three nine`);
const INSIDE = 'ward4@clinic.example';
const OUTSIDE = 'roe@partner.example';

let home: RelayHome;
let relay: RunningRelay;
let account: RunningRelay['account'];
let sink: Sink;

beforeAll(async () => {
  const ca = await testCa();
  sink = await startSink({ certificate: await ca.issue('mx.partner.example') });
  home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
        first_retry: '1s',
        max_retry: '1s',
      },
    },
    { policies: { 'rules.yaml': POLICY } },
  );
  relay = await home.start();
  account = relay.account;
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

const to = (recipient: string, subject: string) =>
  sink.next((one) => one.recipients.includes(recipient) && one.text.includes(subject));

it('sends the message as it came to colleagues, and masked to the outside', async () => {
  const id = await submit(relay, {
    to: [INSIDE, OUTSIDE],
    subject: 'Form one',
    text: `Her SSN: ${SSN}.`,
    html: `<p>Her SSN: 536-<b>90</b>-4399.</p>`,
  });
  await untilState(home, id, INSIDE, 'delivered');
  await untilState(home, id, OUTSIDE, 'delivered');
  expect((await readMail(await to(INSIDE, 'Form one'))).text).toContain(SSN);
  const masked = await to(OUTSIDE, 'Form one');
  expect(masked.recipients).toEqual([OUTSIDE]);
  const read = await readMail(masked);
  expect(read.text).toContain('Her SSN: [redacted].');
  expect(read.html).toContain('<p>Her SSN: [redacted]<b></b>.</p>');
  expect(masked.text).not.toMatch(LEFT);
  expect(storyOf(home, id).events).toContainEqual(
    expect.objectContaining({
      type: 'message.rewritten',
      data: expect.objectContaining({ redacted: ['us-ssn'], places: 2, canonicalised: false }),
    }),
  );
  expect(wordsAbout(home, id, OUTSIDE)).toContain('redact us-ssn');
});

it('masks for each recipient what the rules ask for him, and a short number wherever it stands', async () => {
  const second = 'roe@second.example';
  const form = (subject: string, line: string) =>
    submit(relay, {
      to: [OUTSIDE, second],
      subject: `${subject} 48213`,
      text: `Her SSN: ${SSN}, MRN: 48213.`,
      html: `<p>Her SSN is five three six, nine zero, four three nine nine.</p><p>${line}</p>`,
    });
  const id = await form('Form eleven', 'Bed 48213');
  await untilState(home, id, OUTSIDE, 'delivered');
  await untilState(home, id, second, 'delivered');
  const [first, other] = [await to(OUTSIDE, 'Form eleven'), await to(second, 'Form eleven')];
  expect([first.recipients, other.recipients]).toEqual([[OUTSIDE], [second]]);
  expect(first.text).toContain('MRN: 48213');
  expect(first.text).toContain('Form eleven 48213');
  expect(other.text).toContain('Form eleven [redacted]');
  expect(other.text).toContain('Bed [redacted]');
  for (const one of [first, other]) expect(one.text).not.toMatch(LEFT);
  expect(other.text).not.toMatch(alone('48213'));
  const part = await form('Form twelve', 'MRN: 4821<i style="display:none"> x </i>377');
  await untilState(home, part, OUTSIDE, 'delivered');
  await untilState(home, part, second, 'held');
  expect(wordsAbout(home, part, second)).toContain('still stands in it, written otherwise');
});

it('leaves alone what holds no such number', async () => {
  const raw = 'From: ward3@clinic.example\r\nSubject: Plain  one\r\nX-Odd:  kept \r\n\r\nnothing here\r\n';
  const id = await submit(relay, { to: [OUTSIDE], raw });
  await untilState(home, id, OUTSIDE, 'delivered');
  expect((await to(OUTSIDE, 'Plain  one')).text).toContain('X-Odd:  kept \r\n');
  expect(storyOf(home, id).events.map((one) => one.type)).not.toContain('message.rewritten');
});

it('holds what cannot be masked, and no person may release it', async () => {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await composer.sendMail({
    from: 'ward3@clinic.example',
    to: [INSIDE, OUTSIDE],
    subject: 'Form two',
    text: 'See the attached form.',
    attachments: [{ filename: 'form.pdf', content: samplePdf([`Social security number: ${SSN}`]) }],
  });
  if (!Buffer.isBuffer(message)) throw new Error('no message was made');
  const id = await submit(relay, { to: [INSIDE, OUTSIDE], raw: message });
  await untilState(home, id, INSIDE, 'delivered');
  await untilState(home, id, OUTSIDE, 'held');
  const words = wordsAbout(home, id, OUTSIDE);
  expect(words).toContain('us-ssn cannot be redacted in every place (part 2)');
  expect(words).not.toContain(SSN);
  const released = await home.run(['held', 'release', id]);
  expect(released.status).toBe(1);
  expect(released.stderr).toMatch(/the rules ask that the message be rewritten, .*; reject it/);
  expect(sink.messages.some((one) => one.recipients.includes(OUTSIDE) && one.text.includes('Form two'))).toBe(
    false,
  );
});

it('holds what would carry a masked number in a document, by which nobody could tell there what it is', async () => {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const form = async (subject: string, line: string) => {
    const { message } = await composer.sendMail({
      from: 'ward3@clinic.example',
      to: OUTSIDE,
      subject,
      text: `Her SSN: ${SSN}.`,
      attachments: [
        { filename: 'form.pdf', content: samplePdf([line]) },
        {
          filename: 'note.rtf',
          content: `{\\rtf1 Order of ${subject === 'Form nine' ? '536904399' : 'the day'}}`,
        },
      ],
    });
    if (!Buffer.isBuffer(message)) throw new Error('no message was made');
    return submit(relay, { to: [OUTSIDE], raw: message });
  };
  const [inPdf, inRtf, inNone] = [
    await form('Form eight', 'Order 536904399'),
    await form('Form nine', 'Order 7'),
    await form('Form ten', 'Order 8'),
  ];
  await untilState(home, inNone, OUTSIDE, 'delivered');
  for (const id of [inPdf, inRtf]) {
    await untilState(home, id, OUTSIDE, 'held');
    const words = wordsAbout(home, id, OUTSIDE);
    expect(words).toContain('a value that was to be redacted still stands in it, written otherwise');
    // The finding itself is shown as ***-**-4399.
    expect(words).not.toMatch(alone('536'));
    expect(words).not.toContain('536904399');
  }
});

it('rebuilds what two mail programs could read differently, and masks it too', async () => {
  const raw = [
    'From: Ward 3 <ward3@clinic.example>',
    `To: ${OUTSIDE}`,
    'Subject: Form three',
    'X-Unknown: dropped',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    'Content-Transfer-Encoding: 7bit',
    'Content-Transfer-Encoding: base64',
    '',
    `Her SSN: ${SSN}, thank you.`,
    '--b  ',
    'Content-Type: application/octet-stream; name="data.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    'AAEC',
    '--b--',
    'Content-Type: text/plain',
    '',
  ].join('\r\n');
  const id = await submit(relay, { to: [OUTSIDE], raw });
  await untilState(home, id, OUTSIDE, 'delivered');
  const got = await to(OUTSIDE, 'Form three');
  const read = await readMail(got);
  expect(read.text).toContain('Her SSN: [redacted], thank you.');
  expect(read.attachments.map((one) => [one.filename, one.content.toString('hex')])).toEqual([
    ['data.bin', '000102'],
  ]);
  expect(got.text).not.toContain('X-Unknown');
  expect(got.text).not.toMatch(LEFT);
  expect(wordsAbout(home, id, OUTSIDE)).toContain('canonicalise');
});

it('shows the masked message in the portal, and nothing else', async () => {
  const recipient = 'roe@portal.example';
  const id = await submit(relay, { to: [recipient], subject: 'Form four', text: `Her SSN: ${SSN}.` });
  await untilState(home, id, recipient, 'in-portal');
  const link = await pickupLink(await sink.next(isNoticeFor(recipient)));
  const visitor = portalVisitor(new URL(link).origin);
  const asked = await visitor.submit(await visitor.open(link), 'Send me a code');
  const code = await mailedCode(await sink.next(isCodeFor(recipient)));
  const shown = await visitor.submit(asked, 'Open the message', { code });
  expect(shown.text).toContain('Her SSN: [redacted].');
  const original = await visitor.open(`${shown.path}/message.eml`);
  expect(original.status).toBe(200);
  expect(original.text).toContain('Her SSN: [redacted].');
  expect(`${shown.text}${original.text}`).not.toMatch(LEFT);
});

it('keeps the mask when a person releases what was held', async () => {
  const recipient = 'roe@waiting.example';
  const id = await submit(relay, { to: [recipient], subject: 'Form five', text: `Her SSN: ${SSN}.` });
  await untilState(home, id, recipient, 'held');
  await relay.kill('SIGKILL');
  relay = await home.start();
  expect(await home.run(['held', 'release', id])).toMatchObject({ status: 0 });
  await untilState(home, id, recipient, 'delivered');
  expect((await readMail(await to(recipient, 'Form five'))).text).toContain('Her SSN: [redacted].');
});

it('explains beforehand what would be done, with the reason where it is impossible', async () => {
  const mail = (field: string) =>
    `From: ward3@clinic.example\nTo: ${OUTSIDE}\nSubject: Form six\n${field}\nHer SSN: ${SSN}.\n`;
  const ask = (field: string) =>
    home.run(['explain', '-', '--from', 'ward3@clinic.example', '--to', OUTSIDE, INSIDE], mail(field));
  const done = await ask('');
  expect(done.stderr).toBe('');
  expect(done.stdout).toContain('before it leaves: redact us-ssn; redacted 1 place: us-ssn');
  expect(done.stdout).toContain(`${INSIDE}: goes by plain`);
  const impossible = await ask(`X-Note: SSN ${SSN}\n`);
  expect(impossible.stdout).toContain('this is impossible: us-ssn cannot be redacted in every place');
  expect(impossible.stdout).toContain(`${OUTSIDE}: is held for a person`);
  expect(`${done.stdout}${impossible.stdout}`).not.toMatch(LEFT);
});

it('rewrites nothing in shadow mode, and says what it would have done', async () => {
  await relay.kill('SIGTERM');
  home.configure({ enforcement: 'shadow' });
  relay = await home.start();
  const mail = { to: [OUTSIDE], subject: 'Form seven', text: `Her SSN: ${SSN}.` };
  const id = await submit(relay, mail, account);
  await untilState(home, id, OUTSIDE, 'delivered');
  expect((await readMail(await to(OUTSIDE, 'Form seven'))).text).toContain(SSN);
  expect(storyOf(home, id).events.map((one) => one.type)).not.toContain('message.rewritten');
});
