import type { Readable } from 'node:stream';
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

/** How one recipient fared in one transaction. Texts are in our words. */
export type RecipientResult =
  | { readonly kind: 'accepted'; readonly code: number }
  /** 5xx. */
  | { readonly kind: 'refused'; readonly code: number; readonly status: string; readonly at: Stage }
  /** 4xx. */
  | { readonly kind: 'deferred'; readonly code: number; readonly status: string; readonly at: Stage }
  /** Too many recipients for one transaction: the rest goes into another at once (RFC 5321 4.5.3.1.10). */
  | { readonly kind: 'again' }
  /** The connection ended first. `uncertain`: after the final dot, so that the peer may have taken the message. */
  | { readonly kind: 'lost'; readonly reason: string; readonly uncertain: boolean };

export type Stage = 'MAIL' | 'RCPT' | 'DATA' | 'the content' | 'the end of the content';

export interface Transaction {
  readonly mail: MailParameters;
  readonly recipients: readonly WireRecipient[];
  readonly open: () => Readable;
}

/**
 * Sends one message to recipients over an open session; results are in the order of `recipients`. The session may be
 * used again only while `session.wire.usable()`.
 * @throws EnvelopeError, UnsafeContentError, ContentError: nothing was delivered and the connection is cut or unused
 */
export async function transact(session: SmtpSession, job: Transaction): Promise<readonly RecipientResult[]> {
  const { wire, server, timeouts } = session;
  const mail = mailCommand(job.mail, server);
  const rcpts = job.recipients.map((one) => rcptCommand(one, server, job.mail.smtpUtf8));
  assertRecipients(
    rcpts,
    job.recipients.map((one) => one.address),
  );
  const everyone = (result: RecipientResult) => job.recipients.map(() => result);
  let dotSent = false;
  let results: RecipientResult[] = [];
  try {
    const envelope = await sendEnvelope(session, mail, rcpts);
    if (!isPositive(envelope.mail)) {
      await reset(session);
      return everyone(failed(envelope.mail, 'MAIL'));
    }
    results = recipientResults(envelope.rcpts);
    if (!results.some((one) => one.kind === 'accepted')) {
      await reset(session);
      return results;
    }
    // RFC 5321 4.5.3.2: DATA 2 minutes, each block 3, the end 10, where other commands have 5.
    const [data] = await wire.send(['DATA'], timeouts.command * 0.4);
    if (data === undefined || data.code !== 354) {
      await reset(session);
      return settle(results, failed(data, 'DATA'));
    }
    const early = await wire.content(job.open(), timeouts.command * 0.6);
    if (early !== undefined) return settle(results, failed(early, 'the content'));
    const final = wire.send(['.'], timeouts.command * 2);
    dotSent = true;
    const [end] = await final;
    if (end === undefined || !isPositive(end)) return settle(results, failed(end, 'the end of the content'));
    return results;
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    const lost: RecipientResult = { kind: 'lost', reason: error.message, uncertain: dotSent };
    return results.length === 0 ? everyone(lost) : settle(results, lost);
  }
}

async function sendEnvelope(
  session: SmtpSession,
  mail: string,
  rcpts: readonly string[],
): Promise<{ readonly mail: SmtpReply; readonly rcpts: readonly SmtpReply[] }> {
  const timeout = session.timeouts.command;
  if (session.server.pipelining) {
    const [first, ...rest] = await session.wire.send([mail, ...rcpts], timeout);
    if (first === undefined) throw new SmtpFailure('unreachable', 'it did not answer');
    return { mail: first, rcpts: rest };
  }
  const [first] = await session.wire.send([mail], timeout);
  if (first === undefined) throw new SmtpFailure('unreachable', 'it did not answer');
  const replies: SmtpReply[] = [];
  if (isPositive(first)) {
    for (const rcpt of rcpts) replies.push(...(await session.wire.send([rcpt], timeout)));
  }
  return { mail: first, rcpts: replies };
}

function recipientResults(replies: readonly SmtpReply[]): RecipientResult[] {
  const accepted = replies.some(isPositive);
  return replies.map((reply): RecipientResult => {
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
function failed(reply: SmtpReply | undefined, at: Stage): RecipientResult {
  const code = reply?.code ?? 0;
  if (code >= 500) return { kind: 'refused', code, status: reply?.enhanced ?? '5.0.0', at };
  return { kind: 'deferred', code, status: code >= 400 ? (reply?.enhanced ?? '4.0.0') : '4.5.0', at };
}

/** Those accepted so far share the fate of the message; who was to come `again` was not part of it. */
function settle(results: readonly RecipientResult[], fate: RecipientResult): readonly RecipientResult[] {
  return results.map((one) => (one.kind === 'accepted' ? fate : one));
}

/** Ends a transaction that came to nothing, so that the session can be used again. */
async function reset(session: SmtpSession): Promise<void> {
  try {
    const [reply] = await session.wire.send(['RSET'], session.timeouts.command);
    if (reply?.code !== 250) session.wire.destroy();
  } catch {
    // The wire is unusable from here on and says so; the results of the transaction stand.
    session.wire.destroy();
  }
}
