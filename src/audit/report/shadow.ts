import type { Decision } from '../../model/decision.js';
import type { KnownEvent } from '../logged-event.js';
import type { AuditReader } from '../reader.js';
import { domainOf, type ReportOptions } from './activity.js';
import { createCounter, createGroups, type Groups, type Ranking } from './groups.js';
import type { Period } from './period.js';
import { createBeginnings, type Scanned, scanPeriod } from './scan.js';
import { compareTls, type ShadowTls } from './shadow-tls.js';

/** What the policies would have done, in recipients. */
export interface WouldHave {
  /** Recipients whose mail was decided. */
  readonly recipients: number;
  readonly protected: number;
  readonly held: number;
  readonly rejected: number;
}

export interface ShadowRow extends WouldHave {
  readonly key: string;
}

/** One rule, and whose mail it touches. */
export interface ShadowRule extends WouldHave {
  readonly rule: string;
  /** `file:line` as of the newest decision. */
  readonly at: string;
  /** Recipients for whom no other rule matched: without this one their mail would travel as ordinary mail. */
  readonly alone: number;
  /** Detectors and classifications that it looked at and found. */
  readonly evidence: Ranking;
  readonly senders: Ranking;
  readonly recipientDomains: Ranking;
  /** The newest messages, for `audit show`. */
  readonly examples: readonly string[];
}

/** What would have been protected, held and rejected. The names are a contract (`audit report --shadow --json`). */
export interface ShadowReport extends Scanned, WouldHave {
  readonly kind: 'shadow';
  readonly period: Period;
  /** Recipients whose mail was decided and enforced in the period, which are not in the figures. */
  readonly enforced: number;
  /** Of those in the figures, how many were decided without a look into the message (`inspect.enabled: false`). */
  readonly contentNotRead: number;
  /** The method that would have been tried first. */
  readonly methods: Ranking;
  /** Where that is enforced TLS: whether the recipient's server would have sufficed. */
  readonly tls: ShadowTls;
  readonly rules: readonly ShadowRule[];
  readonly senders: readonly ShadowRow[];
  readonly senderDomains: readonly ShadowRow[];
  readonly recipientDomains: readonly ShadowRow[];
  /** Different keys that are not listed, and recipients of keys that had no place; see Ranking. */
  readonly unlisted: Readonly<Record<'rules' | 'senders' | 'senderDomains' | 'recipientDomains', number>>;
  readonly uncounted: number;
}

interface Figures {
  recipients: number;
  protected: number;
  held: number;
  rejected: number;
}

const EXAMPLES = 5;
/** Senders and domains that are counted one by one for each rule. */
const KEYS_OF_RULE = 2_000;
const MAX_RULES = 2_000;

