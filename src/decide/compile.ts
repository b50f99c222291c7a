import { parseBytes } from '../config/units.js';
import type { Demand } from '../model/decision.js';
import { PART_STATUSES, type PartStatus } from '../model/inspection.js';
import { METHODS, SEALED_METHODS } from '../model/method.js';
import { type AddressList, addressMatcher, parseAddressEntry } from './address-list.js';
import { demandWords } from './demand-words.js';
import { foldText } from './fold-text.js';
import { compileGlob, compilePattern, type Pattern, type PatternResult } from './pattern.js';
import {
  type ConditionSource,
  type DemandSource,
  type PartySource,
  type RuleSource,
  type TextMatchSource,
  WEEKDAYS,
  type WhenSource,
} from './policy-schema.js';
import type { Condition, Exception, PartyTest, Rule, TextTest } from './policy-set.js';
import { didYouMean } from './suggest.js';
import { isTimeZone, parseHours } from './time-window.js';

type Path = readonly PropertyKey[];

/** What the compiler of one file needs to know of the others, and where it reports to. */
export interface CompileContext {
  readonly lists: ReadonlyMap<string, AddressList>;
  /** Names of all detectors; undefined when they are not known here, and then names aren't checked. */
  readonly detectors: readonly string[] | undefined;
  /** Reports a problem at a path of the file. */
  readonly problem: (path: Path, message: string) => void;
  /** `file:line` of a path of the file. */
  readonly at: (path: Path) => string;
}

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
  const demand: Demand = {
    methods: METHODS.filter((method) => allows(said.require, method)),
    // Only who demands TLS has a say in its level by staying silent: it is `verified` then.
    tls: said.tls ?? (said.require === 'tls' ? 'verified' : 'encrypted'),
    portal: said.portal,
    disposition: said.disposition,
  };
  return {
    demand,
    demands: demandWords(said, demand),
    ...(said.hold_reason !== undefined && { holdReason: said.hold_reason }),
    ...(said.reject_text !== undefined && { rejectText: said.reject_text }),
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

function compileWhen(source: WhenSource, path: Path, context: CompileContext): Condition {
  return source === 'always' ? { kind: 'always' } : compileCondition(source, path, context);
}

function compileCondition(source: ConditionSource, path: Path, context: CompileContext): Condition {
  const parts: Condition[] = [];
  const under = (key: string) => [...path, key];
  if (source.all !== undefined) {
    parts.push({
      kind: 'all',
      of: source.all.map((one, i) => compileCondition(one, [...path, 'all', i], context)),
    });
  }
  if (source.any !== undefined) {
    parts.push({
      kind: 'any',
      of: source.any.map((one, i) => compileCondition(one, [...path, 'any', i], context)),
    });
  }
  if (source.not !== undefined) {
    parts.push({ kind: 'not', of: compileCondition(source.not, under('not'), context) });
  }
  if (source.identity !== undefined) parts.push({ kind: 'identity', names: many(source.identity) });
  if (source.sender !== undefined) {
    parts.push({ kind: 'sender', party: compileParty(source.sender, 'sender', under('sender'), context) });
  }
  if (source.recipient !== undefined) {
    const party = compileParty(source.recipient, 'recipient', under('recipient'), context);
    parts.push({ kind: 'recipient', party });
  }
  if (source.subject !== undefined) {
    const { subject } = source;
    const test = typeof subject === 'string' || Array.isArray(subject) ? { contains: subject } : subject;
    if (Object.keys(test).length === 0) {
      context.problem(under('subject'), 'needs one of contains, equals, pattern');
    }
    parts.push({ kind: 'subject', text: compileText(test, under('subject'), context) });
  }
  if (source.header !== undefined) parts.push(compileHeader(source.header, under('header'), context));
  if (source.size !== undefined) parts.push(compileSize(source.size, under('size'), context));
  if (source.attachment !== undefined) {
    parts.push(compileAttachment(source.attachment, under('attachment'), context));
  }
  if (source.part_status !== undefined) {
    parts.push({ kind: 'part-status', statuses: many(source.part_status).flatMap(expandStatus) });
  }
  if (source.ambiguity !== undefined) {
    parts.push({ kind: 'ambiguity', names: compileAmbiguity(source.ambiguity, under('ambiguity'), context) });
  }
  if (source.findings !== undefined) {
    parts.push(compileFindings(source.findings, under('findings'), context));
  }
  if (source.time !== undefined) parts.push(compileTime(source.time, under('time'), context));
  const [first] = parts;
  if (first === undefined) {
    context.problem(path, 'an empty condition: name at least one key, or write `when: always`');
    return { kind: 'always' };
  }
  return parts.length === 1 ? first : { kind: 'all', of: parts };
}

function compileParty(
  source: PartySource,
  who: 'sender' | 'recipient',
  path: Path,
  context: CompileContext,
): PartyTest {
  if (typeof source === 'object' && !Array.isArray(source)) {
    const lists = many(source.list).flatMap((name, i): AddressList[] => {
      const list = context.lists.get(name);
      if (list !== undefined) return [list];
      const known = [...context.lists.keys()];
      context.problem(
        typeof source.list === 'string' ? [...path, 'list'] : [...path, 'list', i],
        `no list is named \`${name}\`${didYouMean(name, known) || '; define it under `lists`'}`,
      );
      return [];
    });
    return { scopes: [], matcher: addressMatcher([]), lists };
  }
  const scopes: ('internal' | 'external')[] = [];
  const entries = many(source).flatMap((written, i) => {
    if (who === 'recipient' && (written === 'internal' || written === 'external')) {
      scopes.push(written);
      return [];
    }
    const entry = parseAddressEntry(written);
    if (entry === undefined) {
      const words = who === 'recipient' ? ['internal', 'external'] : [];
      context.problem(
        typeof source === 'string' ? path : [...path, i],
        `\`${written}\` is not an address, a domain or \`*.domain\`${didYouMean(written, words)}`,
      );
      return [];
    }
    return [entry];
  });
  return { scopes, matcher: addressMatcher(entries), lists: [] };
}

function compileText(source: TextMatchSource, path: Path, context: CompileContext): TextTest {
  return {
    ...(source.contains !== undefined && { contains: many(source.contains).map(foldText) }),
    ...(source.equals !== undefined && { equals: many(source.equals).map((one) => foldText(one).trim()) }),
    ...(source.pattern !== undefined && {
      patterns: compileEach(source.pattern, compilePattern, [...path, 'pattern'], context),
    }),
  };
}

function compileHeader(
  source: NonNullable<ConditionSource['header']>,
  path: Path,
  context: CompileContext,
): Condition {
  const { name, exists, ...text } = source;
  const tests = Object.keys(text).length;
  if (tests === 0 && exists === undefined) {
    context.problem(path, 'needs one of contains, equals, pattern, exists');
  }
  if (tests > 0 && exists === false) {
    context.problem(
      [...path, 'exists'],
      '`exists: false` stands alone: a header that is not there has no text',
    );
  }
  return {
    kind: 'header',
    name: name.toLowerCase(),
    exists: exists ?? true,
    text: compileText(text, path, context),
  };
}

function compileSize(
  source: NonNullable<ConditionSource['size']>,
  path: Path,
  context: CompileContext,
): Condition {
  const bytes = (key: 'over' | 'under'): number | undefined => {
    const written = source[key];
    if (written === undefined) return undefined;
    const value = parseBytes(written);
    if (value === undefined) {
      context.problem([...path, key], 'must be a size with a unit, such as 512KB, 25MB or 1GB');
    }
    return value;
  };
  if (source.over === undefined && source.under === undefined)
    context.problem(path, 'needs `over` or `under`');
  const over = bytes('over');
  const under = bytes('under');
  return { kind: 'size', ...(over !== undefined && { over }), ...(under !== undefined && { under }) };
}

function compileAttachment(
  source: NonNullable<ConditionSource['attachment']>,
  path: Path,
  context: CompileContext,
): Condition {
  const { name, type } = source;
  return {
    kind: 'attachment',
    ...(name !== undefined && { names: compileEach(name, compileGlob, [...path, 'name'], context) }),
    ...(type !== undefined && { types: compileEach(type, compileGlob, [...path, 'type'], context) }),
  };
}

function compileAmbiguity(source: string | string[], path: Path, context: CompileContext): readonly string[] {
  const names = many(source);
  names.forEach((name, i) => {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      const at = typeof source === 'string' ? path : [...path, i];
      context.problem(
        at,
        `\`${name}\` is not the name of an ambiguity; use any, material or a name of a-z and -`,
      );
    }
  });
  return names;
}

