import { errorFacts } from '../shared/errors.js';
import { senderAllowed } from '../shared/sender-pattern.js';
import type { NewRecipient } from '../store/ports.js';
import type { ListenerContext } from './context.js';
import { admit, type ClientFacts, type Identity } from './identity.js';
import { type MailCommand, parseMailCommand, parseRcptCommand } from './mail-command.js';
import { tooLarge } from './receive-message.js';
import { type Refusal, refusal, storeDown } from './reply.js';
import { rightsOfAccount } from './rights-of.js';

/** A mail transaction between MAIL and the end of DATA. */
export interface OpenTransaction {
  readonly identity: Identity;
  readonly mail: MailCommand;
  /** Canonical; `''` for the null sender. */
  readonly sender: string;
  /** By canonical address, so that each stands once. */
  readonly recipients: Map<string, NewRecipient>;
}

/** A log-in of this session; the account is read again for each message. */
export interface SessionLogin {
  readonly name: string;
  readonly passwordHash: string;
}

export type Judged<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false; readonly refusal: Refusal } & Who);

/** Whom a refusal concerns, as far as is known: addresses canonical, and only where they parsed. */
export interface Who {
  readonly identity?: string;
  readonly sender?: string;
  readonly recipient?: string;
}

const NEEDS_TLS = refusal('mail', 530, '5.7.0', 'Must issue a STARTTLS first');
const NEEDS_LOGIN = refusal('mail', 530, '5.7.0', 'Authentication required');
const NOT_ADMITTED = refusal('mail', 530, '5.7.0', 'This client may not send mail here');

/** Judges a MAIL command: who sends, whether it may, and whether there is room. */
export async function beginTransaction(
  context: ListenerContext,
  client: Omit<ClientFacts, 'account'>,
  login: SessionLogin | undefined,
  line: Buffer,
): Promise<Judged<OpenTransaction>> {
  const settings = context.settings();
  if (context.storeFailed()) return no(storeDown('mail'));
  let account: Identity | undefined;
  try {
    account = login === undefined ? undefined : await accountIdentity(context, login);
  } catch (error) {
    context.log.error({ listener: context.name, ...errorFacts(error) }, 'an account could not be read');
    return no(storeDown('mail'));
  }
  const admitted = admit(
    settings,
    { ...client, ...(account === undefined ? {} : { account }) },
    context.clock.now(),
  );
  if (!admitted.ok) {
    if (admitted.needs === 'tls') return no(NEEDS_TLS);
    return no(settings.config.accounts && client.secure ? NEEDS_LOGIN : NOT_ADMITTED);
  }
  const { identity } = admitted;
  const command = parseMailCommand(line);
  if (!command.ok) return no(command.refusal, identity);
  const mail = command.value;
  // Without one the header says who writes, and is judged when it has come.
  const sender = mail.sender?.address ?? '';
  if (mail.sender !== undefined && !senderAllowed(identity.senders, mail.sender))
    return no(refusal('mail', 550, '5.7.1', 'You may not send as this address'), identity, sender);
  const { max_message_size: maxSize, messages_per_hour: perHour } = settings.config;
  if (mail.size !== undefined && mail.size > maxSize)
    return no({ ...tooLarge(maxSize), stage: 'mail' }, identity, sender);
  if (context.hourly.count(hourlyKey(identity)) >= perHour) return no(TOO_MANY_MESSAGES, identity, sender);
  const short = await roomFor(context, mail.size ?? 0);
  if (short !== undefined) return no(short, identity, sender);
  return { ok: true, value: { identity, mail, sender, recipients: new Map() } };
}

const TOO_MANY_MESSAGES = refusal('limit', 450, '4.7.1', 'Too many messages in an hour, try again later');

function hourlyKey(identity: Identity): string {
  return `${identity.kind}:${identity.name}`;
}

/** Judges a DATA command and counts the message; undefined when it may come. */
export function judgeData(context: ListenerContext, transaction: OpenTransaction): Refusal | undefined {
  if (transaction.recipients.size === 0) return refusal('data', 554, '5.5.1', 'No valid recipients');
  if (context.storeFailed()) return storeDown('data');
  const key = hourlyKey(transaction.identity);
  // Asked again: sessions side by side may have begun more transactions than there is room for.
  if (context.hourly.count(key) >= context.settings().config.messages_per_hour) return TOO_MANY_MESSAGES;
  context.hourly.add(key);
  return undefined;
}

/** Judges a RCPT command and adds its recipient; one that is already there stays as it was first given. */
export function addRecipient(
  context: ListenerContext,
  transaction: OpenTransaction,
  line: Buffer,
): Judged<string> {
  const { organisation } = context.loaded().config;
  const command = parseRcptCommand(line, transaction.mail.smtpUtf8, organisation.postmaster);
  if (!command.ok) return no(command.refusal, transaction.identity, transaction.sender);
  const { recipient, notify, orcpt } = command.value;
  const { recipients } = transaction;
  if (!recipients.has(recipient.address)) {
    if (recipients.size >= context.settings().config.max_recipients)
      return no(
        refusal('rcpt', 452, '4.5.3', 'Too many recipients'),
        transaction.identity,
        transaction.sender,
      );
    recipients.set(recipient.address, {
      address: recipient.address,
      domain: recipient.domain,
      ...(notify === undefined ? {} : { notify }),
      ...(orcpt === undefined ? {} : { orcpt }),
    });
  }
  return { ok: true, value: recipient.address };
}

/**
 * The account as it now is; undefined when it was disabled, removed, or got another password since the log-in, or when by
 * the configuration now in force nobody could log in so.
 */
async function accountIdentity(context: ListenerContext, login: SessionLogin): Promise<Identity | undefined> {
  if (!context.settings().config.accounts || context.reserved(login.name)) return undefined;
  const account = await context.accounts.account(login.name);
  if (account === undefined || account.disabled || account.passwordHash !== login.passwordHash)
    return undefined;
  return {
    kind: 'account',
    name: account.name,
    ...rightsOfAccount(account),
  };
}

async function roomFor(context: ListenerContext, size: number): Promise<Refusal | undefined> {
  try {
    const free = await context.freeSpace();
    if (free - size >= context.loaded().config.intake.min_free_space) return undefined;
    return refusal('limit', 452, '4.3.1', 'Not enough storage, try again later');
  } catch (error) {
    // Whether there is room can't be known, so there is none.
    context.log.error(
      { listener: context.name, ...errorFacts(error) },
      'the free space of the data directory could not be read',
    );
    return storeDown('mail');
  }
}

function no(
  why: Refusal,
  identity?: Identity,
  sender?: string,
): { readonly ok: false; readonly refusal: Refusal } & Who {
  return {
    ok: false,
    refusal: why,
    ...(identity === undefined ? {} : { identity: identity.name }),
    ...(sender === undefined ? {} : { sender }),
  };
}
