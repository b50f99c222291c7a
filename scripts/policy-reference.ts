// Writes docs/policy-reference.md and the editor schemas of policy and policy test files; --check fails on a difference.

import { z } from 'zod';
import { policyFileSchema } from '../src/decide/policy-schema.js';
import { policyTestFileSchema } from '../src/decide/policy-test-schema.js';
import { DETECTORS } from '../src/inspect/detect/registry.js';
import { VALIDATORS } from '../src/inspect/detect/validators.js';
import { schemaPage } from './schema-page.js';
import { writeOrCheck } from './write-or-check.js';

type Node = Readonly<Record<string, unknown>>;

const policy = z.toJSONSchema(policyFileSchema, { io: 'input' });
const tests = z.toJSONSchema(policyTestFileSchema, { io: 'input' });
const condition = record(record(policy.$defs).condition);

const page = `# Policy reference

Generated from the schema; do not edit. [Policies](policies.md) explains how they work, with examples.
\`sallyport check\` and \`sallyport policy test\` report a wrong key or value as file:line:column. Editors that know YAML
schemas complete and check policy files with a first line \`# yaml-language-server: $schema=…/policy.schema.json\`.

## Policy files

Every \`*.yaml\` of the policy folder but \`*.test.yaml\`.

${schemaPage(shown(policy))}
## Conditions

What \`when\` and the \`when\` of an exception may hold. All keys that are given must hold; of several values of one key,
any may. Where *condition* stands, all of these keys may be used again.

${schemaPage(shown(condition))}
## Detectors

What \`findings.detector\` may name, besides the detectors that policy files define.

${detectorTable()}
## Validators

What the \`validator\` of a detector may name. Blanks, dashes, points and slashes in a match don't count.

${validatorTable()}
## Test files

Every \`*.test.yaml\`; \`sallyport policy test\` runs them against the policy files beside them.

${schemaPage(shown(tests))}`;

await writeOrCheck({
  'docs/policy-reference.md': page,
  'docs/schema/policy.schema.json': `${JSON.stringify(policy, null, 2)}\n`,
  'docs/schema/policy-test.schema.json': `${JSON.stringify(tests, null, 2)}\n`,
});

function detectorTable(): string {
  const rows = DETECTORS.map((one) => `| \`${one.name}\` | ${one.class} | ${one.description} |`);
  return ['| detector | class | finds |', '|---|---|---|', ...rows, ''].join('\n');
}

function validatorTable(): string {
  const rows = Object.entries(VALIDATORS).map(
    ([name, one]) => `| \`${name}\` | ${one.description} | ${one.source} |`,
  );
  return ['| validator | passes | source |', '|---|---|---|', ...rows, ''].join('\n');
}

/** The schema as the tables show it: references by their name, and mappings with free keys as `<name>`. */
function shown(node: Node): Node {
  const { $ref, additionalProperties, $defs, ...rest } = node;
  const entries = Object.entries(rest).map(([key, value]) => [key, shownValue(value)]);
  const copy = Object.fromEntries(entries);
  const free = typeof additionalProperties === 'object' ? { '<name>': shownValue(additionalProperties) } : {};
  return {
    ...copy,
    ...(typeof $ref === 'string' && { type: `*${$ref.split('/').at(-1) ?? 'any'}*` }),
    ...(Object.keys(free).length > 0 && { properties: { ...record(copy.properties), ...free } }),
  };
}

function shownValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shownValue);
  return typeof value === 'object' && value !== null ? shown(record(value)) : value;
}

function record(value: unknown): Node {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
