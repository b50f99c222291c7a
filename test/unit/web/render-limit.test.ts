import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { renderLimit } from '../../../src/web/render-limit.js';

it('is enough for the largest message of any listener with what the relay adds', () => {
  const config = parseConfig(
    [
      'hostname: relay.clinic.example',
      'organisation: { name: Example Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example, reviewers: [privacy@clinic.example] }',
      'listeners:',
      '  - { name: a, address: "127.0.0.1:2587", mode: submission, accounts: true, max_message_size: 10MB }',
      '  - { name: b, address: "127.0.0.1:2588", mode: submission, accounts: true, max_message_size: 40MB }',
    ].join('\n'),
    'config.yaml',
  );
  expect(renderLimit({ config })).toBe(40 * 1024 * 1024 + 64 * 1024);
});
