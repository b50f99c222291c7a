import {
  assertRecipients,
  type MailParameters,
  mailCommand,
  rcptCommand,
  type WireRecipient,
} from './envelope-commands.js';
import { SmtpFailure } from './smtp-failure.js';
import type { SmtpReply } from './smtp-reply.js';
import type { SmtpSession } from './smtp-session.js';
import { wholeMessage } from './smtp-wire.js';

/** How one recipient fared in one transaction. Texts are in our words. */
export type RecipientResult =
  | { readonly kind: 'accepted'; readonly code: number }
  /** 5xx. */
  | { readonly kind: 'refused'; readonly code: number; readonly status: string; readonly at: Stage }
  /** 4xx. */
  | { readonly kind: 'deferred'; readonly code: number; readonly status: string; readonly at: Stage }
  /** The server was not told of it: `Transaction.untold` said so. */
  | { readonly kind: 'untold' }
  /** Too many recipients for one transaction: the rest goes into another at once (RFC 5321 4.5.3.1.10). */
  | { readonly kind: 'again' }
  /** The connection ended first. `uncertain`: after the final dot, so that the peer may have taken the message. */
  | { readonly kind: 'lost'; readonly reason: string; readonly uncertain: boolean };

export type Stage = 'MAIL' | 'RCPT' | 'DATA' | 'the content' | 'the end of the content';

export interface Transaction {
  readonly mail: MailParameters;
  readonly recipients: readonly WireRecipient[];
  /** What `readAtOnce` gave. */
  readonly whole: WholeMessage | undefined;
  readonly open: () => AsyncIterable<Uint8Array>;
  /**
   * Whether the recipient at an index must not be told to the server any more. Asked before each of those that are told one
   * after the other; the first of a transaction is to be asked about by whoever begins it.
   */
  readonly untold: (index: number) => Promise<boolean>;
}

/** A small message as it goes over the wire. */
export type WholeMessage = Awaited<ReturnType<typeof wholeMessage>>;

/**
 * The message, where it is small enough to be sent in one go.
 * @throws UnsafeContentError, ContentError
 */
export async function readAtOnce(
  size: number,
  open: () => AsyncIterable<Uint8Array>,
): Promise<WholeMessage | undefined> {
  return size <= MOST_AT_ONCE ? wholeMessage(open()) : undefined;
}

/** Octets of a message that is sent in one go, with its final dot; it is in memory for so long. */
const MOST_AT_ONCE = 128 * 1024;

/**
 * Sends one message to recipients over an open session; results are in the order of `recipients`. The session may be
 * used again only while `session.wire.usable()`.
 * @param used whether the session carried a message before, so that it may have died since
 * @throws EnvelopeError, UnsafeContentError, ContentError, or what `untold` throws: nothing was delivered and the connection
 *   is to be cut
 */
export async function transact(
  session: SmtpSession,
  job: Transaction,
  used: boolean,
): Promise<readonly RecipientResult[]> {
  const { wire, server, timeouts } = session;
  const mail = mailCommand(job.mail, server);
  const rcpts = job.recipients.map((one) => rcptCommand(one, server, job.mail.smtpUtf8));
  assertRecipients(
    rcpts,
    job.recipients.map((one) => one.address),
  );
  const { whole } = job;
  const everyone = (result: RecipientResult) => job.recipients.map(() => result);
  let dotSent = false;
  let results: readonly RecipientResult[] = [];
  try {
    const { pipelining } = server;
    // RFC 2920 3.1: DATA may end a group.
    if (pipelining) await begin(session, [...(used ? [RESET] : []), mail, ...rcpts, 'DATA'], used);
    const envelope = pipelining
      ? await repliesTo(session, rcpts)
      : await sendEnvelope(session, mail, rcpts, job.untold);
    // Nothing about the message: it had enough of this connection.
    if (used && envelope.mail.code === 421) throw over(session, 421);
    results = isPositive(envelope.mail)
      ? recipientResults(envelope.rcpts)
      : everyone(failed(envelope.mail, 'MAIL'));
    const wanted = results.some((one) => one.kind === 'accepted');
    if (!wanted && !pipelining) {
      await reset(session);
      return results;
    }
    if (!pipelining) wire.post(['DATA']);
    // RFC 5321 4.5.3.2: DATA 2 minutes, each block 3, the end 10, where other commands have 5.
    const data = await wire.reply(timeouts.command * 0.4);
    // A server that wants content for nobody: without the final dot nothing comes of it.
    if (!wanted && data.code === 354) wire.destroy();
    if (!wanted) return results;
    if (data.code !== 354) {
      await reset(session);
      return settle(results, failed(data, 'DATA'));
    }
    const early =
      whole === undefined ? await wire.content(job.open(), timeouts.command * 0.6) : wire.message(whole);
    if (early !== undefined) return settle(results, failed(early, 'the content'));
    if (whole === undefined) wire.post(['.']);
    dotSent = true;
    const end = await wire.reply(timeouts.command * 2);
    if (!isPositive(end)) return settle(results, failed(end, 'the end of the content'));
    return results;
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    const lost: RecipientResult = { kind: 'lost', reason: error.message, uncertain: dotSent };
    return results.length === 0 ? everyone(lost) : settle(results, lost);
  }
}

