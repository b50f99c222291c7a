import { DETECTORS } from '../inspect/detect/index.js';
import type { Demand, KeyDemand, RewriteDemand } from '../model/decision.js';
import { KEY_SOURCES } from '../model/key.js';
import { METHODS, SEALED_METHODS } from '../model/method.js';
import { didYouMean } from '../shared/suggest.js';
import { compileWhen } from './compile-condition.js';
import { type CompileContext, type Path, refuseUnread } from './compile-context.js';
import { demandWords } from './demand-words.js';
import type { DemandSource, RuleSource } from './policy-schema.js';
import type { Exception, Rule } from './policy-set.js';
import { sortedNames } from './rewrite-demand.js';

/** Compiles a rule; what can't be compiled is reported, and then the result must not be used. */
export function compileRule(source: RuleSource, path: Path, context: CompileContext): Rule {
  if (source.demand === undefined && !source.tags?.length && !source.notices?.length) {
    context.problem(
      path,
      `rule \`${source.id}\` does nothing: give it a \`demand\`, \`tags\` or \`notices\``,
    );
  }
  return {
    id: source.id,
    at: context.at([...path, 'id']),
    when: compileWhen(source.when, [...path, 'when'], context),
    unless: (source.unless ?? []).map((one, i) => compileException(one, [...path, 'unless', i], context)),
    ...compileDemand(source.demand, [...path, 'demand'], context),
    tags: source.tags ?? [],
    legacyDisplay: source.demand?.legacy_display === true,
    notices: source.notices ?? [],
  };
}

/** The default demand as a rule that always matches; undefined when it demands nothing. */
export function compileDefault(source: DemandSource, path: Path, context: CompileContext): Rule | undefined {
  const compiled = compileDemand(source, path, context);
  if (compiled.demands.length === 0) return undefined;
  return {
    id: 'default',
    at: context.at(path),
    when: { kind: 'always' },
    unless: [],
    ...compiled,
    tags: [],
    legacyDisplay: source.legacy_display === true,
    notices: [],
  };
}

function compileDemand(
  source: DemandSource | undefined,
  path: Path,
  context: CompileContext,
): Pick<Rule, 'demand' | 'demands' | 'holdReason' | 'rejectText'> {
  const said: DemandSource = source ?? { require: 'any', portal: 'code', disposition: 'send' };
  if (said.tls === 'authenticated') {
    context.problem(
      [...path, 'tls'],
      'authenticated is not available in this version (it needs DANE or MTA-STS); use verified, or `require: sealed`',
    );
  }
  if (said.hold_reason !== undefined && said.disposition !== 'hold') {
    context.problem([...path, 'hold_reason'], '`hold_reason` goes with `disposition: hold`');
  }
  if (said.reject_text !== undefined && said.disposition !== 'reject') {
    context.problem([...path, 'reject_text'], '`reject_text` goes with `disposition: reject`');
  }
  if (said.disposition === 'reject' && said.reject_text === undefined) {
    context.problem([...path, 'disposition'], '`reject` needs a `reject_text`: what the sender is to read');
  }
  if (said.redact !== undefined)
    refuseUnread(context, [...path, 'redact'], '`redact` masks what is found in mail');
  if (said.canonicalise === true)
    refuseUnread(context, [...path, 'canonicalise'], '`canonicalise` rebuilds a message from what was read');
  said.redact?.forEach((name, i) => {
    if (OF_WHOLE_TEXTS.has(name))
      context.problem(
        [...path, 'redact', i],
        `\`${name}\` is about a text as a whole, so there is nothing to mask; use \`require\` for mail in which it is found`,
      );
    if (context.detectors === undefined || context.detectors.includes(name)) return;
    context.problem(
      [...path, 'redact', i],
      `no detector is named \`${name}\`${didYouMean(name, context.detectors)}`,
    );
  });
  const demand: Demand = {
    methods: METHODS.filter((method) => allows(said.require, method)),
    // Only who demands TLS has a say in its level by staying silent: it is `verified` then.
    tls: said.tls ?? (said.require === 'tls' ? 'verified' : 'encrypted'),
    portal: said.portal,
    disposition: said.disposition,
    ...(said.release === 'two-person' && { release: said.release }),
    ...keyDemand(said),
    ...rewriteDemand(said),
  };
  return {
    demand,
    demands: demandWords(said, demand),
    ...(said.hold_reason !== undefined && { holdReason: said.hold_reason }),
    ...(said.reject_text !== undefined && { rejectText: said.reject_text }),
  };
}

/** Who demands protection demands known revocation by staying silent, as with the level of TLS. */
function keyDemand(said: DemandSource): { readonly keys?: KeyDemand } {
  const revocation = said.revocation ?? (said.require === 'any' ? 'if-reachable' : 'required');
  const sources = KEY_SOURCES.filter((one) => said.key_sources?.includes(one) ?? true);
  if (revocation === 'if-reachable' && sources.length === KEY_SOURCES.length) return {};
  return { keys: { sources, revocation } };
}

const OF_WHOLE_TEXTS: ReadonlySet<string> = new Set(
  DETECTORS.filter(({ ofWholeText }) => ofWholeText === true).map(({ name }) => name),
);

function rewriteDemand({ canonicalise, redact }: DemandSource): { readonly rewrite?: RewriteDemand } {
  if (canonicalise === undefined && redact === undefined) return {};
  return {
    rewrite: {
      ...(canonicalise === true && { canonicalise }),
      ...(redact !== undefined && { redact: sortedNames(redact) }),
    },
  };
}

function allows(require: DemandSource['require'], method: (typeof METHODS)[number]): boolean {
  if (require === 'any') return true;
  if (require === 'tls') return method !== 'plain';
  const sealed: readonly string[] = require === 'sealed' ? SEALED_METHODS : require;
  return sealed.includes(method);
}

function compileException(
  source: NonNullable<RuleSource['unless']>[number],
  path: Path,
  context: CompileContext,
): Exception {
  const start = Date.parse(`${source.expires}T00:00:00Z`);
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== source.expires) {
    context.problem([...path, 'expires'], `\`${source.expires}\` is not a day of the calendar`);
  }
  return {
    when: compileWhen(source.when, [...path, 'when'], context),
    owner: source.owner,
    expires: source.expires,
    until: start + 86_400_000,
  };
}
