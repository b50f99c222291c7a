import { isAscii } from 'node:buffer';
import { auditEvent } from '../audit/events.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import { errorFacts } from '../shared/errors.js';
import type { BodyStore, BodyWriter, NewRecipient, QueueStore } from '../store/ports.js';
import { goesInCircles } from './circle.js';
import { type HeaderField, readHeader } from './header-block.js';
import { type CollectedHeader, headerCollector } from './header-collector.js';
import type { Identity } from './identity.js';
import type { MailCommand } from './mail-command.js';
import { type Refusal, refusal, storeDown } from './reply.js';
import { rewriteHeader, type Trace } from './rewrite-header.js';
import { type JudgedSenders, judgeHeaderSenders } from './sender-rights.js';
import { chosenStream, type StreamRights } from './stream.js';
import { judgeTenant } from './tenant.js';
import type { WireData, WireFault } from './wire-data.js';

/** A transaction whose envelope is complete. */
export interface Transaction {
  readonly identity: Identity;
  readonly listener: string;
  readonly mail: MailCommand;
  readonly sender: string;
  readonly recipients: readonly NewRecipient[];
  readonly trace: Trace;
  readonly organisationDomains: readonly string[];
  /** Names (lower case) of fields that must not be stored. */
  readonly secretHeaders: ReadonlySet<string>;
  /** Its stream, and those that its header may choose. */
  readonly streamRights: StreamRights;
}

export interface ReceiveLimits {
  /** Octets. */
  readonly maxSize: number;
  readonly maxHeaderSize: number;
  readonly maxReceived: number;
}

export interface ReceiveDeps {
  readonly bodies: BodyStore;
  readonly queue: Pick<QueueStore, 'insert' | 'recipients'>;
  readonly loopKey: Uint8Array;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onAccepted: (messageId: string, stream: string, identity: string) => void;
}

/** One message on its way in. */
export interface Reception {
  write(piece: Buffer): Promise<void>;
  /** Stores and queues the message; gives its refusal, or undefined when it is safe on disk and may be answered 250. */
  finish(data: WireData): Promise<Refusal | undefined>;
  /** The client went away: nothing is kept. */
  abort(): Promise<void>;
}

const END_LINES =
  'end its lines with CR LF, or have the administrator set `bare_newline: normalize` for this listener';

const FAULTS: Readonly<Record<WireFault, string>> = {
  'bare-cr': `The message has a bare CR: ${END_LINES}`,
  'bare-lf': `The message has a bare LF: ${END_LINES}`,
  nul: 'The message has a NUL character',
  'line-too-long': 'The message has a line that is far too long',
};

/**
 * Receives a message as a stream: the header is gathered, judged and rewritten, the rest goes into a sealed body as it
 * comes. A message that is refused is still read to its end, because only then may the client be answered.
 */
