import type { Availability, MethodAvailability } from '../model/availability.js';
import type { ConsideredMethod, Decision, Demand, MatchedRule } from '../model/decision.js';
import { type Inspection, MOST_PLACES } from '../model/inspection.js';
import { chooseMethods } from './choose-method.js';
import { type Evaluation, evaluateRule } from './evaluate.js';
import type { MessageFacts, RecipientFacts } from './facts.js';
import { joinAll } from './lattice.js';
import type { PolicySet, Rule } from './policy-set.js';

interface Match {
  readonly rule: Rule;
  readonly outcome: 'true' | 'unknown';
  /** The rule's demand; of an unknown rule with at most `hold`. */
  readonly demand: Demand;
  readonly evaluation: Evaluation;
}

export interface DecideOptions {
  readonly enforcement: 'enforce' | 'shadow';
  /** Whether what its sender encrypted may be encrypted once more; default: no. */
  readonly wrapEncrypted?: boolean;
}

/**
 * Decides how one message may travel to one recipient. Pure. The demands of all rules that match are joined (the
 * strictest wins), then the first preferred method is chosen that is allowed and that the recipient can receive; if
 * there is none, the message is held. The order of rules and files makes no difference.
 */
export function decide(
  policy: PolicySet,
  message: MessageFacts,
  recipient: RecipientFacts,
  options: DecideOptions = { enforcement: 'enforce' },
): Decision {
  return deciding(policy, message, recipient, options)(recipient.availability);
}

/**
 * `decide`, for what the recipient can receive by, as often as more of that becomes known. The rules, which don't ask
 * for it, are looked at once.
 */
export function deciding(
  policy: PolicySet,
  message: MessageFacts,
  recipient: RecipientFacts,
  options: DecideOptions,
): (availability: MethodAvailability) => Decision {
  const { matches, excepted } = matchRules(policy, message, recipient);
  const joined = joinAll(matches.map((one) => one.demand));
  const rules = matches.map(explainMatch);
  return (availability) =>
    decisionOf(policy, message, recipient, options, { matches, excepted, joined, rules, availability });
}

interface Ruled {
  readonly matches: readonly Match[];
  readonly excepted: NonNullable<Decision['excepted']>;
  readonly joined: Demand;
  readonly rules: readonly MatchedRule[];
  readonly availability: MethodAvailability;
}

function decisionOf(
  policy: PolicySet,
  message: MessageFacts,
  recipient: RecipientFacts,
  options: DecideOptions,
  { matches, excepted, joined, rules, availability: offered }: Ruled,
): Decision {
  const prefer = policy.preferByDomain.get(recipient.domain) ?? policy.prefer;
  const alreadyEncrypted =
    message.inspection.protection?.encrypted === true && options.wrapEncrypted !== true;
  const availability = alreadyEncrypted
    ? { ...offered, pgp: ALREADY_ENCRYPTED, smime: ALREADY_ENCRYPTED }
    : offered;
  const choice = chooseMethods(joined, prefer, availability, (method) =>
    matches.filter((one) => !one.demand.methods.includes(method)).map((one) => one.rule.id),
  );
  const stuck = joined.disposition === 'send' && choice.order.length === 0;
  const disposition = stuck ? 'hold' : joined.disposition;
  const notices = union(matches.map((one) => one.rule.notices));
  return {
    recipient: recipient.address,
    demand: { ...joined, disposition },
    protected: !joined.methods.includes('plain'),
    order: disposition === 'send' ? choice.order : [],
    rules,
    ...(excepted.length > 0 && { excepted }),
    considered: disposition === 'send' ? choice.considered : choice.considered.map(waiting(disposition)),
    tags: union(matches.map((one) => one.rule.tags)),
    ...(alreadyEncrypted && { alreadyEncrypted: true as const }),
    ...(message.inspection.notRead === true && { contentNotRead: true as const }),
    ...(telltaleIds(message.inspection, joined) && { hideMessageIds: true as const }),
    ...(matches.some((one) => one.rule.legacyDisplay) && { legacyDisplay: true as const }),
    ...(notices.length > 0 && { notices }),
    ...(disposition === 'hold' && { holdReason: holdReason(joined, matches, choice.considered) }),
    ...(disposition === 'reject' && { rejectText: rejectText(matches) }),
    policyHash: policy.hash,
    enforcement: options.enforcement,
  };
}

const IDS: ReadonlySet<string> = new Set([
  'header:message-id',
  'header:resent-message-id',
  'header:in-reply-to',
  'header:references',
]);
/** An ID looks like an address, and names a host; that tells nothing of a person. */
const NOTHING: ReadonlySet<string> = new Set(['F-email', 'N-url', 'O-ip']);