function compileFindings(
  source: NonNullable<ConditionSource['findings']>,
  path: Path,
  context: CompileContext,
): Condition {
  const { detector, class: classes, classification } = source;
  const given = [detector, classes, classification].filter((one) => one !== undefined).length;
  if (given !== 1) context.problem(path, 'needs exactly one of detector, class, classification');
  const { detectors } = context;
  if (detector !== undefined && detectors !== undefined) {
    many(detector).forEach((name, i) => {
      if (detectors.includes(name)) return;
      const at = typeof detector === 'string' ? [...path, 'detector'] : [...path, 'detector', i];
      context.problem(at, `no detector is named \`${name}\`${didYouMean(name, detectors)}`);
    });
  }
  return {
    kind: 'findings',
    ...(detector !== undefined && { detectors: many(detector) }),
    ...(classes !== undefined && { classes: many(classes) }),
    ...(classification !== undefined && { classifications: many(classification) }),
    confidence: source.confidence,
    atLeast: source.at_least,
  };
}

function compileTime(
  source: NonNullable<ConditionSource['time']>,
  path: Path,
  context: CompileContext,
): Condition {
  if (!isTimeZone(source.zone)) {
    context.problem(
      [...path, 'zone'],
      `no time zone is named \`${source.zone}\`; use one such as America/New_York`,
    );
  }
  if (source.days === undefined && source.hours === undefined)
    context.problem(path, 'needs `days` or `hours`');
  return {
    kind: 'time',
    window: {
      zone: source.zone,
      days: source.days === undefined ? WEEKDAYS : many(source.days),
      ...(source.hours !== undefined && { hours: parseHours(source.hours) }),
    },
  };
}

function compileEach(
  source: string | string[],
  compile: (text: string) => PatternResult,
  path: Path,
  context: CompileContext,
): readonly Pattern[] {
  return many(source).flatMap((text, i) => {
    const result = compile(text);
    if (result.ok) return [result.pattern];
    const where = result.offset === undefined ? '' : ` (at character ${result.offset + 1})`;
    context.problem(
      typeof source === 'string' ? path : [...path, i],
      `cannot be compiled: ${result.reason}${where}`,
    );
    return [];
  });
}

function expandStatus(word: PartStatus | 'unread'): readonly PartStatus[] {
  if (word !== 'unread') return [word];
  return PART_STATUSES.filter((status) => status !== 'read' && status !== 'empty' && status !== 'no-text');
}

function many<T>(source: T | readonly T[]): readonly T[] {
  return isList(source) ? source : [source];
}

function isList<T>(source: T | readonly T[]): source is readonly T[] {
  return Array.isArray(source);
}