export function receiveMessage(
  transaction: Transaction,
  limits: ReceiveLimits,
  deps: ReceiveDeps,
): Reception {
  const header = headerCollector(limits.maxHeaderSize);
  let headerDone = false;
  let refused: Refusal | undefined;
  let body: BodyWriter | undefined;
  let messageId = '';
  let { stream } = transaction.streamRights;
  /** Whether UTF-8 stands in the header, or may stand in that of a part. */
  let utf8Header: 'yes' | 'no' | 'of a part' = 'no';
  let letIn: Extract<JudgedSenders, { ok: true }> | undefined;
  let received = 0;

  /** Forgets what was written. A file left behind is removed by the store later; the message is refused anyhow. */
  const discard = async () => {
    const writer = body;
    body = undefined;
    if (writer === undefined) return;
    try {
      await writer.abort();
    } catch (error) {
      deps.log.warn(
        { messageId: transaction.trace.id, ...errorFacts(error) },
        'an unfinished body could not be removed',
      );
    }
  };
  const refuse = async (why: Refusal) => {
    refused ??= why;
    await discard();
  };
  const storeFailed = async (step: string, error: unknown) => {
    deps.metrics.storeFailures.inc();
    deps.log.error(
      { messageId: transaction.trace.id, step, ...errorFacts(error) },
      'a message could not be stored',
    );
    await refuse(storeDown('body'));
  };
  const put = async (bytes: Buffer) => {
    if (refused !== undefined || body === undefined || bytes.length === 0) return;
    try {
      await body.write(bytes);
    } catch (error) {
      await storeFailed('write', error);
    }
  };

  const takeHeader = async ({ block, rest }: CollectedHeader) => {
    headerDone = true;
    const parsed = readHeader(block);
    if (!parsed.ok) return refuse(parsed.refusal);
    const { fields } = parsed;
    utf8Header = utf8In(fields);
    if (fields.filter((field) => field.name === 'received').length > limits.maxReceived)
      return refuse(refusal('body', 554, '5.4.6', 'Too many Received fields: the message goes in circles'));
    const { identity } = transaction;
    const stranger = identity.tenant === undefined ? undefined : judgeTenant(fields, identity.tenant);
    if (stranger !== undefined) return refuse(stranger);
    const rights = judgeHeaderSenders(
      fields,
      identity,
      transaction.sender,
      transaction.organisationDomains,
      transaction.mail.smtpUtf8,
    );
    if (!rights.ok) return refuse(rights.refusal);
    if (transaction.sender === '' && identity.kind === 'account' && !isAutomatic(fields))
      return refuse(NOT_AUTOMATIC);
    letIn = rights;
    try {
      const circle = await goesInCircles(fields, transaction.recipients, deps);
      if (circle !== undefined) {
        deps.log.warn(
          { listener: transaction.listener, messageId: circle.earlier },
          'mail that this relay had sent came back and is refused: look for a connector or forwarding rule that sends it here',
        );
        return refuse(circle.refusal);
      }
    } catch (error) {
      return storeFailed('circle', error);
    }
    const chosen = chosenStream(fields, transaction.streamRights);
    stream = chosen.stream;
    if (chosen.passedOver)
      deps.log.warn(
        { listener: transaction.listener, identity: identity.name, messageId: transaction.trace.id, stream },
        'a message names a stream that its identity may not choose, or several: it stays in its own',
      );
    const rewritten = rewriteHeader(fields, transaction.trace, transaction.secretHeaders);
    messageId = rewritten.messageId;
    try {
      body = deps.bodies.create({ readSoon: true });
    } catch (error) {
      return storeFailed('create', error);
    }
    await put(rewritten.bytes);
    await put(rest);
  };

  return {
    async write(piece) {
      received += piece.length;
      if (refused !== undefined) return;
      if (received > limits.maxSize) return refuse(tooLarge(limits.maxSize));
      if (headerDone) return put(piece);
      const collected = header.push(piece);
      if (collected === 'too-large')
        return refuse(
          refusal('body', 552, '5.3.4', `The header is larger than ${limits.maxHeaderSize} octets`),
        );
      if (collected !== 'more') return takeHeader(collected);
    },

    async finish(data) {
      // What is wrong with the bytes themselves comes first: with it, nothing read from them means anything.
      if (data.fault !== undefined) {
        await discard();
        return refusal('body', 550, '5.6.0', FAULTS[data.fault]);
      }
      if (refused === undefined && !headerDone) await takeHeader(header.end());
      if (refused !== undefined) return refused;
      const writer = body;
      if (writer === undefined) return storeDown('body');
      let sealed = false;
      try {
        const stored = await writer.finish();
        sealed = true;
        const { trace, identity, listener, mail, sender, recipients } = transaction;
        const clientTls =
          trace.tls === undefined
            ? {}
            : { clientTls: { protocol: trace.tls.protocol, cipher: trace.tls.suite } };
        const { rule, authors } = letIn ?? {};
        // Spread last: an object that begins with others' fields and then gets its own costs twenty times as much.
        const common = {
          identity: identity.name,
          sender,
          listener,
          clientAddress: trace.clientAddress,
          ...(authors === undefined ? {} : { authors }),
          ...clientTls,
        };
        await deps.queue.insert(
          {
            message: {
              id: trace.id,
              origin: 'submitted',
              receivedAt: trace.receivedAt,
              headerMessageId: messageId,
              smtpUtf8:
                mail.smtpUtf8 && (utf8Header === 'yes' || (utf8Header === 'of a part' && data.eightBit)),
              eightBitMime: data.eightBit,
              dsn: mail.dsn,
              stream,
              body: stored,
              ...common,
            },
            recipients,
          },
          [
            auditEvent('message.accepted', {
              messageId: trace.id,
              recipients: recipients.map((one) => one.address),
              size: stored.size,
              headerMessageId: messageId,
              ...common,
              ...(rule === undefined || rule === 'own' ? {} : { senderRule: rule }),
              ...(data.normalized ? { bareNewlines: 'normalized' as const } : {}),
            }),
          ],
        );
      } catch (error) {
        // A failed commit may have reached the disk all the same: then the row must find its body. What no row names
        // is removed at the next start.
        if (sealed) body = undefined;
        await storeFailed(sealed ? 'insert' : 'finish', error);
        return storeDown('body');
      }
      deps.metrics.accepted.inc({ listener: transaction.listener });
      try {
        deps.onAccepted(transaction.trace.id, stream, transaction.identity.name);
      } catch (error) {
        // The message is safe and waits in the queue; the client must learn so, or it would send it again.
        deps.log.error(
          { messageId: transaction.trace.id, ...errorFacts(error) },
          'a queued message could not be announced',
        );
      }
      return undefined;
    },

    // Refused from now on, so that nothing still on its way begins a new body.
    abort: () => refuse(storeDown('body')),
  };
}

const NOT_AUTOMATIC = refusal(
  'body',
  550,
  '5.7.1',
  'Only a receipt or an automatic reply may have no envelope sender',
);

/**
 * Whether a message is one that has no envelope sender by a standard: a receipt or report (RFC 8098 3, RFC 3464 2), or an
 * automatic reply (RFC 3834 3.3, 5). RFC 6409 6.1 leaves to us what else an account may submit without one; by RFC 5321 4.5.5
 * nothing else should be.
 */
function isAutomatic(fields: readonly HeaderField[]): boolean {
  return fields.some(
    ({ name, value }) =>
      (name === 'content-type' && /^multipart\/report[ \t]*(?:;|$)/i.test(value)) ||
      (name === 'auto-submitted' && /^auto-(?:replied|generated|notified)[ \t]*(?:;|$)/i.test(value)),
  );
}

/**
 * Where a message has UTF-8 outside of text, which is what asks for SMTPUTF8 (RFC 6531 3.2, RFC 6532): what the client said
 * with MAIL is no measure, since many say it always, and the message would then be refused by servers that could take it.
 */
function utf8In(fields: readonly HeaderField[]): 'yes' | 'no' | 'of a part' {
  if (fields.some(({ raw }) => !isAscii(raw))) return 'yes';
  const hasNoParts = fields.every(
    ({ name, value }) => name !== 'content-type' || /^(?:text|image|audio|video|application)\//i.test(value),
  );
  return hasNoParts ? 'no' : 'of a part';
}

export function tooLarge(maxSize: number): Refusal {
  return refusal('body', 552, '5.3.4', `The message is larger than ${maxSize} octets`);
}
