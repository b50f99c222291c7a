import { expect, it } from 'vitest';
import { ownAddressWarnings } from '../../../src/cli/warnings.js';
import { parseConfig } from '../../../src/config/load.js';

const config = (reviewer: string, postmaster: string, pickup: string) =>
  parseConfig(
    `hostname: relay.clinic.test
organisation: { name: Clinic, domains: [clinic.test], postmaster: ${postmaster}, reviewers: [privacy@clinic.test, ${reviewer}] }
listeners: [{ name: a, address: '127.0.0.1:2525', mode: submission, accounts: true }]
portal: { url: 'https://pickup.clinic.test', sender: ${pickup} }
`,
    'config.yaml',
  );

it('warns of addresses of the organisation that are strangers’, such as misspelt ones', () => {
  const warnings = ownAddressWarnings(
    config('night@clinc.test', 'postmaster@clinic.tset', 'pickup@clinc.test'),
  );
  expect(warnings).toEqual([
    expect.stringMatching(
      /^`organisation\.reviewers`: night@clinc\.test .*hold notices.*leave the organisation/,
    ),
    expect.stringMatching(/^`organisation\.postmaster`: postmaster@clinic\.tset /),
    expect.stringMatching(/^`portal\.sender`: pickup@clinc\.test /),
  ]);
});

it('says nothing of its own, subdomains included', () => {
  expect(
    ownAddressWarnings(config('night@lab.clinic.test', 'postmaster@CLINIC.test', 'pickup@clinic.test')),
  ).toEqual([]);
});
