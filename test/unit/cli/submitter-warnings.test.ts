import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  type Submitters,
  sendersOutside,
  submittersThatFitNone,
} from '../../../src/cli/submitter-warnings.js';
import { loadPolicies } from '../../../src/decide/index.js';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-submitters-'));
afterAll(() => rmSync(dir, { recursive: true }));

const known = { names: ['ehr', 'ward3'], senders: ['clinic.example', 'results@lab.clinic.example'] };

async function warningsOf(when: string, all: Submitters = known): Promise<readonly string[]> {
  writeFileSync(
    join(dir, 'site.yaml'),
    `version: 1\nrules:\n  - id: a\n    when: ${when}\n    demand: { require: sealed }\n`,
  );
  const load = await loadPolicies(dir, { detectors: [] });
  if (!load.ok) throw new Error(JSON.stringify(load.problems));
  return submittersThatFitNone(load.policy, all);
}

it.each([
  '{ identity: [ehr, ward3] }',
  '{ identity: [portal, sallyport] }',
  '{ sender: clinic.example }',
  '{ sender: "@clinic.example" }',
  '{ sender: PAYROLL@clinic.example }',
  '{ sender: "*.clinic.example" }',
  '{ sender: results@lab.clinic.example }',
  '{ sender: lab.clinic.example }',
  '{ sender: "<>" }',
  '{ recipient: anywhere.example }',
])('says nothing where mail can fit: %s', async (when) => {
  expect(await warningsOf(when)).toEqual([]);
});

it.each([
  ['{ identity: [ehr, ehrr] }', /^site\.yaml:3: rule `a` .* identity `ehrr`.*did you mean `ehr`\?/],
  ['{ sender: clinic.exmaple }', /^site\.yaml:3: rule `a` .* sender `clinic\.exmaple`/],
  ['{ sender: "*.lab.clinic.example" }', /sender `\*\.lab\.clinic\.example`/],
  ['{ sender: other@lab.clinic.example }', /sender `other@lab\.clinic\.example`/],
  ['{ any: [{ size: { over: 1MB } }, { not: { identity: nobody } }] }', /identity `nobody`/],
])('warns of whom no mail can come from: %s', async (when, warning) => {
  expect(await warningsOf(when)).toEqual([expect.stringMatching(warning)]);
});

it('warns of an exception for nobody, too', async () => {
  const when = `always\n    unless: [{ when: { identity: nobody }, owner: J. Roe, expires: 2999-01-01 }]`;
  expect(await warningsOf(when)).toEqual([expect.stringMatching(/identity `nobody`/)]);
});

it('says nothing of senders where strangers are let in', async () => {
  expect(await warningsOf('{ sender: stranger.test }', { ...known, senders: undefined })).toEqual([]);
});

it('warns of whoever may write in names outside the organisation', () => {
  const may = (...senders: string[]) =>
    sendersOutside(['clinic.example'], [{ what: 'identity `ehr`', senders }]);
  expect(may('clinic.example', 'jo@clinic.example', '@lab.clinic.example', 'jo@CLINIC.example')).toEqual([]);
  expect(may('clinc.example', 'jo@gmail.test')).toEqual([
    expect.stringMatching(
      /^identity `ehr` may write as clinc\.example, jo@gmail\.test, .*organisation\.domains/,
    ),
  ]);
});
