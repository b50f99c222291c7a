// Writes docs/config-reference.md and docs/schema/config.schema.json from the schema; --check fails on a difference.

import { z } from 'zod';
import { configSchema } from '../src/config/schema.js';
import { schemaPage } from './schema-page.js';
import { writeOrCheck } from './write-or-check.js';

const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
const page = `# Configuration reference

Generated from the schema; do not edit. \`sallyport check\` reports a wrong key or value as file:line:column.
Sizes have a unit (\`512KB\`, \`25MB\`, \`1GB\`; 1 KB = 1024 bytes), and so have durations (\`30s\`, \`15m\`, \`4h\`, \`3d\`).
Relative paths count from the folder of the configuration file, unless the text says otherwise.

${schemaPage(schema)}`;

await writeOrCheck({
  'docs/config-reference.md': page,
  'docs/schema/config.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
});
