import { type Mutant, mutate } from './mutant.js';
import { MUTANTS } from './mutants.js';
import { privateTree } from './private-tree.js';

/*
 * `npm run mutants [-- NAME…]`: builds each mutant in a private copy of the tree and runs the tests that must notice it.
 * Ends with status 1 when one survives, when its tests can't be run here, or when they fail without it, too.
 */

const names = process.argv.slice(2);
const unknown = names.filter((name) => !MUTANTS.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(
    `no such mutant: ${unknown.join(', ')}; there are ${MUTANTS.map((one) => one.name).join(', ')}`,
  );
  process.exit(2);
}
const wanted = MUTANTS.filter((one) => names.length === 0 || names.includes(one.name));

const tree = privateTree();
process.on('exit', tree.remove);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

let survived = 0;
try {
  const sound = await withoutMutants(wanted);
  for (const mutant of wanted) {
    const begun = performance.now();
    const { caught, text } = sound.get(keyOf(mutant)) ?? (await tried(mutant));
    if (!caught) survived += 1;
    const seconds = Math.round((performance.now() - begun) / 1000);
    console.log(
      `${caught ? 'caught  ' : 'SURVIVED'} ${mutant.name}: ${mutant.does} (${seconds} s)\n         ${text}`,
    );
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
console.log(`${wanted.length - survived} of ${wanted.length} mutants were caught`);
process.exit(survived === 0 ? 0 : 1);

interface Verdict {
  readonly caught: boolean;
  readonly text: string;
}

async function tried(mutant: Mutant): Promise<Verdict> {
  const undo = mutate(tree.root, mutant);
  try {
    await tree.build();
    const [failed] = (await tree.test(mutant.tests, mutant.only)).failed;
    return failed === undefined
      ? { caught: false, text: `no test of ${mutant.tests.join(', ')} noticed` }
      : { caught: true, text: `by ${mutant.tests.join(', ')}: ${failed}` };
  } finally {
    undo();
  }
}

/** Tests that can't tell, and why: a test that fails anyhow, or doesn't run here, notices nothing. */
async function withoutMutants(mutants: readonly Mutant[]): Promise<ReadonlyMap<string, Verdict>> {
  const useless = new Map<string, Verdict>();
  const sets = new Map(mutants.map((one) => [keyOf(one), one]));
  await tree.build();
  for (const [key, { tests, only }] of sets) {
    const { passed, failed } = await tree.test(tests, only);
    const text = failed.length > 0 ? `fails without it, too: ${failed[0]}` : 'is skipped here';
    if (failed.length > 0 || passed === 0)
      useless.set(key, { caught: false, text: `${tests.join(', ')} ${text}` });
  }
  return useless;
}

function keyOf({ tests, only = '' }: Mutant): string {
  return [...tests, only].join(' ');
}
