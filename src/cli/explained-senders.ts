import type { LoadedConfig } from '../config/load.js';
import type { HeaderField } from '../intake/header-block.js';
import { parseHeaderMailbox } from '../intake/header-mailbox.js';
import { rightsOfAccount, rightsOfIdentity } from '../intake/rights-of.js';
import { judgeHeaderSenders, SENDER_FIELDS, type SenderRights } from '../intake/sender-rights.js';
import type { Authors } from '../model/message.js';
import type { Mailbox } from '../shared/address.js';
import { isOwnDomain } from '../shared/own-domain.js';
import { senderAllowed } from '../shared/sender-pattern.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';

/** Who counts as a message's author, and what was assumed for it, or keeps a listener from taking the message. */
export interface ExplainedSenders {
  readonly authors?: Authors;
  /** One line each. */
  readonly notes: readonly string[];
}

/** Nobody can tell who wrote it: every rule on senders applies. */
const NOBODY_KNOWN: Authors = { addresses: [], unsure: true };

/**
 * The authors that a listener would give a message, by the rights of the identity or account that submits it. Where these
 * aren't known, everybody counts whom the header names, so that no rule on a sender is left out that the relay would apply.
 * @param fields undefined: a listener can't read the header
 * @param sender of the envelope; undefined: none
 * @param submitter undefined: nobody was named
 */
export function explainedSenders(
  loaded: Pick<LoadedConfig, 'config' | 'dataDir'>,
  fields: readonly HeaderField[] | undefined,
  sender: Mailbox | undefined,
  submitter: string | undefined,
): ExplainedSenders {
  if (fields === undefined)
    return { authors: NOBODY_KNOWN, notes: ['a listener would refuse this message for its header'] };
  const { domains } = loaded.config.organisation;
  const envelope = sender?.address ?? '';
  const assumed = assumedSenders(fields, envelope, domains);
  if (submitter === undefined) return assumed;
  const found = rightsOf(loaded, submitter);
  if (found === undefined)
    return { ...assumed, notes: [`${submitter} is no identity and no account`, ...assumed.notes] };
  const judged = judgeHeaderSenders(fields, found.rights, envelope, domains, true);
  const refusals = [
    ...(found.disabled ? ['the account is disabled'] : []),
    ...(sender === undefined || senderAllowed(found.rights.senders, sender)
      ? []
      : ['it may not send as the envelope sender']),
    ...(judged.ok ? [] : [judged.refusal.text]),
  ].map((why) => `a listener would refuse this message from ${submitter}: ${why}`);
  if (!judged.ok) return { ...assumed, notes: [...refusals, ...assumed.notes] };
  return { ...(judged.authors === undefined ? {} : { authors: judged.authors }), notes: refusals };
}

function rightsOf(
  { config, dataDir }: Pick<LoadedConfig, 'config' | 'dataDir'>,
  name: string,
): { readonly rights: SenderRights; readonly disabled: boolean } | undefined {
  const identity = config.identities.find((one) => one.name === name);
  if (identity !== undefined) return { rights: rightsOfIdentity(identity), disabled: false };
  // A relay that was never started knows no accounts.
  const account = databaseExists(dataDir)
    ? openReadOnly(dataDir, (store) => store.accounts().find((one) => one.name === name))
    : undefined;
  return account === undefined ? undefined : { rights: rightsOfAccount(account), disabled: account.disabled };
}

function assumedSenders(
  fields: readonly HeaderField[],
  envelope: string,
  organisationDomains: readonly string[],
): ExplainedSenders {
  const named = fields
    .filter(({ name }) => SENDER_FIELDS.has(name))
    .map(({ name, value }) => ({ name, mailbox: parseHeaderMailbox(value) }));
  const mailboxes = named.flatMap(({ mailbox }) => mailbox ?? []);
  const from = named.find(({ name }) => name === 'from')?.mailbox;
  if (from === undefined || mailboxes.length < named.length)
    return {
      authors: NOBODY_KNOWN,
      notes: [
        'a listener would refuse this message: From, or another sender of its header, is not one plain address',
      ],
    };
  const isResent = named.some(({ name }) => name.startsWith('resent-'));
  const sender = named.find(({ name }) => name === 'sender')?.mailbox ?? from;
  // A forwarding service may have put an address of ours into the envelope of a stranger's mail.
  const isStrangers =
    envelope !== '' &&
    !mailboxes.some(
      ({ address, domain }) => address === envelope || isOwnDomain(organisationDomains, domain),
    );
  if (!isResent && sender.address === from.address && !isStrangers)
    return {
      ...(envelope === '' ? { authors: { addresses: [from.address], unsure: false } } : {}),
      notes: [],
    };
  const addresses = new Set(mailboxes.map(({ address }) => address));
  addresses.delete(envelope);
  return {
    authors: { addresses: [...addresses], unsure: isStrangers },
    notes: [
      'assumed that whoever its header names may have written this message: `--identity` with an account or identity tells by its rights',
    ],
  };
}