/** Counts the decisions of shadow mode in a period, in one pass and bounded memory. */
export function shadowReport(reader: AuditReader, period: Period, { top }: ReportOptions): ShadowReport {
  const beginnings = createBeginnings(reader);
  const total = none();
  let enforced = 0;
  let contentNotRead = 0;
  const methods = createCounter();
  const tls = compareTls(domainOf);
  const senders = createGroups(none);
  const senderDomains = createGroups(none);
  const recipientDomains = createGroups(none);
  const rules = createGroups(
    () => ({
      ...none(),
      at: '',
      alone: 0,
      evidence: createCounter(KEYS_OF_RULE),
      senders: createCounter(KEYS_OF_RULE),
      recipientDomains: createCounter(KEYS_OF_RULE),
      examples: new Set<string>(),
    }),
    MAX_RULES,
  );

  const decided = (messageId: string, recipient: string, decision: Decision) => {
    const sender = beginnings.of(messageId).sender ?? '';
    const shown = sender === '' ? '<>' : sender;
    const domain = domainOf(recipient);
    const counted: Figures[] = [];
    const add = (figures: Figures | undefined) => {
      if (figures === undefined) return;
      addDecision(figures, decision);
      counted.push(figures);
    };
    add(total);
    add(senders.of(shown));
    add(senderDomains.of(sender === '' ? '<>' : domainOf(sender)));
    add(recipientDomains.of(domain));
    const { disposition } = decision.demand;
    methods.add(disposition === 'send' ? (decision.order[0] ?? 'hold') : disposition);
    for (const { rule, at, evidence } of decision.rules) {
      const figures = rules.of(rule);
      if (figures === undefined) continue;
      add(figures);
      figures.at = at;
      if (decision.rules.length === 1) figures.alone++;
      for (const name of evidence) figures.evidence.add(name);
      figures.senders.add(shown);
      figures.recipientDomains.add(domain);
      figures.examples.delete(messageId);
      figures.examples.add(messageId);
      const [oldest] = figures.examples;
      if (figures.examples.size > EXAMPLES && oldest !== undefined) figures.examples.delete(oldest);
    }
    tls.decided(messageId, decision, () => {
      for (const figures of counted) {
        figures.held++;
        if (decision.protected) figures.protected--;
      }
    });
  };

  const isWanted = (type: string) =>
    type === 'message.accepted' || type === 'recipient.decided' || type === 'recipient.delivered';
  const scanned = scanPeriod(reader, period, isWanted, (event: KnownEvent) => {
    if (event.type === 'message.accepted')
      beginnings.remember(event.data.messageId, { sender: event.data.sender });
    if (event.type === 'recipient.delivered')
      tls.delivered(event.data.messageId, event.data.recipient, event.data.tls);
    if (event.type !== 'recipient.decided') return;
    const { messageId, recipient, decision } = event.data;
    if (decision.enforcement === 'shadow') decided(messageId, recipient, decision);
    else enforced++;
    if (decision.enforcement === 'shadow' && decision.contentNotRead === true) contentNotRead++;
  });

  const ruleRows = rules.entries().map(
    ([rule, { evidence, senders: from, recipientDomains: to, examples, ...figures }]): ShadowRule => ({
      rule,
      ...figures,
      evidence: evidence.ranking(top),
      senders: from.ranking(top),
      recipientDomains: to.ranking(top),
      examples: [...examples].reverse(),
    }),
  );
  ruleRows.sort((a, b) => b.recipients - a.recipients || (a.rule < b.rule ? -1 : 1));
  return {
    kind: 'shadow',
    period,
    ...scanned,
    ...total,
    enforced,
    contentNotRead,
    methods: methods.ranking(top),
    tls: tls.result(top),
    rules: ruleRows.slice(0, top),
    senders: mostTouched(senders, top),
    senderDomains: mostTouched(senderDomains, top),
    recipientDomains: mostTouched(recipientDomains, top),
    unlisted: {
      rules: Math.max(0, ruleRows.length - top),
      senders: Math.max(0, senders.entries().length - top),
      senderDomains: Math.max(0, senderDomains.entries().length - top),
      recipientDomains: Math.max(0, recipientDomains.entries().length - top),
    },
    uncounted:
      rules.uncounted() + senders.uncounted() + senderDomains.uncounted() + recipientDomains.uncounted(),
  };
}

function none(): Figures {
  return { recipients: 0, protected: 0, held: 0, rejected: 0 };
}

function addDecision(figures: Figures, { demand, protected: asked, order }: Decision): void {
  figures.recipients++;
  if (demand.disposition === 'reject') figures.rejected++;
  else if (demand.disposition === 'hold' || order.length === 0) figures.held++;
  else if (asked) figures.protected++;
}

/** Those whose mail would change most: held and rejected count before protected. */
function mostTouched(groups: Groups<Figures>, most: number): readonly ShadowRow[] {
  const stopped = (row: Figures) => row.held + row.rejected;
  return groups
    .entries()
    .map(([key, figures]) => ({ key, ...figures }))
    .sort(
      (a, b) =>
        stopped(b) - stopped(a) ||
        b.protected - a.protected ||
        b.recipients - a.recipients ||
        (a.key < b.key ? -1 : 1),
    )
    .slice(0, most);
}
