import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type Config, configSchema } from '../config/schema.js';
import { withCrlf } from '../inspect/bytes.js';
import { compileSettings, type DetectionSettings, NO_SETTINGS } from '../inspect/detect/settings.js';
import { createDocumentPool, type DocumentPool } from '../inspect/documents/pool.js';
import { inspectStep } from '../inspect/inspect-message.js';
import { inspectWhole } from '../inspect/inspect-whole.js';
import type { Inspection } from '../model/inspection.js';
import { createLog } from '../ops/log.js';

/**
 * Inspects a message in this process, for commands that look at one message and end; its documents are read in others,
 * as in the relay. Bare line feeds are read as CRLF, because files on disk often have them; the relay refuses them.
 * @throws what the inspection throws; the relay would then hold the message as unread
 */
export async function inspectHere(
  bytes: Uint8Array,
  limits: Config['inspect'] = configSchema.shape.inspect.parse({}),
  context: {
    readonly detection?: DetectionSettings;
    readonly healthSender?: boolean;
    /** To compare what several inspections found. */
    readonly fingerprintKey?: Uint8Array;
    /** As `InspectOptions.gone`. */
    readonly gone?: readonly string[];
  } = {},
): Promise<Inspection> {
  const message = withCrlf(Buffer.from(bytes)).bytes;
  // Fingerprints of a key that is forgotten mean nothing elsewhere.
  const own = compileSettings(context.detection ?? NO_SETTINGS);
  const options = {
    limits,
    fingerprintKey: context.fingerprintKey ?? randomBytes(32),
    own,
    healthSender: context.healthSender ?? false,
    gone: context.gone ?? [],
  };
  // What comes of each part is shown; that isn't logged beside it.
  const log = createLog({ level: 'error', addresses: 'domains' });
  let readers: DocumentPool | undefined;
  const pool = () => {
    readers ??= createDocumentPool({ limits, cores: availableParallelism(), log });
    return readers;
  };
  try {
    const inspection = await inspectWhole({
      step: async (known) => inspectStep(message, known, options),
      pool,
      limits,
      ocr: 'now',
    });
    if (inspection === 'needs-ocr') throw new Error('an inspection that was to use OCR asks for it');
    return inspection;
  } finally {
    own.dispose();
    await readers?.close();
  }
}
