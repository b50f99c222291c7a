import type { StoredRecipient } from '../model/message.js';
import { parseAddress } from '../shared/address.js';
import { UnsafeContentError } from './dot-stuffing.js';
import { stillEnough } from './enough-tls.js';
import { EnvelopeError } from './envelope-commands.js';
import type { Outcome } from './outcome.js';
import type { Shipment, Shipped } from './shipment.js';
import { SmtpFailure } from './smtp-failure.js';
import type { SmtpSession } from './smtp-session.js';
import { type RecipientResult, readAtOnce, transact, type WholeMessage } from './smtp-transaction.js';
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
  await leaveOut(session, shipment, left, outcomes);
  for (const one of left()) {
    const problem = unsuitable(session, shipment, one);
    if (problem !== undefined) outcomes.set(one, { ...problem, host: session.host });
  }
  const isLeft = (one: StoredRecipient) => !outcomes.has(one);
  /** Read once, before anything is said: what can't be sent takes nobody's time. */
  let whole: WholeMessage | undefined;
  // Each round serves at least one recipient, or ends.
  for (let round = 1; left().length > 0; round++) {
    let results: readonly RecipientResult[];
    let now = left();
    try {
      whole ??= await readAtOnce(copy.size, copy.open);
      // That took time, and so did asking an idle connection whether it still answers.
      await stillEnough(session, shipment);
      // Nothing is waited for between this and the first word about them.
      await leaveOut(session, shipment, left, outcomes);
      now = left();
      if (now.length === 0) return;
      const smtpUtf8 = copy.smtpUtf8 || [message.sender, ...now.map((one) => one.address)].some(needsUtf8);
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
          whole,
          open: copy.open,
          async untold(index) {
            const one = now.slice(index, index + 1);
            await leaveOut(session, shipment, () => one.filter(isLeft), outcomes);
            return !one.some(isLeft);
          },
        },
        used || round > 1,
      );
    } catch (error) {
      session.wire.destroy();
      const outcome = unsendable(error);
      for (const one of left()) outcomes.set(one, outcome);
      return;
    }
    let again = false;
    for (const [i, one] of now.entries()) {
      if (outcomes.has(one)) continue;
      const result = results[i];
      if (result?.kind === 'again') again = true;
      const outcome = result === undefined ? undefined : outcomeOf(result, session);
      if (outcome !== undefined) outcomes.set(one, outcome);
      else if (result?.kind === 'lost') failures.push(new SmtpFailure('unreachable', result.reason));
    }
    if (!again || !session.wire.usable()) return;
  }
}

/**
 * Leaves out who was overtaken. Where that had to be waited for, a higher TLS level may have been seen meanwhile; and who
 * waits for that may be overtaken again.
 * @throws SmtpFailure
 */
async function leaveOut(
  session: SmtpSession,
  shipment: Shipment,
  left: () => readonly StoredRecipient[],
  outcomes: Map<StoredRecipient, Shipped>,
): Promise<void> {
  for (let asked = shipment.overtaken(left()); asked !== undefined; asked = shipment.overtaken(left())) {
    for (const one of await asked) outcomes.set(one, 'overtaken');
    if (left().length === 0) return;
    await stillEnough(session, shipment);
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
    case 'untold':
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
