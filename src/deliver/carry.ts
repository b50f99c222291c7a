import type { StoredRecipient } from '../model/message.js';
import { parseAddress } from '../shared/address.js';
import { UnsafeContentError } from './dot-stuffing.js';
import { EnvelopeError } from './envelope-commands.js';
import type { Outcome } from './outcome.js';
import type { Shipment, Shipped } from './shipment.js';
import { SmtpFailure } from './smtp-failure.js';
import type { SmtpSession } from './smtp-session.js';
import { type RecipientResult, transact } from './smtp-transaction.js';
import { ContentError } from './smtp-wire.js';

/**
 * Runs transactions on one session until nobody is left who could be served by it.
 * @param used whether the session carried a message before
 */
export async function carry(
  session: SmtpSession,
  used: boolean,
  shipment: Shipment,
  left: () => readonly StoredRecipient[],
  outcomes: Map<StoredRecipient, Shipped>,
  failures: SmtpFailure[],
): Promise<void> {
  const { message, copy } = shipment;
  for (const one of left()) {
    const problem = unsuitable(session, shipment, one);
    if (problem !== undefined) outcomes.set(one, { ...problem, host: session.host });
  }
  // Each round serves at least one recipient, or ends.
  for (let round = 1; left().length > 0; round++) {
    const overtaken = shipment.overtaken(left());
    if (overtaken !== undefined) for (const one of await overtaken) outcomes.set(one, 'overtaken');
    const now = left();
    if (now.length === 0) return;
    const smtpUtf8 = copy.smtpUtf8 || [message.sender, ...now.map((one) => one.address)].some(needsUtf8);
    let results: readonly RecipientResult[];
    try {
      results = await transact(
        session,
        {
          mail: {
            sender: message.sender,
            size: copy.size,
            eightBitMime: copy.eightBitMime,
            smtpUtf8,
            dsn: message.dsn,
            headersOnly: shipment.headersOnly,
          },
          recipients: now,
          open: copy.open,
        },
        used || round > 1,
      );
    } catch (error) {
      const outcome = unsendable(error);
      session.wire.destroy();
      for (const one of now) outcomes.set(one, outcome);
      return;
    }
    let again = false;
    for (const [i, one] of now.entries()) {
      const result = results[i];
      if (result?.kind === 'again') again = true;
      const outcome = result === undefined ? undefined : outcomeOf(result, session);
      if (outcome !== undefined) outcomes.set(one, outcome);
      else if (result?.kind === 'lost') failures.push(new SmtpFailure('unreachable', result.reason));
    }
    if (!again || !session.wire.usable()) return;
  }
}

function outcomeOf(result: RecipientResult, session: SmtpSession): Outcome | undefined {
  const { host } = session;
  switch (result.kind) {
    case 'accepted':
      return {
        kind: 'delivered',
        host,
        hostAddress: session.address,
        replyCode: result.code,
        tls: session.facts,
        dsnPassedOn: session.server.dsn,
      };
    case 'refused':
      return {
        kind: 'refused',
        status: result.status,
        reason: `${host} refused it at ${result.at} with ${result.code} ${result.status}`,
        host,
        replyCode: result.code,
        ...(result.at === 'RCPT' ? { addressGone: true } : {}),
      };
    case 'deferred':
      return {
        kind: 'deferred',
        status: result.status,
        reason: `${host} put it off at ${result.at} with ${result.code} ${result.status}`,
        host,
        tls: session.facts,
      };
    case 'again':
      return undefined;
    case 'lost':
      // After the final dot the peer may have taken it: another server at once would make a duplicate likely.
      return result.uncertain
        ? { kind: 'deferred', status: '4.4.2', reason: `${host}: ${result.reason}`, host, tls: session.facts }
        : undefined;
  }
}

/** What the server can't carry at all; found before MAIL, so that nothing is sent that it would mangle. */
function unsuitable(
  session: SmtpSession,
  shipment: Shipment,
  recipient: StoredRecipient,
): Extract<Outcome, { kind: 'refused' }> | undefined {
  const { server, host } = session;
  const { copy, message } = shipment;
  if (server.maxSize > 0 && copy.size > server.maxSize)
    return { kind: 'refused', status: '5.3.4', reason: `the message is larger than ${host} accepts` };
  if (copy.eightBitMime && !server.eightBitMime)
    return { kind: 'refused', status: '5.6.3', reason: `${host} accepts no 8-bit content (8BITMIME)` };
  const utf8 = copy.smtpUtf8 || needsUtf8(message.sender) || needsUtf8(recipient.address);
  if (utf8 && !server.smtpUtf8)
    return {
      kind: 'refused',
      status: '5.6.7',
      reason: `${host} accepts no internationalised mail (SMTPUTF8)`,
    };
  return undefined;
}

function unsendable(error: unknown): Outcome {
  if (error instanceof EnvelopeError) return { kind: 'refused', status: '5.1.3', reason: error.message };
  if (error instanceof UnsafeContentError)
    return { kind: 'refused', status: '5.6.0', reason: `${error.message}; it is not sent` };
  if (error instanceof ContentError) return { kind: 'deferred', status: '4.3.0', reason: error.message };
  throw error;
}

function needsUtf8(address: string): boolean {
  if (/^[\x00-\x7f]*$/.test(address)) return false;
  const parsed = parseAddress(address);
  return parsed.ok && parsed.mailbox.needsSmtpUtf8;
}
