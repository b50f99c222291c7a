import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../src/decide/load-policies.js';

/* Each file of bad-policies/ begins with the problem that it must give: `# expect: line:column: message`. */

const CORPUS = fileURLToPath(new URL('./bad-policies/', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'sallyport-policies-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('a bad policy is refused at its place', () => {
  it.each(readdirSync(CORPUS).filter((name) => name.endsWith('.yaml')))('%s', async (name) => {
    const folder = join(dir, name.replace('.yaml', ''));
    cpSync(join(CORPUS, name), join(folder, name), { recursive: true });
    const text = readFileSync(join(CORPUS, name), 'utf8');
    const expected = [...text.matchAll(/^# expect: (.*)$/gm)].map((match) => match[1]);
    const load = await loadPolicies(folder, {
      detectors: ['us-ssn', 'mrn', 'payment-card', 'care-language'],
    });
    const problems = load.ok
      ? []
      : load.problems.map((one) =>
          `${one.line}:${one.column}: ${one.message}`.replaceAll(join(folder, name), 'FILE'),
        );
    expect(problems).toEqual(expected);
  });
});
