import type { LoadedConfig } from '../../config/load.js';
import type { DkimKeyConfig } from '../../config/schema.js';
import { type DkimKeys, keysForDomain } from '../../keys/dkim/index.js';
import type { StoredMessage } from '../../model/message.js';
import type { Log } from '../../ops/log.js';
import type { Metrics } from '../../ops/metrics.js';
import type { Clock } from '../../shared/clock.js';
import { errorFacts, UserError } from '../../shared/errors.js';
import type { OutboundCopy, Protect } from '../types.js';
import { fromMailbox, mayNameFrom } from './from-mailbox.js';
import { NotSignable, readToSign } from './read-to-sign.js';
import { dkimSignature } from './signature.js';

type SmtpCopy = Extract<OutboundCopy, { readonly kind: 'smtp' }>;

/**
 * Puts DKIM signatures on what `protect` made, last. What leaves as it came is signed only where the configuration says so
 * for the domain: it may carry signatures made upstream, and needs none of ours. Where a key is configured for the domain
 * of From, nothing goes unsigned: a signature that can't be made has the attempt repeated later.
 *
 * The content is read twice, once for the hash and once to be sent, and never held.
 */
export function createDkimSigning(deps: {
  readonly loaded: () => LoadedConfig;
  readonly keys: DkimKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'dkim'>;
}): (protect: Protect) => Protect {
  return (protect) => async (message, recipients, method) => {
    const copy = await protect(message, recipients, method);
    if (copy.kind !== 'smtp') return copy;
    try {
      const signatures = await signaturesFor(deps, message, copy);
      return signatures === '' ? copy : withHeader(copy, signatures);
    } catch (error) {
      await copy.dispose?.();
      // Then nothing more may be done at all.
      if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
      deps.metrics.dkim.inc({ result: 'failed' });
      const known = error instanceof UserError || error instanceof NotSignable;
      deps.log.error(
        { id: message.id, ...(known ? { reason: error.message } : errorFacts(error)) },
        'a message could not be signed with DKIM; it waits, because it must not leave unsigned',
      );
      return {
        kind: 'not-now',
        status: '4.3.5',
        reason:
          error instanceof NotSignable
            ? `no DKIM signature: ${error.message}`
            : 'the DKIM signature could not be made',
      };
    }
  };
}

/** The fields to put on top; empty where nothing is to be signed. */
async function signaturesFor(
  deps: Parameters<typeof createDkimSigning>[0],
  message: StoredMessage,
  copy: SmtpCopy,
): Promise<string> {
  const loaded = deps.loaded();
  const signs = (one: DkimKeyConfig) => copy.asItCame !== true || one.sign === 'all';
  if (!loaded.config.dkim.some(signs)) return '';
  const read = await readToSign(copy.open());
  const from = fromMailbox(read);
  // The nearest domain decides, also that its mail is not signed.
  const entries = from === undefined ? [] : keysForDomain(loaded.config.dkim, from.domain).filter(signs);
  if (entries.length === 0) {
    deps.metrics.dkim.inc({ result: 'no-key' });
    return '';
  }
  if (from === undefined || !mayNameFrom(message, from.address)) {
    deps.metrics.dkim.inc({ result: 'sent-on' });
    return '';
  }
  const now = deps.clock.now();
  let signatures = '';
  for (const entry of entries) {
    const privateKey = await deps.keys.privateKey(loaded, entry);
    signatures += await dkimSignature(read, { ...entry, privateKey }, now);
  }
  deps.metrics.dkim.inc({ result: 'signed' });
  return signatures;
}

function withHeader(copy: SmtpCopy, header: string): SmtpCopy {
  const bytes = Buffer.from(header, 'latin1');
  return {
    ...copy,
    size: copy.size + bytes.length,
    open: () => headerFirst(bytes, copy.open),
  };
}

async function* headerFirst(header: Buffer, open: SmtpCopy['open']): AsyncGenerator<Uint8Array> {
  yield header;
  yield* open();
}
