import { describeEvent } from '../describe.js';
import { eventLabel } from '../event-labels.js';
import type { AuditEventType } from '../events.js';
import type { KnownEvent } from '../logged-event.js';
import type { AuditReader } from '../reader.js';
import { createCounter, type Ranking } from './groups.js';
import type { Period } from './period.js';
import { createBeginnings, type Scanned, scanPeriod } from './scan.js';

/** A change of rules, people or keys that somebody made. */
export interface Change {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly type: string;
  /** In words. */
  readonly summary: string;
}

/** What happened in a period. The names are a contract (`audit report --json`). */
export interface ActivityReport extends Scanned {
  readonly kind: 'activity';
  readonly period: Period;
  readonly mail: {
    readonly accepted: number;
    readonly bytes: number;
    readonly recipients: number;
    readonly identities: Ranking;
    readonly senders: Ranking;
    readonly recipientDomains: Ranking;
    readonly notices: Ranking;
  };
  readonly decisions: {
    readonly recipients: number;
    /** Recipients for whom a rule asked for protection, a hold or a rejection. */
    readonly protected: number;
    /** Decided in shadow mode: recorded, not enforced. */
    readonly shadow: number;
    /** Decided without a look into the message (`inspect.enabled: false`). */
    readonly contentNotRead: number;
    /** First method, or `hold`, `reject`. */
    readonly methods: Ranking;
    readonly rules: Ranking;
    readonly exceptions: Ranking;
    readonly detectors: Ranking;
    readonly classifications: Ranking;
  };
  /** Recipients of mail, without notices of our own. */
  readonly delivered: { readonly recipients: number; readonly methods: Ranking; readonly tls: Ranking };
  readonly portal: {
    readonly items: number;
    readonly outcomes: Ranking;
  };
  readonly holds: {
    readonly held: number;
    readonly reasons: Ranking;
    /** `released by NAME`, `ended by NAME`. */
    readonly decidedBy: Ranking;
  };
  readonly failures: {
    readonly bounced: number;
    readonly expired: number;
    readonly deferrals: number;
    readonly reasons: Ranking;
    readonly domains: Ranking;
    readonly inspection: Ranking;
  };
  readonly access: {
    readonly succeeded: number;
    readonly failed: number;
    readonly accounts: Ranking;
    readonly failures: Ranking;
    readonly refusals: Ranking;
    readonly portal: Ranking;
    /** Operators who logged in, failed to, or asked for what their roles don't allow. */
    readonly operators: Ranking;
  };
  /** Oldest first; the newest MAX_CHANGES, `changeCount` in all. */
  readonly changes: readonly Change[];
  readonly changeCount: number;
}

export interface ReportOptions {
  /** Lines of a ranking. */
  readonly top: number;
}

const MAX_CHANGES = 500;

/** Types by which people change what the relay does; with those of newer versions by their prefix. */
const CHANGES =
  /^(?:relay|config|policy|account|key|own-key|roster|tls-memory|audit|legal-hold|operator|approval|suppression|certificate|backup|dkim-key|throttle|master-key|store)\.|^portal\.(?:revoked|extended|resent|unlocked)$/;
/** Found by the relay itself, and often. */
const NOT_BY_PEOPLE: ReadonlySet<string> = new Set([
  'key.discovered',
  'key.updated',
  'operator.logged-in',
  'operator.login-failed',
  'operator.refused',
  'operator.signed-out',
]);

const TYPES: ReadonlySet<AuditEventType> = new Set<AuditEventType>([
  'message.accepted',
  'message.inspected',
  'recipient.decided',
  'recipient.held',
  'recipient.released',
  'recipient.ended',
  'recipient.deferred',
  'recipient.delivered',
  'recipient.bounced',
  'recipient.expired',
  'notice.queued',
  'login.succeeded',
  'login.failed',
  'session.refused',
  'held.approved',
  'operator.logged-in',
  'operator.login-failed',
  'operator.refused',
  'review.refused',
  'portal.item-created',
  'portal.message-read',
  'portal.expired',
  'portal.revoked',
  'portal.notice-undeliverable',
  'portal.recalled',
  'portal.reply-sent',
  'portal.signed-in',
  'portal.code-refused',
  'portal.proof-refused',
  'portal.refused',
  'portal.account-locked',
  'portal.passphrase-locked',
]);

