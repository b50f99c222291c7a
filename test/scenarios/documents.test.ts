import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { storyOf } from '../support/story.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Attachments to a server without TLS: what is harmless all the way down is delivered, and what holds patient data, can't
 * be read, or is a bomb isn't. Scans are read too, and a relay that is stopped leaves no process behind.
 */

const TO = 'roe@oldhost.example';
const FIXTURES = new URL('../fixtures/documents/', import.meta.url);

let home: RelayHome;
let relay: RunningRelay;
let clear: Sink;

beforeAll(async () => {
  clear = await startSink({});
  home = await relayHome({
    delivery: {
      routes: [
        { name: 'clear', domains: ['*'], host: clear.host, port: clear.port, kind: 'recipient-server' },
      ],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await clear?.close();
});

const zip = (name: string, content: string | Uint8Array) =>
  Buffer.from(zipSync({ [name]: Buffer.from(content) }));
const fixture = (path: string) => readFileSync(new URL(path, FIXTURES));

/** Submits a mail with one attachment. */
async function send(filename: string, content: Buffer, text = 'See the attached file.'): Promise<string> {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await composer.sendMail({
    from: 'ward3@clinic.example',
    to: TO,
    subject: 'A file',
    text,
    attachments: [{ filename, content, contentTransferEncoding: 'base64' }],
  });
  if (!Buffer.isBuffer(message)) throw new Error('no message was made');
  return submit(relay, { to: [TO], raw: message });
}

const statuses = (id: string) => storyOf(home, id).inspected?.data.parts.map((part) => part.status);

it('delivers what is harmless all the way down', async () => {
  const id = await send('outer.zip', zip('inner.zip', zip('menu.txt', 'Soup on Monday.')));
  await untilState(home, id, TO, 'delivered');
  expect(statuses(id)).toEqual(['read', 'read', 'read', 'read', 'read']);
});

it.each([
  ['patient data in an archive within an archive', 'x.zip', zip('in.gz', gzipSync(LAB_RESULT)), 'read'],
  ['patient data in a macro', 'x.xlsm', fixture('formats/macro.xlsm'), 'read'],
  ['patient data in a sheet within a letter', 'x.docx', fixture('formats/object.docx'), 'read'],
  ['patient data in archives of every kind', 'x.zip', fixture('formats/nest.zip'), 'read'],
  ['patient data under another name', 'x.jpg', fixture('formats/word.docx'), 'read'],
  ['an encrypted archive', 'x.zip', fixture('archives/aes.zip'), 'encrypted'],
  ['a bomb', 'x.gz', gzipSync(Buffer.alloc(300 * 1024 * 1024)), 'too-large'],
  ['a program', 'x.exe', Buffer.from('TVqQAAMAAAAEAAAA//8AALgA', 'base64'), 'unsupported'],
])('does not send %s in the clear', async (_, name, content, status) => {
  const id = await send(name, content);
  await untilState(home, id, TO, 'in-portal');
  expect(statuses(id)).toContain(status);
});

it('holds what is damaged', async () => {
  const id = await send('x.pdf', Buffer.from('%PDF-1.4\n'));
  await untilState(home, id, TO, 'held');
});

it.each([
  ['scan.png', 'images/words.png'],
  ['scan.docx', 'formats/scan.docx'],
  ['scan.pdf', 'formats/scan.pdf'],
])('reads scans, in a lane of their own: %s', async (name, path) => {
  const id = await send(name, fixture(path), 'She has type 2 diabetes mellitus.');
  await untilState(home, id, TO, 'in-portal');
  const story = storyOf(home, id);
  expect(story.inspected?.data.classifications).toContain('phi');
  expect(statuses(id)?.at(-1)).toBe('read');
});

it('ends with all its processes', async () => {
  expect(clear.messages.some((one) => one.text.includes(CANARY))).toBe(false);
  const children = childrenOf(relay.pid);
  expect(children.length).toBeGreaterThan(0);
  await expect(relay.kill('SIGTERM')).resolves.toBe(0);
  await expect.poll(() => children.filter((pid) => isRunning(pid))).toEqual([]);
  expect(relay.output()).not.toMatch(/scan\.\w|Roe, Jane|4471902|Testperson|212-55/);
});

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => new RegExp(`^\\d+ \\(.*\\) \\S ${parent} `).test(stat(pid)));
}

function isRunning(pid: number): boolean {
  return stat(pid) !== '' && !/^\d+ \(.*\) Z /.test(stat(pid));
}

function stat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}