/** Ends what the last message may have left, and shows that the server still answers. */
const RESET = 'RSET';

/** Sends a group of commands; where the first one resets the session, waits for its reply. */
async function begin(session: SmtpSession, lines: readonly string[], resets: boolean): Promise<void> {
  const { wire, timeouts } = session;
  wire.post(lines);
  if (!resets) return;
  const { code } = await wire.reply(Math.min(timeouts.command, RESET_TIMEOUT));
  if (code !== 250) throw over(session, code);
}

function over({ wire }: SmtpSession, code: number): SmtpFailure {
  wire.destroy();
  return new SmtpFailure('unreachable', `it takes nothing more over this connection (${code})`);
}

/** A connection that was idle is given up sooner than one that works, in milliseconds. */
const RESET_TIMEOUT = 10_000;

async function repliesTo(session: SmtpSession, rcpts: readonly string[]): Promise<Envelope> {
  const timeout = session.timeouts.command;
  const mail = await session.wire.reply(timeout);
  const replies: SmtpReply[] = [];
  for (const _ of rcpts) replies.push(await session.wire.reply(timeout));
  return { mail, rcpts: replies };
}

interface Envelope {
  readonly mail: SmtpReply;
  /** Undefined: it was not told of this one. */
  readonly rcpts: readonly (SmtpReply | undefined)[];
}

/** To a server without PIPELINING, which may take minutes for each reply. */
async function sendEnvelope(
  session: SmtpSession,
  mail: string,
  rcpts: readonly string[],
  untold: Transaction['untold'],
): Promise<Envelope> {
  const timeout = session.timeouts.command;
  const first = await session.wire.send(mail, timeout);
  const replies: (SmtpReply | undefined)[] = [];
  if (isPositive(first)) {
    for (const [i, rcpt] of rcpts.entries()) {
      const isLeftOut = await untold(i);
      replies.push(isLeftOut ? undefined : await session.wire.send(rcpt, timeout));
    }
  }
  return { mail: first, rcpts: replies };
}

function recipientResults(replies: Envelope['rcpts']): RecipientResult[] {
  const accepted = replies.some((reply) => reply !== undefined && isPositive(reply));
  return replies.map((reply): RecipientResult => {
    if (reply === undefined) return { kind: 'untold' };
    if (isPositive(reply)) return { kind: 'accepted', code: reply.code };
    if (accepted && (reply.code === 452 || reply.code === 552)) return { kind: 'again' };
    return failed(reply, 'RCPT');
  });
}

/**
 * 250, 251 (will forward), 252 (can't verify, will try), and any other of that digit (RFC 5321 4.2.1): a server that says
 * so has taken what was said, and to say it again would make a duplicate.
 */
function isPositive(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code <= 299;
}

/** What a reply that isn't the one hoped for means; anything but 5xx is worth another try. */
function failed({ code, enhanced }: SmtpReply, at: Stage): RecipientResult {
  if (code >= 500) return { kind: 'refused', code, status: enhanced ?? '5.0.0', at };
  return { kind: 'deferred', code, status: code >= 400 ? (enhanced ?? '4.0.0') : '4.5.0', at };
}

/** Those accepted so far share the fate of the message; who was to come `again` was not part of it. */
function settle(results: readonly RecipientResult[], fate: RecipientResult): readonly RecipientResult[] {
  return results.map((one) => (one.kind === 'accepted' ? fate : one));
}

/** Ends a transaction that came to nothing, so that the session can be used again. */
async function reset(session: SmtpSession): Promise<void> {
  try {
    const reply = await session.wire.send(RESET, session.timeouts.command);
    if (reply.code !== 250) session.wire.destroy();
  } catch {
    // The wire is unusable from here on and says so; the results of the transaction stand.
    session.wire.destroy();
  }
}