/**
 * Whether something was found in the fields that thread messages, which stay outside of sealed copies. Where nobody looked
 * (an inspection that died or was late included), or in more places than are named, it could have been.
 */
function telltaleIds({ findings, notRead, failure }: Inspection, joined: Demand): boolean {
  if (notRead === true || failure !== undefined) return !joined.methods.includes('plain');
  return findings.some(
    ({ safeHarbor, where }) =>
      !(safeHarbor !== undefined && NOTHING.has(safeHarbor)) &&
      (where.length >= MOST_PLACES || where.some((place) => IDS.has(place))),
  );
}

const ALREADY_ENCRYPTED: Availability = {
  available: false,
  reason: 'the sender has encrypted the message already, and it is not wrapped again',
};

/** Rules in the order of their IDs, by the set that holds them. */
const sorted = new WeakMap<PolicySet, readonly Rule[]>();

function byId(policy: PolicySet): readonly Rule[] {
  const known = sorted.get(policy);
  if (known !== undefined) return known;
  const rules = policy.rules.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  sorted.set(policy, rules);
  return rules;
}

function matchRules(policy: PolicySet, message: MessageFacts, recipient: RecipientFacts) {
  const matches: Match[] = [];
  const excepted: { rule: string; at: string; owner: string; expires: string }[] = [];
  for (const rule of byId(policy)) {
    const evaluation = evaluateRule(rule.when, message, recipient);
    if (evaluation.value === 'false') continue;
    // Only an exception that surely holds loosens; one that is unknown or has expired doesn't.
    const exception = rule.unless.find(
      (one) => message.receivedAt < one.until && evaluateRule(one.when, message, recipient).value === 'true',
    );
    if (exception !== undefined) {
      const { owner, expires } = exception;
      excepted.push({ rule: rule.id, at: rule.at, owner, expires });
      continue;
    }
    const unsure = evaluation.value === 'unknown';
    const demand: Demand =
      unsure && rule.demand.disposition === 'reject' ? { ...rule.demand, disposition: 'hold' } : rule.demand;
    matches.push({ rule, outcome: evaluation.value, demand, evaluation });
  }
  return { matches, excepted };
}

function explainMatch(match: Match): MatchedRule {
  const { rule, outcome, evaluation } = match;
  return {
    rule: rule.id,
    at: rule.at,
    outcome,
    demands: rule.demands,
    evidence: [
      ...evaluation.evidence,
      ...(outcome === 'unknown' ? evaluation.unknown.map((source) => `unknown: ${source}`) : []),
    ],
  };
}

/** With `hold` and `reject` nothing is sent: what would have been tried is told, but not as chosen. */
function waiting(disposition: 'hold' | 'reject') {
  const verb = disposition === 'hold' ? 'held' : 'rejected';
  return (one: ConsideredMethod): ConsideredMethod =>
    one.verdict === 'refused'
      ? one
      : {
          ...one,
          verdict: 'refused',
          reason: `possible, but the message is ${verb} (${one.reason})`,
        };
}

function holdReason(
  joined: Demand,
  matches: readonly Match[],
  considered: readonly ConsideredMethod[],
): string {
  const reasons = matches
    .filter((one) => one.demand.disposition === 'hold')
    .map((one) =>
      one.outcome === 'unknown'
        ? `rule ${one.rule.id} could not be decided (${one.evaluation.unknown.join(', ')})`
        : (one.rule.holdReason ?? `rule ${one.rule.id}`),
    );
  if (joined.methods.length === 0) {
    const restricting = matches.filter((one) => !one.demand.methods.includes('plain'));
    reasons.push(`no method satisfies ${listed(restricting.map((one) => one.rule.id))} together`);
  } else if (joined.disposition === 'send') {
    const why = considered
      .filter((one) => joined.methods.includes(one.method))
      .map((one) => `${one.method}: ${one.reason}`);
    reasons.push(`no allowed method can be used for this recipient (${why.join('; ')})`);
  }
  return [...new Set(reasons)].join('; ');
}

function rejectText(matches: readonly Match[]): string {
  const texts = matches.flatMap((one) =>
    one.demand.disposition === 'reject' && one.rule.rejectText !== undefined ? [one.rule.rejectText] : [],
  );
  return [...new Set(texts)].join(' ');
}

function listed(ids: readonly string[]): string {
  return `${ids.length === 1 ? 'rule' : 'rules'} ${ids.join(', ')}`;
}

function union(lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].sort();
}
