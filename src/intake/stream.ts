import type { Config, ListenerConfig } from '../config/schema.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import type { HeaderField } from './header-block.js';
import type { Identity } from './identity.js';

/**
 * The field by which a message names its stream. It is for this relay alone and always removed, also where it is not
 * heeded: recipients need not know how an organisation ranks its mail.
 */
export const STREAM_FIELD = 'x-sallyport-stream';

/** The stream of an identity's mail, and those that its messages may choose instead. */
export interface StreamRights {
  readonly stream: string;
  readonly choices: readonly string[];
}

/** Accounts have their listener's rights, everybody else their own. */
export function streamRights(config: Config, listener: ListenerConfig, identity: Identity): StreamRights {
  const from =
    identity.kind === 'account' ? listener : config.identities.find((one) => one.name === identity.name);
  return { stream: from?.stream ?? DEFAULT_STREAM, choices: from?.streams ?? [] };
}

/**
 * The stream of a message. A name that its identity may not choose is passed over, and so are several fields that differ:
 * the message is not worth refusing for it, and jumping the queue is what must not work.
 */
export function chosenStream(
  fields: readonly HeaderField[],
  { stream, choices }: StreamRights,
): { readonly stream: string; readonly passedOver: boolean } {
  const named = new Set(fields.filter((one) => one.name === STREAM_FIELD).map((one) => one.value));
  if (named.size === 0) return { stream, passedOver: false };
  const [only = ''] = named;
  const heeded = named.size === 1 && (only === stream || choices.includes(only));
  return heeded ? { stream: only, passedOver: false } : { stream, passedOver: true };
}
