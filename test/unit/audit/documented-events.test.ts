import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EVENT_LABELS } from '../../../src/audit/event-labels.js';

it('docs/audit-log.md lists every type of event', () => {
  const listed = readFileSync('docs/audit-log.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1] ?? '')
    .join();
  for (const type of Object.keys(EVENT_LABELS)) expect(listed).toContain(`\`${type}\``);
});
