import { describe, expect, it } from 'vitest';
import { completeAnswers } from '../../../src/setup/questions.js';

/** Answers each question by the first words that it has; an empty answer takes the fallback. */
function person(answers: Readonly<Record<string, string | readonly string[]>>) {
  const asked: string[] = [];
  const left = new Map(Object.entries(answers).map(([key, value]) => [key, [value].flat()]));
  const ask = async (question: string, fallback = '') => {
    asked.push(question);
    for (const [key, values] of left) {
      if (question.includes(key)) return values.shift() ?? fallback;
    }
    return fallback;
  };
  return { ask, asked };
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
    });
    const answers = await completeAnswers({}, ask);
    expect(answers).toMatchObject({
      hostname: 'relay.clinic.test',
      organisation: { domains: ['clinic.test', 'ward.test'], reviewers: ['postmaster@clinic.test'] },
      upstream: [
        { kind: 'exchange', networks: ['10.1.2.10'] },
        { kind: 'ehr', tls: 'off' },
      ],
      downstream: { kind: 'mx' },
      enforcement: 'shadow',
    });
  });

  it('ask again after an answer that cannot be, and say why', async () => {
    const { ask, asked } = person({
      'Host name': ['relay', 'relay.clinic.test'],
      "Organisation's name": 'Clinic',
      'mail domains': 'clinic.test',
    });
    expect((await completeAnswers({}, ask)).hostname).toBe('relay.clinic.test');
    expect(asked.join('\n')).toMatch(/must be a host name of two or more labels/);
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
