import { availableParallelism } from 'node:os';
import { configSchema } from '../../src/config/schema.js';
import { createDocumentPool, type DocumentPool } from '../../src/inspect/documents/pool.js';
import { inspectStep } from '../../src/inspect/inspect-message.js';
import { inspectWhole } from '../../src/inspect/inspect-whole.js';
import type { Inspection } from '../../src/model/inspection.js';
import { createLog } from '../../src/ops/log.js';

/** Whole inspections as the relay does them, with the limits that the configuration has by default. */
export interface EvalInspector {
  /** @throws ReadersFailed where the processes that read documents can't be started (they run what is in `dist/`) */
  inspect(message: Uint8Array): Promise<Inspection>;
  close(): Promise<void>;
}

const FINGERPRINT_KEY = new Uint8Array(32);

/** One pool of document readers for all messages; none is started before a message holds a document. */
export function createEvalInspector(): EvalInspector {
  const limits = configSchema.shape.inspect.parse({});
  const options = { limits, fingerprintKey: FINGERPRINT_KEY };
  const log = createLog({ level: 'error', addresses: 'domains' });
  let readers: DocumentPool | undefined;
  const pool = () => {
    readers ??= createDocumentPool({ limits, cores: availableParallelism(), log });
    return readers;
  };
  return {
    async inspect(message) {
      const inspection = await inspectWhole({
        step: async (known) => inspectStep(message, known, options),
        pool,
        limits,
        ocr: 'now',
      });
      if (inspection === 'needs-ocr') throw new Error('an inspection that was to use OCR asks for it');
      return inspection;
    },
    close: async () => readers?.close(),
  };
}
