import { describe, expect, it } from 'vitest';
import { healthSenderWarnings, isHealthSender } from '../../../src/inspect/health-sender.js';

const config = (...health_senders: string[]) => ({
  organisation: {
    name: 'Clinic',
    domains: ['clinic.example', 'lab.clinic.example'],
    postmaster: 'postmaster@clinic.example',
    reviewers: [],
  },
  inspect: { health_senders },
});

describe('a health sender', () => {
  it.each<[string, string[], string, boolean]>([
    ['an address', ['ward3@clinic.example'], 'ward3@clinic.example', true],
    ['an address in other letters', ['Ward3@clinic.example'], 'WARD3@clinic.example', true],
    ['another address of its domain', ['ward3@clinic.example'], 'billing@clinic.example', false],
    ['anybody of a domain', ['clinic.example'], 'billing@clinic.example', true],
    ['a subdomain of a domain', ['clinic.example'], 'x@lab.clinic.example', false],
    ['a subdomain of *.domain', ['*.clinic.example'], 'x@lab.clinic.example', true],
    ['the domain of *.domain', ['*.clinic.example'], 'x@clinic.example', false],
    ['a domain that ends alike', ['clinic.example'], 'x@notclinic.example', false],
    ['the null sender', ['clinic.example', '*.example'], '', false],
    ['nobody, without a list', [], 'ward3@clinic.example', false],
  ])('is %s', (_what, senders, sender, expected) => {
    expect(isHealthSender(config(...senders), { sender })).toBe(expected);
  });

  it.each<[string, string, { addresses: string[]; unsure: boolean }, boolean]>([
    ['the author of mail without a sender', '', { addresses: ['ward3@clinic.example'], unsure: false }, true],
    ['not another author', '', { addresses: ['billing@clinic.example'], unsure: false }, false],
    [
      'whom it is sent on behalf of',
      'pa@clinic.example',
      { addresses: ['ward3@clinic.example'], unsure: false },
      true,
    ],
    ['perhaps whoever forwards', 'bounces@clinic.example', { addresses: [], unsure: true }, true],
  ])('is %s', (_what, sender, authors, expected) => {
    expect(isHealthSender(config('ward3@clinic.example'), { sender, authors })).toBe(expected);
    expect(isHealthSender(config(), { sender, authors })).toBe(false);
  });

  it.each([
    ['ward3@clinic.example', undefined],
    ['lab.clinic.example', undefined],
    ['*.clinic.example', undefined],
    [
      'partner.example',
      'inspect.health_senders.0: partner.example is not of a domain under organisation.domains: all mail of that sender counts as health care',
    ],
    [
      'jo@ward.clinic.example',
      'inspect.health_senders.0: jo@ward.clinic.example is not of a domain under organisation.domains: all mail of that sender counts as health care',
    ],
    [
      '*.lab.clinic.example',
      'inspect.health_senders.0: *.lab.clinic.example matches no domain under organisation.domains; a domain itself is written without *.',
    ],
  ])('%s that is not the organisation’s is warned of', (entry, warning) => {
    expect(healthSenderWarnings(config(entry))).toEqual(warning === undefined ? [] : [warning]);
  });
});
