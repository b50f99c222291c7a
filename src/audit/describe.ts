import type { DamagedSeal } from '../model/damaged-seal.js';
import type { KeyKind } from '../model/key.js';
import { eventLabel } from './event-labels.js';
import type { AboutKey } from './events/key-events.js';
import type { AuditEventData } from './events.js';
import { isKnown, type KnownEvent, type LoggedEvent } from './logged-event.js';
import { countWords, methodWords, timeWords, tlsWords } from './words.js';

/**
 * One event in one line of plain words, without its time, message and recipient. May hold addresses and other text
 * from outside: whoever prints it strips control characters.
 */
export function describeEvent(event: LoggedEvent): string {
  if (!isKnown(event)) return eventLabel(event.type);
  const details = readable(
    () => detailsOf(event),
    (words) => words,
  );
  return details === '' ? eventLabel(event.type) : `${eventLabel(event.type)}: ${details}`;
}

const UNREADABLE = '(the data of this event is not as it should be: run `sallyport audit verify`)';

/** What is made from an event's data; a file that was tampered with must not stop the rest from being shown. */
export function readable<T>(make: () => T, otherwise: (words: string) => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return otherwise(UNREADABLE);
  }
}

/** What stands behind the label. */
function detailsOf(event: KnownEvent): string {
  const { type, data } = event;
  switch (type) {
    case 'relay.started':
      return `version ${data.version}, ${data.enforcement === 'shadow' ? 'SHADOW mode: nothing is enforced' : 'enforcing'}`;
    case 'relay.stopped':
    case 'recipient.expired':
      return data.reason;
    case 'content.destroyed':
      return data.item === undefined ? data.reason : `of item ${data.item}: ${data.reason}`;
    case 'config.loaded':
      return `hash ${data.configHash}`;
    case 'config.rejected':
      return data.error;
    case 'certificate.changed':
      return `of ${data.part}: ${data.fingerprint}, until ${new Date(data.expiresAt).toISOString()}`;
    case 'certificate.rejected':
      return `of ${data.part}, the old one stays: ${data.error}`;
    case 'policy.loaded':
      return `${countWords(data.rules, 'rule', 'rules')}, hash ${data.policyHash}${data.enforcement === 'shadow' ? ', SHADOW mode' : ''}`;
    case 'policy.rejected':
      return `${data.error}; policy ${data.keptPolicyHash} stays in force`;
    case 'login.succeeded':
      return `account ${data.account} from ${data.clientAddress} at ${data.listener}`;
    case 'login.failed':
      return `${data.account === undefined ? 'no such account' : `account ${data.account}`} from ${data.clientAddress} at ${data.listener}: ${data.reason}`;
    case 'session.refused': {
      const who =
        data.identity === undefined ? data.clientAddress : `${data.identity} (${data.clientAddress})`;
      const more = data.leftOut === undefined ? '' : `; ${data.leftOut} more like it before`;
      return `${who} at ${data.listener}, stage ${data.stage}: ${data.code} ${data.status} ${data.reason}${more}`;
    }
    case 'message.accepted':
      return `from ${sender(data.sender)} to ${countWords(data.recipients.length, 'recipient', 'recipients')}, ${data.size} bytes, by ${data.identity} (${data.clientAddress})${data.senderRule === undefined ? '' : `, let in as ${data.senderRule}`}`;
    case 'message.inspected': {
      if (data.failure !== undefined) return `the inspection ${data.failure}: the message counts as unread`;
      const found = data.findings.map((finding) => `${finding.detector} ×${finding.count}`).join(', ');
      const classes = data.classifications.length === 0 ? '' : ` (${data.classifications.join(', ')})`;
      return found === '' ? 'nothing found' : `found ${found}${classes}`;
    }
    case 'message.rewritten': {
      const rebuilt = data.canonicalised ? ['rebuilt'] : [];
      const masked =
        data.redacted.length === 0
          ? []
          : [`redacted ${countWords(data.places, 'place', 'places')}: ${data.redacted.join(', ')}`];
      return [...rebuilt, ...masked, `copy ${data.copy}`].join('; ');
    }
    case 'recipient.decided': {
      const { decision } = data;
      const would = decision.enforcement === 'shadow' ? 'would have been: ' : '';
      const rules = decision.rules.map((rule) => rule.rule).join(', ');
      const unread = decision.contentNotRead === true ? '; content not read' : '';
      const by = `${rules === '' ? 'no rule matched' : `rules ${rules}`}${unread}`;
      if (decision.demand.disposition !== 'send') return `${would}${decision.demand.disposition} (${by})`;
      return `${would}${decision.order.join(', then ')} (${by})`;
    }
    case 'recipient.held':
      return `${data.reason}; until ${timeWords(data.expiresAt)}`;
    case 'recipient.method-changed':
      return `from ${data.from} to ${data.to}: ${data.reason}`;
    case 'recipient.deferred': {
      const host = data.host === undefined ? '' : ` at ${data.host}`;
      const tls = data.tls === undefined ? '' : `; the connection was ${tlsWords(data.tls)}`;
      return `attempt ${data.attempt} by ${data.method}${host} did not succeed (${data.status}, ${data.reason})${tls}; next at ${timeWords(data.nextAttemptAt)}`;
    }
    case 'recipient.sealed': {
      const { key } = data;
      const signed = data.signedBy === undefined ? 'not signed by the gateway' : `signed by ${data.signedBy}`;
      return `by ${data.method} with ${key.algorithm} key ${key.fingerprint} (${key.source}, revocation ${key.revocation}), ${signed}`;
    }
    case 'recipient.delivered': {
      const route = data.route === undefined ? '' : `, route ${data.route}`;
      const promise =
        data.onwardTlsOwner === undefined
          ? ''
          : `; verified TLS onward is the promise of ${data.onwardTlsOwner}`;
      return `by ${data.method} to ${data.host} [${data.hostAddress}]${route}, ${tlsWords(data.tls)}; answer ${data.replyCode}, attempt ${data.attempt}${promise}`;
    }
    case 'recipient.bounced':
      return `${data.status}, ${data.reason}${data.host === undefined ? '' : ` (${data.host})`}`;
    case 'recipient.ended':
      return `by ${data.actor}: ${data.reason}`;
    case 'recipient.released':
      return `by ${data.actor}${data.approvedBy === undefined ? '' : ` and ${data.approvedBy}`}, to travel by ${methodWords(data.method)}${because(data.reason)}`;
    case 'held.approved':
      return `by ${data.actor}, to travel by ${methodWords(data.method)}; another operator must release it, too${because(data.reason)}`;
    case 'held.decide-again':
      return `by ${data.actor}`;
    case 'held.content-viewed':
      return `by ${data.actor}${data.clientAddress === undefined ? '' : ` from ${data.clientAddress}`}`;
    case 'notice.queued':
      return `${data.kind} to ${data.recipient} (${data.noticeId})`;
    case 'portal.item-created':
      return `item ${data.item}, until ${timeWords(data.expiresAt)}`;
    case 'portal.opened':
    case 'portal.signed-in':
    case 'portal.signed-out':
      return `from ${data.clientAddress}`;
    case 'portal.message-read':
      return `from ${data.clientAddress}${data.view === undefined ? '' : ` (${data.view})`}`;
    case 'portal.code-sent':
      return `asked for from ${data.clientAddress} (${data.noticeId})`;
    case 'portal.code-refused':
    case 'portal.refused':
      return `from ${data.clientAddress}: ${data.reason}`;
    case 'portal.attachment-read':
      return `part ${data.part}${seenAs(data)}, from ${data.clientAddress}`;
    case 'portal.download-cut':
      return `${data.view}, from ${data.clientAddress}: ${data.reason}`;
    case 'portal.list-read':
      return `with ${data.subjects} Subjects, from ${data.clientAddress}`;
    case 'portal.proved':
      return `${data.proof}, from ${data.clientAddress}`;
    case 'portal.proof-refused':
      return `${data.proof}, from ${data.clientAddress}: ${data.reason}`;
    case 'portal.account-code-sent':
      return `asked for from ${data.clientAddress} (${data.noticeId})`;
    case 'portal.account-locked':
      return `after ${data.failures} failures, until ${timeWords(data.until)}, from ${data.clientAddress}`;
    case 'portal.passphrase-locked':
      return `item ${data.item}, from ${data.clientAddress}`;
    case 'portal.passphrase-made':
      return data.actor === undefined ? `item ${data.item}` : `item ${data.item}, by ${data.actor}`;
    case 'portal.sms-asked':
      return `from ${data.clientAddress}`;
    case 'portal.sms-failed':
      return `from ${data.clientAddress}: ${data.reason}`;
    case 'portal.account-changed':
      return `${data.change}${data.enrolledBy === undefined ? '' : ` (behind it: ${data.enrolledBy})`}, ${data.actor === undefined ? `from ${data.clientAddress ?? 'unknown'}` : `by ${data.actor}`}`;
    case 'portal.unlocked':
      return `${data.recipient}, by ${data.actor}; new passphrase for ${data.items} items`;
    case 'portal.expired':
    case 'portal.notice-undeliverable':
      return `item ${data.item}`;
    case 'portal.reminded':
      return `item ${data.item}: ${REMINDED[data.kind]}`;
    case 'portal.reply-sent':
      return `from ${data.clientAddress}, as ${data.replyId} to ${data.recipients} recipients, ${data.size} bytes, ${data.attachments} attachments${data.kept ? ', copy kept' : ''}`;
    case 'portal.reply-refused':
      return `from ${data.clientAddress}: ${data.reason}`;
    case 'portal.reply-read':
      return `${data.replyId}${data.part === undefined ? '' : `, part ${data.part}`}, from ${data.clientAddress}`;
    case 'portal.reply-copy-deleted':
      return `${data.replyId}, from ${data.clientAddress}`;
    case 'portal.recalled':
      return `item ${data.item}, by ${data.sender} (${data.requestId})${data.wasRead ? ', after it was read' : ''}`;
    case 'portal.recall-refused':
      return `asked by ${data.sender} (${data.requestId}): ${data.reason}`;
    case 'portal.extended':
      return `item ${data.item}, until ${timeWords(data.expiresAt)}, by ${data.actor}: ${data.reason}`;
    case 'portal.resent':
      return `item ${data.item} (${data.noticeId}), by ${data.actor}: ${data.reason}`;
    case 'portal.revoked':
      return `item ${data.item}, by ${data.actor}: ${data.reason}`;
    case 'operator.added':
      return `${data.operator} (${data.roles.join(', ')})${data.secondFactor ? '' : ', WITHOUT second factor'}, by ${data.actor}`;
    case 'operator.changed':
      return `${data.operator}: ${OPERATOR_CHANGES[data.change]} (${data.roles.join(', ')}), by ${data.actor}`;
    case 'operator.disabled':
      return `${data.operator}, by ${data.actor}`;
    case 'operator.logged-in':
      return `${data.operator}${fromWhere(data.clientAddress)}${data.secondFactor ? '' : ', without second factor'}`;
    case 'operator.login-failed':
      return `${data.operator ?? 'no such operator'}${fromWhere(data.clientAddress)}: ${data.reason}`;
    case 'operator.signed-out':
      return `${data.operator}${fromWhere(data.clientAddress)}`;
    case 'review.refused':
      return `${data.operator ?? 'nobody signed in'}${fromWhere(data.clientAddress)}: ${data.reason}`;
    case 'operator.refused':
      return `${data.actor}, who asked for \`${data.act}\`: ${data.reason}`;
    case 'account.added':
      return `${data.account} by ${data.actor}, may send as ${data.senders.join(', ')}`;
    case 'account.allowed':
      return `${data.account} by ${data.actor}: forwarding ${data.forwarding}, on behalf of ${data.onBehalfOf.length === 0 ? 'nobody' : data.onBehalfOf.join(', ')}`;
    case 'account.password-changed':
    case 'account.disabled':
    case 'account.enabled':
      return `${data.account} by ${data.actor}`;
    case 'key.imported':
      return `${keyWords(data)}, ${data.state}, by ${data.actor}`;
    case 'key.discovered':
    case 'key.updated':
      return keyWords(data);
    case 'key.pending':
      return `${keyWords(data)} beside ${data.activeFingerprint}: neither is used until a person decides`;
    case 'key.trusted': {
      const pinned = data.pinned ? ', pinned' : '';
      const instead = data.replacedFingerprint === undefined ? '' : ` instead of ${data.replacedFingerprint}`;
      return `${keyWords(data)}${instead}${pinned}, by ${data.actor}`;
    }
    case 'key.rejected':
    case 'key.removed':
      return `${keyWords(data)}, by ${data.actor}`;
    case 'own-key.imported':
    case 'own-key.removed':
      return `${kindWords(data.kind)} ${data.fingerprint} ${data.address === undefined ? 'of the gateway' : `of ${data.address}`}, by ${data.actor}`;
    case 'dkim-key.made':
    case 'dkim-key.removed':
      return `${data.algorithm} key ${data.selector} of ${data.domain}, by ${data.actor}`;
    case 'queue.retried':
      return `by ${data.actor}`;
    case 'suppression.added': {
      const until = data.expiresAt === undefined ? '' : `, until ${new Date(data.expiresAt).toISOString()}`;
      return `${data.reason}${data.actor === undefined ? '' : `, by ${data.actor}`}${until}`;
    }
    case 'suppression.removed':
      return `${data.reason === undefined ? '' : `${data.reason}, `}by ${data.actor}`;
    case 'tls-memory.reset':
      return `of ${data.domain} by ${data.actor}`;
    case 'roster.imported':
      return `${data.roster}, ${countWords(data.rows, 'row', 'rows')} of ${data.columns.join(', ')}, by ${data.actor}`;
    case 'roster.removed':
      return `${data.roster}, by ${data.actor}`;
    case 'audit.exported':
      return `${data.format === undefined ? '' : `as ${data.format} `}to ${data.target} by ${data.actor}`;
    case 'audit.begun-anew':
      return `behind event ${data.lastSeq} (${data.lastHash}) of the log that key ${data.key} signed`;
    case 'audit.pruned':
      return `${prunedWords(data.months)}, by ${data.actor}`;
    case 'legal-hold.added':
      return `${data.name}, ${holdWords(data)}, by ${data.actor}: ${data.reason}`;
    case 'legal-hold.removed':
      return `${data.name}, by ${data.actor}: ${data.reason}`;
    case 'backup.made':
      return `${data.target}, ${countWords(data.files, 'file', 'files')}, ${countWords(data.messages, 'message', 'messages')}, log up to event ${data.auditSeq}, by ${data.actor}`;
    case 'store.restored':
      return `from the backup of ${new Date(data.madeAt).toISOString()}; ${data.resumed ? 'what waited goes on by itself' : `${countWords(data.held, 'recipient', 'recipients')} held`}`;
    case 'master-key.rotation-started':
      return `from key ${data.from} to key ${data.to}, by ${data.actor}`;
    case 'master-key.rotation-finished':
      return `from key ${data.from} to key ${data.to}, ${countWords(data.resealed, 'key', 'keys')} sealed anew${damagedWords(data.damaged)}`;
    default:
      return unknownType(type);
  }
}