/** Counts what happened in a period, in one pass and bounded memory. */
export function activityReport(reader: AuditReader, period: Period, { top }: ReportOptions): ActivityReport {
  const beginnings = createBeginnings(reader);
  const ranked = () => {
    const counter = createCounter();
    return { add: counter.add, ranking: () => counter.ranking(top) };
  };
  const total = {
    accepted: 0,
    bytes: 0,
    recipients: 0,
    decided: 0,
    protected: 0,
    shadow: 0,
    contentNotRead: 0,
    delivered: 0,
    items: 0,
    held: 0,
    bounced: 0,
    expired: 0,
    deferrals: 0,
    succeeded: 0,
    failed: 0,
  };
  const by = {
    identities: ranked(),
    senders: ranked(),
    recipientDomains: ranked(),
    notices: ranked(),
    methods: ranked(),
    rules: ranked(),
    exceptions: ranked(),
    detectors: ranked(),
    classifications: ranked(),
    delivered: ranked(),
    tls: ranked(),
    portalOutcomes: ranked(),
    holdReasons: ranked(),
    decidedBy: ranked(),
    failureReasons: ranked(),
    failureDomains: ranked(),
    inspection: ranked(),
    accounts: ranked(),
    loginFailures: ranked(),
    refusals: ranked(),
    portalAccess: ranked(),
    operators: ranked(),
  };
  const changes: Change[] = [];
  let changeCount = 0;
  const failed = (recipient: string, reason: string) => {
    by.failureReasons.add(reason);
    by.failureDomains.add(domainOf(recipient));
  };
  const isMail = (messageId: string) => beginnings.of(messageId).sender !== undefined;

  const count = (event: KnownEvent) => {
    const { type, data } = event;
    switch (type) {
      case 'message.accepted':
        beginnings.remember(data.messageId, { sender: data.sender });
        total.accepted++;
        total.bytes += data.size;
        total.recipients += data.recipients.length;
        by.identities.add(data.identity);
        by.senders.add(data.sender === '' ? '<>' : data.sender);
        for (const recipient of data.recipients) by.recipientDomains.add(domainOf(recipient));
        return;
      case 'message.inspected':
        for (const finding of data.findings) by.detectors.add(finding.detector);
        for (const name of data.classifications) by.classifications.add(name);
        if (data.failure !== undefined) by.inspection.add(data.failure);
        return;
      case 'recipient.decided': {
        const { decision } = data;
        total.decided++;
        if (decision.enforcement === 'shadow') total.shadow++;
        if (decision.contentNotRead === true) total.contentNotRead++;
        const { disposition } = decision.demand;
        if (decision.protected || disposition !== 'send') total.protected++;
        by.methods.add(disposition === 'send' ? (decision.order[0] ?? 'hold') : disposition);
        for (const { rule } of decision.rules) by.rules.add(rule);
        for (const { rule, owner } of decision.excepted ?? []) by.exceptions.add(`${rule}, by ${owner}`);
        return;
      }
      case 'recipient.held':
        total.held++;
        by.holdReasons.add(data.reason);
        return;
      case 'recipient.released':
        by.decidedBy.add(`released by ${data.actor}`);
        return;
      case 'recipient.ended':
        by.decidedBy.add(`ended by ${data.actor}`);
        return;
      case 'held.approved':
        by.decidedBy.add(`approved by ${data.actor}`);
        return;
      case 'operator.logged-in':
        by.operators.add(`${data.operator}: logged in`);
        return;
      case 'operator.login-failed':
        by.operators.add(`${data.operator ?? '(no such operator)'}: failed`);
        return;
      case 'review.refused':
        by.operators.add(`${data.operator ?? '(nobody signed in)'}: refused by the review page`);
        return;
      case 'operator.refused':
        by.operators.add(`${data.actor}: refused ${data.act}`);
        return;
      case 'recipient.deferred':
        if (isMail(data.messageId)) total.deferrals++;
        return;
      case 'recipient.delivered':
        if (!isMail(data.messageId)) return;
        total.delivered++;
        by.delivered.add(data.method);
        by.tls.add([data.tls.level, data.tls.protocol].filter((one) => one !== undefined).join(', '));
        return;
      case 'recipient.bounced':
        if (!isMail(data.messageId)) return;
        total.bounced++;
        failed(data.recipient, `${data.status} ${data.reason}`);
        return;
      case 'recipient.expired':
        if (!isMail(data.messageId)) return;
        total.expired++;
        failed(data.recipient, data.reason);
        return;
      case 'notice.queued':
        beginnings.remember(data.noticeId, {});
        by.notices.add(data.kind);
        return;
      case 'login.succeeded':
        total.succeeded++;
        by.accounts.add(data.account);
        return;
      case 'login.failed':
        total.failed++;
        by.loginFailures.add(`${data.account ?? '(no such account)'} from ${data.clientAddress}`);
        return;
      case 'session.refused':
        by.refusals.add(`${data.stage}: ${data.reason}`, 1 + (data.leftOut ?? 0));
        return;
      case 'portal.item-created':
        total.items++;
        return;
      case 'portal.message-read':
        if (data.view === undefined || data.view === 'page') by.portalOutcomes.add('read');
        return;
      case 'portal.expired':
      case 'portal.revoked':
      case 'portal.recalled':
      case 'portal.notice-undeliverable':
      case 'portal.reply-sent':
        by.portalOutcomes.add(eventLabel(type));
        return;
      case 'portal.signed-in':
      case 'portal.code-refused':
      case 'portal.proof-refused':
      case 'portal.refused':
      case 'portal.account-locked':
      case 'portal.passphrase-locked':
        by.portalAccess.add(eventLabel(type));
        return;
      default:
    }
  };

  const scanned = scanPeriod(
    reader,
    period,
    (type) => isIn(TYPES, type) || isChange(type),
    (event) => {
      count(event);
      if (!isChange(event.type)) return;
      changeCount++;
      changes.push({ seq: event.seq, at: event.at, type: event.type, summary: changeWords(event) });
      if (changes.length > MAX_CHANGES) changes.shift();
    },
  );
  return {
    kind: 'activity',
    period,
    ...scanned,
    mail: {
      accepted: total.accepted,
      bytes: total.bytes,
      recipients: total.recipients,
      identities: by.identities.ranking(),
      senders: by.senders.ranking(),
      recipientDomains: by.recipientDomains.ranking(),
      notices: by.notices.ranking(),
    },
    decisions: {
      recipients: total.decided,
      protected: total.protected,
      shadow: total.shadow,
      contentNotRead: total.contentNotRead,
      methods: by.methods.ranking(),
      rules: by.rules.ranking(),
      exceptions: by.exceptions.ranking(),
      detectors: by.detectors.ranking(),
      classifications: by.classifications.ranking(),
    },
    delivered: { recipients: total.delivered, methods: by.delivered.ranking(), tls: by.tls.ranking() },
    portal: { items: total.items, outcomes: by.portalOutcomes.ranking() },
    holds: { held: total.held, reasons: by.holdReasons.ranking(), decidedBy: by.decidedBy.ranking() },
    failures: {
      bounced: total.bounced,
      expired: total.expired,
      deferrals: total.deferrals,
      reasons: by.failureReasons.ranking(),
      domains: by.failureDomains.ranking(),
      inspection: by.inspection.ranking(),
    },
    access: {
      succeeded: total.succeeded,
      failed: total.failed,
      accounts: by.accounts.ranking(),
      failures: by.loginFailures.ranking(),
      refusals: by.refusals.ranking(),
      portal: by.portalAccess.ranking(),
      operators: by.operators.ranking(),
    },
    changes,
    changeCount,
  };
}

function isChange(type: string): boolean {
  return CHANGES.test(type) && !NOT_BY_PEOPLE.has(type);
}

function isIn(types: ReadonlySet<string>, type: string): boolean {
  return types.has(type);
}

function changeWords(event: KnownEvent): string {
  const { data } = event;
  const recipient = 'recipient' in data && typeof data.recipient === 'string' ? `${data.recipient}: ` : '';
  return `${recipient}${describeEvent(event)}`;
}

/** The domain of an address in lower case. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
