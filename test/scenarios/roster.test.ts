import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { storyOf } from '../support/story.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * A clinic gives its patients to the relay: from then on, mail that names one of them by two columns is protected,
 * though nothing else in it looks like a patient's data. No value of the roster is anywhere but in the file imported.
 */

const TO = 'roe@oldhost.example';
/** Says nothing to anybody who doesn't know the patients. */
const TEXT = 'Testerson 40017733 will be there at nine.';

let home: RelayHome;
let relay: RunningRelay;
let clear: Sink;
let csv: string;

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
  csv = join(home.folder, 'Our Patients.csv');
  const rows = Array.from(
    { length: 400 },
    (_, i) =>
      `${50_000_000 + i * 977};Muster${'abcd'[i % 4]};Bob;${1 + (i % 28)}.${1 + (i % 12)}.19${10 + (i % 80)}`,
  );
  writeFileSync(csv, ['Chart;Last;First;Born', '40017733;Testerson;Anna;25.12.1961', ...rows].join('\r\n'));
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await clear?.close();
});

const COLUMNS = 'mrn=Chart,family=Last,given=First,dob=Born';

async function send(): Promise<string> {
  return submit(relay, { to: [TO], subject: 'Tomorrow', text: TEXT });
}

const roster = (...args: readonly string[]) => home.run(['roster', ...args]);

it('delivers what nothing speaks against', async () => {
  await untilState(home, await send(), TO, 'delivered');
});

it('says what could be imported', async () => {
  expect(await roster('import', csv)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`--columns "${COLUMNS}"`),
  });
  expect(await roster('import', csv, '--columns', 'mrn=Chart,dob=Birthday')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('no column Birthday; it has: Chart, Last, First, Born'),
  });
  expect(await roster('list')).toMatchObject({ status: 0, stdout: 'no rosters\n' });
});

it('puts a roster in force while the relay runs, and protects what names a patient', async () => {
  const { status, stdout, stderr } = await roster('import', csv, '--columns', COLUMNS);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/Born +dob +401 +0 +\d+/);
  expect(stdout).toMatch(/First has only 2 distinct values/);
  expect(stdout).toContain('imported the roster our-patients: 401 rows.');

  const id = await send();
  await untilState(home, id, TO, 'in-portal');
  expect(storyOf(home, id).inspected?.data).toMatchObject({
    classifications: ['phi', 'pii'],
    findings: expect.arrayContaining([
      expect.objectContaining({
        detector: 'roster',
        confidence: 'high',
        masked: ['our-patients: mrn + family'],
      }),
    ]),
  });
});

it('shows the same to who looks at a message by hand', async () => {
  const file = join(home.folder, 'message.eml');
  writeFileSync(
    file,
    `From: ward3@clinic.example\r\nTo: ${TO}\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\n${TEXT}\r\n`,
  );
  const { stdout } = await home.run(['explain', file, '--from', 'ward3@clinic.example', '--to', TO]);
  expect(stdout).toContain('roster');
  expect(stdout).not.toContain('40017733');
});

it('lists it, and has recorded it without any value', async () => {
  const { stdout } = await roster('list', '--json');
  expect(JSON.parse(stdout)).toMatchObject([
    { name: 'our-patients', rows: 401, columns: [{ kind: 'mrn', header: 'Chart' }, {}, {}, {}] },
  ]);
  const log = await home.run(['audit', 'search', '--type', 'roster.imported']);
  expect(log.stdout).toMatch(/roster imported.*our-patients, 401 rows of mrn, family, given, dob, by local/s);
  const index = readFileSync(join(home.dataDir, 'rosters', 'our-patients.roster')).toString('latin1');
  for (const value of ['Testerson', 'testerson', '40017733', '19611225']) {
    expect(index).not.toContain(value);
    expect(log.stdout + relay.output()).not.toContain(value);
  }
});

it('is there again after a restart, and the relay does not start with a damaged one', async () => {
  const account = relay.account;
  await relay.kill('SIGTERM');
  relay = await home.start();
  const id = await submit(relay, { to: [TO], subject: 'Tomorrow', text: TEXT }, account);
  await untilState(home, id, TO, 'in-portal');
  await relay.kill('SIGTERM');

  const file = join(home.dataDir, 'rosters', 'our-patients.roster');
  truncateSync(file, 1000);
  const { status, stderr } = await home.run(['start']);
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/our-patients\.roster .*import it again/),
  });

  // Without a relay, the commands do it themselves.
  expect(await roster('import', csv, '--columns', COLUMNS, '--json')).toMatchObject({ status: 0 });
  expect(await roster('remove', 'our-patients')).toMatchObject({
    status: 0,
    stdout: 'removed our-patients\n',
  });
  expect(await roster('remove', 'our-patients')).toMatchObject({ status: 1 });
  relay = await home.start();
  const free = await submit(relay, { to: [TO], subject: 'Tomorrow', text: TEXT }, account);
  await untilState(home, free, TO, 'delivered');
});
