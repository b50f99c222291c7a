import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { decide } from '../../../../../src/decide/decide.js';
import { messageFacts, recipientFacts } from '../../../../../src/decide/facts.js';
import { loadPolicies } from '../../../../../src/decide/load-policies.js';
import type { PolicySet } from '../../../../../src/decide/policy-set.js';
import { statedAvailability } from '../../../../../src/decide/policy-test-facts.js';
import { DETECTORS } from '../../../../../src/inspect/detect/registry.js';
import type { Inspection } from '../../../../../src/model/inspection.js';
import { fixture, readAttached, seeing } from './whole-message.js';

/* What the shipped policies do, in mail to the outside, with files as they are; findings aside. */

const SHIPPED = fileURLToPath(new URL('../../../../../policies/', import.meta.url));
const detectors = DETECTORS.map((one) => one.name);
const own = mkdtempSync(join(tmpdir(), 'sallyport-mismatch-'));
afterAll(() => rmSync(own, { recursive: true }));

async function policy(dir: string): Promise<PolicySet> {
  const load = await loadPolicies(dir, { detectors });
  if (!load.ok) throw new Error(load.problems.map((one) => one.message).join());
  return load.policy;
}

async function outside(set: PolicySet, bytes: Buffer, name: string) {
  const { parts, ambiguities } = await readAttached(bytes, { name, ocr: seeing('') });
  const inspection: Inspection = {
    parts,
    ambiguities,
    findings: [],
    classifications: [],
    headers: [],
    subject: '',
    size: bytes.length,
  };
  const facts = messageFacts(inspection, { sender: 'a@clinic.example', identity: 'ehr', receivedAt: 0 });
  const to = recipientFacts('sam@lab.example', ['clinic.example'], statedAvailability(['plain', 'tls']));
  const { demand, order } = decide(set, facts, to);
  return demand.disposition === 'send'
    ? `${order[0]}${order[0] === 'tls' ? ` ${demand.tls}` : ''}`
    : demand.disposition;
}

const half = (path: string) => fixture(path).subarray(0, fixture(path).length / 2);

describe('to the outside', () => {
  it.each<[string, Buffer, string, string]>([
    ['a letter', fixture('formats/word.docx'), 'word.docx', 'plain'],
    ['a picture in which no words are', fixture('images/words.png'), 'logo.png', 'plain'],
    ['a letter with macros', fixture('formats/macro.xlsm'), 'macro.xlsm', 'plain'],
    ['an encrypted archive', fixture('archives/aes.zip'), 'x.zip', 'tls verified'],
    ['an encrypted PDF', fixture('pdf/user-password.pdf'), 'x.pdf', 'tls verified'],
    ['an encrypted document', fixture('office/letter-encrypted.odt'), 'x.odt', 'tls verified'],
    ['a format that is not read', fixture('formats/words.heic'), 'x.heic', 'tls verified'],
    ['a scan of a device', fixture('formats/picture.dcm'), 'x.dcm', 'tls verified'],
    ['a bomb', fixture('archives/zeros.7z'), 'x.7z', 'tls verified'],
    ['half a PDF', half('pdf/text.pdf'), 'x.pdf', 'hold'],
    ['half a document', half('formats/word.docx'), 'x.docx', 'hold'],
    ['a name that lies', fixture('formats/word.docx'), 'x.pdf', 'plain'],
  ])('%s', async (_, bytes, name, outcome) => {
    expect(await outside(await policy(SHIPPED), bytes, name)).toBe(outcome);
  });

  it('a rule of your own may ask for names that lie', async () => {
    writeFileSync(
      join(own, 'a.yaml'),
      'version: 1\nrules:\n  - id: lies\n    when: { ambiguity: type-mismatch }\n    demand: { require: tls, tls: verified }\n',
    );
    const set = await policy(own);
    expect(await outside(set, fixture('formats/word.docx'), 'x.pdf')).toBe('tls verified');
    expect(await outside(set, fixture('formats/list.csv'), 'x.png')).toBe('tls verified');
    expect(await outside(set, fixture('formats/word.docx'), 'x.docx')).toBe('plain');
  });
});
