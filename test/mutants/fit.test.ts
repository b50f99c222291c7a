import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutated } from './mutant.js';
import { MUTANTS } from './mutants.js';

/*
 * Whether each mutant is caught takes minutes (`npm run mutants`). That it is still one is seen here: where the source has
 * changed, so must it.
 */

const ROOT = join(import.meta.dirname, '..', '..');
const DOCS = readFileSync(join(ROOT, 'docs', 'faults.md'), 'utf8');

describe('each mutant', () => {
  it.for(MUTANTS)('$name', (mutant) => {
    expect(mutated(ROOT, mutant).size).toBeGreaterThan(0);
    expect(mutant.tests.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(DOCS).toContain(`| \`${mutant.name}\` |`);
  });

  it('has a name of its own', () => {
    expect(new Set(MUTANTS.map((one) => one.name)).size).toBe(MUTANTS.length);
  });
});
