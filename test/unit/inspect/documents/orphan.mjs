// Starts a pool, lets its child run in an endless loop, says the child's number and is then killed by the test.

import { configSchema } from '../../../../dist/config/schema.js';
import { createDocumentPool } from '../../../../dist/inspect/documents/pool.js';

const limits = configSchema.shape.inspect.parse({ documents: { workers: 1 } });
const log = { warn: () => undefined };
const entry = new URL('./fake-child.mjs', import.meta.url);
const pool = createDocumentPool({ limits, cores: 1, log, entry });
const read = (deed) =>
  pool.read({ bytes: Buffer.from(`%PDF-${deed}`) }, { ocr: 'none', deadlineMs: () => 60_000 });
const { parts } = await read('pid');
void read('loop');
process.send(Number(parts[0].texts[0].text));
