import type { OpenPgpSealingKey, SealingKey, X509SealingKey } from '../keys/types.js';
import { errorFacts } from '../shared/errors.js';
import type { BodyStore } from '../store/ports.js';
import { buildPayload } from './payload/build-payload.js';
import type { Payload } from './payload/types.js';
import { sealPgp } from './pgp/seal-pgp.js';
import { SealFailed } from './seal-failed.js';
import type { SealAnswer, SealTask } from './seal-task.js';
import { sealSmime } from './smime/seal-smime.js';

/**
 * Makes one sealed copy from the stored message and writes it as a body of its own. Whatever goes wrong with the content
 * or the keys is an answer, never a weaker copy.
 * @throws when the copy could not be written
 */
export async function seal(bodies: Pick<BodyStore, 'create' | 'open'>, task: SealTask): Promise<SealAnswer> {
  const writer = bodies.create();
  try {
    const original = { size: task.body.size, open: () => bodies.open(task.body) };
    const payload = await buildPayload(original, {
      subject: task.subject,
      legacyDisplay: task.legacyDisplay,
      ...(task.outerMessageId !== undefined && { messageId: task.outerMessageId }),
    });
    for await (const chunk of sealed(task, payload)) {
      try {
        await writer.write(chunk);
      } catch (cause) {
        throw new CopyNotWritten('the sealed copy could not be written', { cause });
      }
    }
    const eightBit = payload.outerHeader.some((byte) => byte > 0x7f);
    return { kind: 'sealed', body: await finished(writer), eightBit };
  } catch (error) {
    await writer.abort();
    if (error instanceof CopyNotWritten) throw error;
    if (error instanceof SealFailed) return { kind: 'failed', reason: error.message };
    const { error: name } = errorFacts(error);
    return { kind: 'failed', reason: `the content could not be sealed (${name})` };
  }
}

/** The disk, not the content: the attempt is repeated later. */
class CopyNotWritten extends Error {
  override readonly name = 'CopyNotWritten';
}

async function finished(writer: ReturnType<BodyStore['create']>) {
  try {
    return await writer.finish();
  } catch (cause) {
    throw new CopyNotWritten('the sealed copy could not be written', { cause });
  }
}

function sealed(task: SealTask, payload: Payload): AsyncIterable<Uint8Array> {
  const { signer, now } = task;
  const pgp = task.keys.filter(isOpenPgp);
  const [smime, ...more] = task.keys.filter(isX509);
  if (smime === undefined && pgp.length > 0 && pgp.length === task.keys.length) {
    return sealPgp({
      payload,
      keys: pgp,
      hiddenKeyIds: task.hiddenKeyIds,
      ...(signer?.kind === 'openpgp' && { signer }),
      now,
    });
  }
  if (smime !== undefined && more.length === 0 && task.keys.length === 1) {
    return sealSmime({
      payload,
      key: smime,
      cipher: task.cipher,
      keyTransport: task.keyTransport,
      ...(signer?.kind === 'x509' && { signer }),
      now,
    });
  }
  throw new SealFailed('no key, or keys of different kinds');
}

function isOpenPgp(key: SealingKey): key is OpenPgpSealingKey {
  return key.kind === 'openpgp';
}

function isX509(key: SealingKey): key is X509SealingKey {
  return key.kind === 'x509';
}
