import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completeAnswers } from '../../../src/setup/questions.js';
import { readAnswers } from '../../../src/setup/read-answers.js';

/** Answers each question by the first words that it has; an empty answer takes the fallback. */
function person(answers: Readonly<Record<string, string | readonly string[]>>) {
  const asked: string[] = [];
  const left = new Map(Object.entries(answers).map(([key, value]) => [key, [value].flat()]));
  const told: string[] = [];
  const ask = async (question: string, fallback = '') => {
    asked.push(question);
    for (const [key, values] of left) {
      if (question.includes(key)) return values.shift() || fallback;
    }
    return fallback;
  };
  return { ask: Object.assign(ask, { tell: (line: string) => void told.push(line) }), asked, told };
}

describe('the questions of init', () => {
  it('ask for what is needed and take defaults for the rest', async () => {
    const { ask } = person({
      'Host name': 'relay.clinic.test',
      "Organisation's name": 'Clinic',
      'mail domains': 'clinic.test, ward.test',
      'Where does mail come from': 'exchange, ehr',
      'Exchange servers': '10.1.2.10',
      'Addresses of EHR': '10.1.9.0/24',
      'do TLS': 'no',
      'write as': 'results@clinic.test, scanner@clinic.test',
    });
    const answers = await completeAnswers({}, ask);
    expect(answers).toMatchObject({
      hostname: 'relay.clinic.test',
      organisation: { domains: ['clinic.test', 'ward.test'], reviewers: ['postmaster@clinic.test'] },
      upstream: [
        { kind: 'exchange', networks: ['10.1.2.10'] },
        { kind: 'ehr', tls: 'off', senders: ['results@clinic.test', 'scanner@clinic.test'] },
      ],
      downstream: { kind: 'mx' },
      enforcement: 'shadow',
    });
  });

  it('ask again after an answer that cannot be, and say why', async () => {
    const { ask, told } = person({
      'Host name': ['relay', 'relay.clinic.test'],
      "Organisation's name": 'Clinic',
      'mail domains': 'clinic.test',
    });
    expect((await completeAnswers({}, ask)).hostname).toBe('relay.clinic.test');
    expect(told.join('\n')).toMatch(/must be a host name of two or more labels/);
  });

  it('ask only the one again that was answered with nothing, and say so in plain words', async () => {
    const { ask, asked, told } = person({
      'Host name': 'relay.clinic.test',
      "Organisation's name": ['', 'Clinic'],
      'mail domains': ['', 'clinic', 'clinic.test'],
      'Mail address of whoever': ['nobody', 'it@clinic.test'],
      'Who decides': ['it@clinic.test, nobody', 'it@clinic.test'],
    });
    const { organisation } = await completeAnswers({}, ask);
    expect(organisation).toEqual({
      name: 'Clinic',
      domains: ['clinic.test'],
      postmaster: 'it@clinic.test',
      reviewers: ['it@clinic.test'],
    });
    expect(told).toEqual([
      '  must not be empty',
      '  must be a list with at least one entry',
      expect.stringMatching(/^ {2}value 1: must be /),
      expect.stringMatching(/^ {2}must be /),
      expect.stringMatching(/^ {2}value 2: must be /),
    ]);
    const times = (words: string) => asked.filter((one) => one.includes(words)).length;
    expect([
      times('Host name'),
      times("Organisation's name"),
      times('mail domains'),
      times('Where does mail come'),
    ]).toEqual([1, 2, 3, 1]);
  });

  it('ask again for a kind that there is not, and list those that there are', async () => {
    const { ask, told } = person({
      'Host name': 'relay.clinic.test',
      "Organisation's name": 'Clinic',
      'mail domains': 'clinic.test',
      'Where does mail come from': ['outlook', 'mail-clients'],
    });
    await completeAnswers({}, ask);
    expect(told).toEqual([
      '  value 1, kind: must be one of mail-clients, exchange, microsoft-365, google-workspace, ehr',
    ]);
  });

  it('name the kinds in an answers file with another one, too', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sallyport-answers-')), 'answers.yaml');
    writeFileSync(
      file,
      'hostname: relay.clinic.test\norganisation: { name: Clinic, domains: [clinic.test] }\nupstream:\n  - { kind: outlook }\n',
    );
    await expect(readAnswers(file)).rejects.toThrow(
      /:4:\d+: upstream\.0\.kind: must be one of mail-clients, exchange, microsoft-365, google-workspace, ehr/,
    );
  });

  it('are not asked where the command line says it', async () => {
    const { ask, asked } = person({ "Organisation's name": 'Clinic', 'mail domains': 'clinic.test' });
    await completeAnswers({ hostname: 'relay.clinic.test', enforcement: 'enforce' }, ask);
    expect(asked.filter((one) => /Host name|shadow/.test(one))).toEqual([]);
  });

  it('end with all that is missing where nobody can be asked', async () => {
    await expect(completeAnswers({ enforcement: 'shadow' }, undefined)).rejects.toThrow(
      /hostname: is missing \(--hostname\)\n.*organisation: is missing .*\n.*upstream: is missing \(--upstream\)/,
    );
  });
});
