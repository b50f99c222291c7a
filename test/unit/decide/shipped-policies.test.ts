import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspectHere } from '../../../src/cli/inspect-here.js';
import { loadPolicies } from '../../../src/decide/load-policies.js';
import { readPolicyTests, runPolicyTests } from '../../../src/decide/policy-test.js';
import { DETECTORS } from '../../../src/inspect/detect/registry.js';

const DIR = fileURLToPath(new URL('../../../policies/', import.meta.url));
const detectors = DETECTORS.map((one) => one.name);

describe('the shipped policies', () => {
  it('load without a warning', async () => {
    const load = await loadPolicies(DIR, { detectors });
    expect(load).toMatchObject({ ok: true, warnings: [] });
  });

  it.each(readdirSync(DIR).filter((name) => name.endsWith('.test.yaml')))('pass %s', async (name) => {
    const load = await loadPolicies(DIR, { detectors });
    const read = await readPolicyTests(join(DIR, name), { detectors });
    if (!load.ok || !read.ok) throw new Error('cannot be loaded');
    const results = await runPolicyTests(load.policy, read.tests, {
      inspect: (bytes) => inspectHere(bytes),
      now: Date.now(),
    });
    expect(results.length).toBeGreaterThan(0);
    expect(
      results.filter((one) => !one.passed).map(({ name: test, differences }) => ({ test, differences })),
    ).toEqual([]);
  });
});
