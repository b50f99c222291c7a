import { auditEvent } from '../audit/events.js';
import type { ProtectConfig } from '../config/schema.js';
import { firstAllowed } from '../decide/index.js';
import type { KindFound, SigningKeys, UsableKey } from '../keys/types.js';
import type { KeyKind } from '../model/key.js';
import { contentFor, type SealedBody, type StoredMessage, type StoredRecipient } from '../model/message.js';
import type { Log } from '../ops/log.js';
import type { Clock } from '../shared/clock.js';
import { errorFacts } from '../shared/errors.js';
import { foldAddress } from '../shared/fold-address.js';
import type { AuditSink, BodyStore } from '../store/ports.js';
import { headerFrom } from './header-from.js';
import type { SealAnswer, SealTask } from './seal-task.js';
import type { OutboundCopy, Protect } from './types.js';

export { methodAvailability } from './availability.js';
export { createDkimSigning } from './dkim/sign-copies.js';
export { createSealer } from './sealer.js';

export interface ProtectDeps {
  readonly bodies: Pick<BodyStore, 'open' | 'remove'>;
  readonly audit: AuditSink;
  readonly config: () => ProtectConfig;
  readonly hostname: () => string;
  /** What could be used for a recipient now, from the sources that the policies ask. */
  readonly findKeys: (address: string, kind: KeyKind) => Promise<KindFound>;
  readonly signingKeys: SigningKeys;
  readonly seal: (task: SealTask) => Promise<SealAnswer>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The protect stage. `plain` and `tls` send the original bytes as intake stored them, so signatures made upstream
 * survive; where rules ask for it, the rewritten copy stands for the original with every method; `portal` sends nothing but a notice; `pgp` and `smime` send a sealed copy that is made anew at each attempt,
 * with the keys that are right at that time. Without one, or with any failure, the method is impossible and `deliver`
 * tries the next allowed one.
 */
export function createProtect(deps: ProtectDeps): Protect {
  return async (message, recipients, method): Promise<OutboundCopy> => {
    const body = contentOf(message, recipients);
    switch (method) {
      case 'plain':
      case 'tls':
        if (body === undefined) return impossible(GONE);
        return {
          kind: 'smtp',
          open: () => deps.bodies.open(body),
          size: body.size,
          eightBitMime: message.eightBitMime,
          smtpUtf8: message.smtpUtf8,
          ...(message.origin === 'submitted' && body === message.body && { asItCame: true }),
        };
      case 'portal':
        return body === undefined ? impossible(GONE) : { kind: 'portal' };
      case 'pgp':
      case 'smime':
        return body === undefined ? impossible(GONE) : sealedCopy(deps, message, body, recipients, method);
      default:
        return unknownMethod(method);
    }
  };
}

/**
 * Whose key may sign: that of From, who wrote it in their own name. What others wrote on their behalf or sent on would be
 * given out for theirs by it, so only the gateway signs that.
 */
async function signerName(
  deps: Pick<ProtectDeps, 'bodies'>,
  { sender, authors }: Pick<StoredMessage, 'sender' | 'authors'>,
  body: SealedBody,
): Promise<string> {
  const from = (await headerFrom(deps.bodies.open(body))) ?? '';
  if (authors === undefined) return from;
  const [author, ...others] = authors.addresses;
  const alone = sender === '' && !authors.unsure && others.length === 0 && author !== undefined;
  return alone && foldAddress(author) === foldAddress(from) ? from : '';
}

async function sealedCopy(
  deps: ProtectDeps,
  message: StoredMessage,
  body: SealedBody,
  recipients: readonly StoredRecipient[],
  method: 'pgp' | 'smime',
): Promise<OutboundCopy> {
  const config = deps.config();
  const hiddenKeyIds = method === 'pgp' && config.pgp.copies === 'hidden-key-ids';
  const kind: KeyKind = method === 'pgp' ? 'openpgp' : 'x509';
  // A copy for several would tell each of them who else received it, Bcc included.
  if (recipients.length !== 1 && !hiddenKeyIds) return impossible('each recipient needs a copy of its own');
  if (recipients.some((one) => one.decision?.alreadyEncrypted === true))
    return impossible('the sender has encrypted the message already');

  const keys: UsableKey[] = [];
  for (const recipient of recipients) {
    const found = await deps.findKeys(recipient.address, kind);
    const chosen = chooseKey(recipient, found);
    if (chosen === undefined) {
      const short = found.usable.length > 0;
      return { kind: 'impossible', reason: noKey(found), ...(short && { shortOfDemand: true as const }) };
    }
    keys.push(chosen);
  }
  const signer = config[method].sign
    ? await deps.signingKeys.signer(kind, await signerName(deps, message, body))
    : undefined;
  if (config[method].sign && signer === undefined) {
    return impossible(
      `the configuration demands a signature (protect.${method}.sign), and there is no valid signing key`,
    );
  }
  await deps.audit.record(
    recipients.flatMap((recipient, i) => {
      const key = keys[i]?.facts;
      return key === undefined
        ? []
        : [
            auditEvent('recipient.sealed', {
              messageId: message.id,
              recipient: recipient.address,
              method,
              key,
              ...(signer === undefined ? {} : { signedBy: signer.fingerprint }),
            }),
          ];
    }),
  );
  const answer = await deps.seal({
    body,
    keys: keys.map((one) => one.sealing),
    ...(signer === undefined ? {} : { signer }),
    subject: config.subject,
    ...(recipients.some((one) => one.decision?.hideMessageIds === true) && {
      outerMessageId: `<${message.id}@${deps.hostname()}>`,
    }),
    legacyDisplay: recipients.some((one) => one.decision?.legacyDisplay === true),
    hiddenKeyIds,
    cipher: config.smime.cipher,
    keyTransport: config.smime.key_transport,
    now: deps.clock.now(),
  });
  if (answer.kind === 'failed') return impossible(answer.reason);
  const sealed = answer.body;
  return {
    kind: 'smtp',
    open: () => deps.bodies.open(sealed),
    size: sealed.size,
    eightBitMime: answer.eightBit,
    // All that isn't ASCII is sealed within, but for what the outer header keeps.
    smtpUtf8: message.smtpUtf8 && answer.eightBit,
    dispose: async () => {
      if (sealed.content.kind !== 'file') return;
      try {
        await deps.bodies.remove(sealed.content.name);
      } catch (error) {
        // The message is on its way; what is left behind is sealed, and the next start sweeps it away.
        deps.log.warn({ id: message.id, ...errorFacts(error) }, 'a sealed copy could not be removed');
      }
    },
  };
}

/** The first key that the recipient's demand allows. */
function chooseKey({ decision }: StoredRecipient, { usable }: KindFound): UsableKey | undefined {
  const facts = firstAllowed(
    decision?.demand.keys,
    usable.map((one) => one.facts),
  );
  return usable.find((one) => one.facts === facts);
}

function noKey({ usable, refused }: KindFound): string {
  if (usable.length > 0) return 'no key that the rules accept any more';
  const [first] = refused;
  return first === undefined ? 'no usable key any more' : `no usable key any more: ${first.reason}`;
}

const GONE = 'the content, or the copy that the rules ask for, does not exist';

/**
 * What all of these recipients may be sent (`contentFor`); undefined also where that isn't one and the same, which
 * `deliver` sees to: nobody gets what was rewritten for another.
 */
function contentOf(message: StoredMessage, recipients: readonly StoredRecipient[]): SealedBody | undefined {
  const [first, ...others] = recipients.map(({ decision }) => contentFor(message, decision));
  return others.every((one) => one === first) ? first : undefined;
}

function impossible(reason: string): OutboundCopy {
  return { kind: 'impossible', reason };
}

function unknownMethod(method: never): OutboundCopy {
  return impossible(`unknown method ${String(method)}`);
}
