import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expectBelow } from '../../support/processor-time.js';

const PROCESS = fileURLToPath(new URL('bomb-process.ts', import.meta.url));
const outcome = z.object({
  name: z.string(),
  harmless: z.boolean(),
  milliseconds: z.number(),
  megabytes: z.number(),
});

/** The largest of each kind. */
const BOMBS = [
  '10,000 parts',
  '1,000 nested multiparts',
  'eight boundaries at each of 18 levels',
  '50,000 fields',
  'a field of a megabyte',
  'four million single digits',
  'lines of base64',
  'characters that grow',
  'a table of a million cells',
  'a row of 200,000 cells',
  '100,000 rows under wide labels',
  'escapes in a link',
];

describe('a whole inspection of bombs', () => {
  it('takes bounded memory and time, and finds what they hide or says that it could not read', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROCESS, ...BOMBS], {
      maxBuffer: 1024 * 1024,
    });
    const outcomes = stdout
      .trim()
      .split('\n')
      .map((line) => outcome.parse(JSON.parse(line)));
    expect(outcomes.map((one) => one.name)).toEqual(BOMBS);
    expect(outcomes.filter((one) => one.harmless)).toEqual([]);
    // The deadline of an inspection is a minute, and the heap of its thread a gigabyte.
    for (const { milliseconds } of outcomes) expectBelow(milliseconds, 40_000);
    expect(outcomes.filter((one) => one.megabytes > 1536)).toEqual([]);
  });
});
