import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * A message is held, and nothing was found in it. Then the relay learns who its patients are, and the message is decided
 * again: what was true of its Subject at the first time isn't any more. All people are made up.
 */

const TO = 'roe@oldhost.example';
const SENDER = 'ward3@clinic.example';
const POLICY = `version: 1
rules:
  - id: tomorrow
    when: { subject: { contains: [tomorrow] } }
    demand: { disposition: hold, hold_reason: somebody looks at it }
  - id: patients
    when: { findings: { classification: phi } }
    demand: { disposition: reject, reject_text: patients' data does not leave }
`;

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: sink.host, port: sink.port, kind: 'recipient-server' },
        ],
      },
    },
    { policies: { 'rules.yaml': POLICY } },
  );
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

it('tells the sender nothing of a Subject in which a patient was found since', async () => {
  const id = await submit(relay, {
    to: [TO],
    subject: 'tomorrow: Testerson 40017733',
    text: 'Will be there at nine.',
  });
  await untilState(home, id, TO, 'held');
  const csv = join(home.folder, 'patients.csv');
  const others = Array.from({ length: 400 }, (_, i) => `${50_000_000 + i * 977};Muster${i};Bob`);
  writeFileSync(csv, ['Chart;Last;First', '40017733;Testerson;Anna', ...others].join('\r\n'));
  const imported = await home.run([
    'roster',
    'import',
    csv,
    '--columns',
    'mrn=Chart,family=Last,given=First',
  ]);
  expect(imported).toMatchObject({ status: 0, stderr: '' });
  expect(await home.run(['held', 'redecide', id])).toMatchObject({ status: 0 });
  await untilState(home, id, TO, 'bounced');
  const dsn = await sink.next(
    ({ recipients, text }) => recipients.includes(SENDER) && text.includes('could not be delivered'),
  );
  expect(dsn.text).toContain("patients' data does not leave");
  expect(dsn.text).not.toMatch(/Testerson|40017733/);
});
