import type { Decision, MatchedRule } from '../model/decision.js';
import { KEY_SOURCES } from '../model/key.js';
import type { Method } from '../model/method.js';
import { refusalWords } from './key-availability.js';
import { rewriteWords, rewrittenWords } from './rewrite-demand.js';

const METHOD_WORDS: Readonly<Record<Method, string>> = {
  plain: 'plain mail (TLS where the next server offers it, else clear text)',
  tls: 'TLS',
  pgp: 'PGP',
  smime: 'S/MIME',
  portal: 'the pickup portal',
};

/** A decision in plain words, one statement a line, without PHI and without a trailing line break. */
export function explainDecision(decision: Decision): string {
  return [
    `${decision.recipient}: ${verdict(decision)}`,
    ...(decision.enforcement === 'shadow'
      ? ['  SHADOW MODE: this is only recorded; the message travels as plain mail.']
      : []),
    ...(decision.contentNotRead === true
      ? ['  nobody looked into the message: inspection is switched off (`inspect.enabled: false`)']
      : []),
    `  demanded: ${demanded(decision)}`,
    ...(decision.demand.release === 'two-person' ? [twoPersons(decision)] : []),
    ...section('rules that matched', decision.rules.map(explainRule)),
    ...section(
      'rules set aside by an exception',
      (decision.excepted ?? []).map(
        (one) => `${one.rule} (${one.at}): ${one.owner} answers for it until ${one.expires}`,
      ),
    ),
    ...section(
      'methods considered',
      decision.considered.flatMap((one) => [
        `${one.method}: ${one.verdict}; ${one.reason}`,
        // What stands in the reason already isn't said twice.
        ...(one.refusedKeys ?? [])
          .map(refusalWords)
          .filter((words) => !one.reason.includes(words))
          .map((words) => `  not used: ${words}`),
      ]),
    ),
    ...rewriting(decision).map((words) => `  ${words}`),
    ...section('notices', decision.notices ?? []),
    ...(decision.tags.length > 0 ? [`  tags: ${decision.tags.join(', ')}`] : []),
    `  policy: ${decision.policyHash}`,
  ].join('\n');
}

/** The outcome in one sentence without the recipient, e.g. `goes by TLS (verified); then by the pickup portal`. */
function verdict(decision: Decision): string {
  const { disposition } = decision.demand;
  if (disposition === 'hold') return `is held for a person: ${decision.holdReason ?? 'no reason given'}`;
  if (disposition === 'reject') return `is rejected: ${decision.rejectText ?? 'no reason given'}`;
  const [first, ...others] = decision.order.map((method) =>
    method === 'tls' ? `TLS (at least ${decision.demand.tls})` : METHOD_WORDS[method],
  );
  if (first === undefined) return 'cannot be sent';
  return others.length === 0
    ? `goes by ${first}`
    : `goes by ${first}; if that is impossible, by ${others.join(', then by ')}`;
}

function demanded(decision: Decision): string {
  const { demand } = decision;
  if (!decision.protected) return 'no rule asks for protection';
  if (demand.methods.length === 0) return 'no method satisfies all rules';
  const methods = demand.methods.map((method) => (method === 'tls' ? `tls (${demand.tls})` : method));
  const portal = demand.portal === 'code' ? '' : `; the portal must ask for ${demand.portal}`;
  const sources = demand.keys?.sources.length === KEY_SOURCES.length ? undefined : demand.keys?.sources;
  const keys = sources === undefined ? '' : `; keys only from ${sources.join(' or ') || 'nowhere'}`;
  return `one of ${methods.join(', ')}${portal}${keys}`;
}

function twoPersons({ demand }: Decision): string {
  return demand.disposition === 'hold'
    ? '  release: by two operators'
    : '  release: by two operators, if it comes to be held';
}

/** What becomes of a demand to rewrite the message, in a sentence or none. */
function rewriting({ demand, rewritten, cannotRewrite, enforcement }: Decision): readonly string[] {
  if (demand.rewrite === undefined) return [];
  const words = `before it leaves: ${rewriteWords(demand.rewrite).join('; ')}`;
  if (cannotRewrite !== undefined) return [`${words}; this is impossible: ${cannotRewrite}`];
  if (rewritten === undefined)
    return [enforcement === 'shadow' ? `${words}; not done in shadow mode` : words];
  return [`${words}; ${rewrittenWords(rewritten, demand.rewrite)}`];
}

function explainRule(rule: MatchedRule): string {
  const unsure = rule.outcome === 'unknown' ? ' (could not be decided, so it counts)' : '';
  const demands = rule.demands.length === 0 ? 'demands nothing' : rule.demands.join(', ');
  const evidence = rule.evidence.length === 0 ? '' : `; because of ${rule.evidence.join(', ')}`;
  return `${rule.rule} (${rule.at})${unsure}: ${demands}${evidence}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`  ${title}:`, ...lines.map((one) => `    - ${one}`)];
}
