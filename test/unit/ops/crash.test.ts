import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { endOnCrash } from '../../../src/ops/crash.js';

it.each([
  [
    'an error',
    new TypeError('cannot read "Patient: Roe, Jane"', { cause: new Error('SSN 212-55-0187') }),
    'TypeError',
  ],
  ['anything thrown', 'Patient: Roe, Jane', 'string'],
])('ends the process at %s and tells its kind and place, not its text', (_name, thrown, kind) => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(line) });
  const statuses: number[] = [];
  const from = Object.assign(new EventEmitter(), { exit: (status: number) => statuses.push(status) });
  endOnCrash(log, from);
  from.emit('uncaughtException', thrown);
  expect(statuses).toEqual([1]);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 60, error: kind });
  expect(lines[0]).not.toMatch(/Roe|212-55/);
  if (thrown instanceof Error) expect(lines[0]).toContain('crash.test.ts');
});
