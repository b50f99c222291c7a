import { parseBytes } from '../config/units.js';
import { type AddressList, addressMatcher, parseAddressEntry } from '../shared/address-list.js';
import { didYouMean } from '../shared/suggest.js';
import type { CompileContext, Path } from './compile-context.js';
import {
  type ConditionSource,
  type PartySource,
  type TextMatchSource,
  WEEKDAYS,
} from './condition-schema.js';
import { foldText } from './fold-text.js';
import { many } from './one-or-many.js';
import { compileGlob, compilePattern, type Pattern, type PatternResult } from './pattern.js';
import type { Condition, PartyTest, TextTest } from './policy-set.js';
import { isTimeZone, parseHours } from './time-window.js';

/* The conditions that look at one kind of fact each. */

export function compileParty(
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

export function compileText(source: TextMatchSource, path: Path, context: CompileContext): TextTest {
  for (const key of ['contains', 'equals'] as const) {
    // Nothing is in every text.
    if (many(source[key] ?? []).some((one) => foldText(one) === ''))
      context.problem([...path, key], 'has a text of characters that show nothing');
  }
  return {
    ...(source.contains !== undefined && { contains: many(source.contains).map(foldText) }),
    ...(source.equals !== undefined && { equals: many(source.equals).map((one) => foldText(one).trim()) }),
    ...(source.pattern !== undefined && {
      patterns: compileEach(source.pattern, compilePattern, [...path, 'pattern'], context),
    }),
  };
}

export function compileHeader(
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

export function compileSize(
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

export function compileAttachment(
  source: NonNullable<ConditionSource['attachment']>,
  path: Path,
  context: CompileContext,
): Condition {
  const { name, type } = source;
  many(type ?? []).forEach((written, i) => {
    // Such a one would fit no part, and its rule protect nothing.
    if (!/^[^\s;]*[/*?][^\s;]*$/.test(written))
      context.problem(
        typeof type === 'string' ? [...path, 'type'] : [...path, 'type', i],
        `\`${written}\` is no media type: write one such as \`application/pdf\`, or \`application/*\``,
      );
  });
  return {
    kind: 'attachment',
    ...(name !== undefined && { names: compileEach(name, compileGlob, [...path, 'name'], context) }),
    ...(type !== undefined && { types: compileEach(type, compileGlob, [...path, 'type'], context) }),
  };
}

export function compileAmbiguity(
  source: string | string[],
  path: Path,
  context: CompileContext,
): readonly string[] {
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

export function compileFindings(
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

export function compileTime(
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