function damagedWords(damaged: readonly DamagedSeal[] = []): string {
  if (damaged.length === 0) return '';
  return `; damaged, and opens with no key: ${damaged.map(({ kind, id }) => `${kind} ${id}`).join(', ')}`;
}

function keyWords(key: AboutKey): string {
  return `${kindWords(key.kind)} ${key.fingerprint} of ${key.address} (${key.source})`;
}

function kindWords(kind: KeyKind): string {
  return kind === 'openpgp' ? 'OpenPGP key' : 'certificate';
}

function prunedWords(months: AuditEventData['audit.pruned']['months']): string {
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return 'none';
  const which = first === last ? first.month : `${first.month} to ${last.month}`;
  return `${which}, up to event ${last.lastSeq}`;
}

/** What a legal hold covers. */
export function holdWords(hold: {
  readonly since?: number;
  readonly until?: number;
  readonly address?: string;
}): string {
  const whose = hold.address === undefined ? 'all mail' : `mail from or to ${hold.address}`;
  const since = hold.since === undefined ? '' : ` from ${timeWords(hold.since)}`;
  const until = hold.until === undefined ? '' : ` before ${timeWords(hold.until)}`;
  return `${whose}${since}${until}`;
}

/** A type of a newer version; the compiler makes sure that every type of this version has its words. */
function unknownType(type: never): string {
  return `(a type that this version does not know: ${String(type)})`;
}

/** An envelope sender for people. */
export function sender(address: string): string {
  return address === '' ? '<> (no sender)' : address;
}

const REMINDED: Readonly<Record<AuditEventData['portal.reminded']['kind'], string>> = {
  remind: 'the recipient, that it waits',
  'ends-soon': 'the recipient, that it ends soon',
  'tell-sender': 'the sender, that nobody came yet',
};

function seenAs({ as, page }: AuditEventData['portal.attachment-read']): string {
  if (as === undefined || as === 'file') return '';
  return as === 'archive' ? ' (in an archive of all)' : ` (page ${page ?? '?'} as a picture)`;
}

const OPERATOR_CHANGES: Readonly<Record<AuditEventData['operator.changed']['change'], string>> = {
  roles: 'other roles',
  token: 'a new token',
  totp: 'a new second factor',
  enabled: 'enabled again, with a new token',
  recovered: 'RECOVERED with the relay stopped: a new token and second factor',
};

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}

function fromWhere(clientAddress: string | undefined): string {
  return clientAddress === undefined ? ' on this machine' : ` from ${clientAddress}`;
}
