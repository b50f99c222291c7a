import { expect, it } from 'vitest';
import { answersSchema } from '../../../src/setup/answers.js';
import { dnsRecords } from '../../../src/setup/dns-records.js';

const recordsFor = (portal: string) =>
  dnsRecords(
    answersSchema.parse({
      hostname: 'relay.clinic.test',
      organisation: { name: 'Clinic', domains: ['clinic.test'] },
      upstream: [{ kind: 'mail-clients' }],
      portal: { url: portal },
    }),
    [],
  ).match(/^\S+ IN A \S+$/gm);

it.each([
  ['https://pickup.clinic.test', ['relay.clinic.test.', 'pickup.clinic.test.']],
  ['https://relay.clinic.test', ['relay.clinic.test.']],
  ['https://127.0.0.1:8443', ['relay.clinic.test.']],
  ['https://[::1]:8443', ['relay.clinic.test.']],
])('wants addresses for the relay and the portal at %s, where these are names', (portal, names) => {
  expect(recordsFor(portal)).toEqual(names.map((name) => `${name} IN A 192.0.2.1`));
});
