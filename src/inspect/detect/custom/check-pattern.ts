import { type Hir, RRegex } from 'rregex';
import { controlInPattern } from '../../../shared/control-in-pattern.js';
import { asciiShadow } from '../ascii-shadow.js';

/** Shorter matches would be everywhere in a large message. */
export const SHORTEST_MATCH = 3;
/** Longer ones are not surely found whole (`patterns.ts`). */
export const LONGEST_MATCH = 448;
/** Why a pattern is refused, in one line, and what to write instead. */
export interface PatternProblem {
  readonly reason: string;
  /** Place in the pattern, UTF-16, where there is one. */
  readonly offset?: number;
}

/**
 * What is wrong with a pattern of a policy; undefined when it can be used. Beyond what the linear-time engine refuses by
 * itself, a pattern must have bounded repeats (finding all matches of one with an unbounded tail is quadratic), and
 * match from 3 to 448 characters of ASCII, which is what texts are turned into for patterns.
 */
export function patternProblem(source: string): PatternProblem | undefined {
  const control = controlInPattern(source);
  if (control !== undefined) return control;
  const beyond = /[^\0-\x7f]/u.exec(source);
  if (beyond !== null) return { reason: nonAscii(beyond[0]), offset: beyond.index };
  let compiled: RRegex;
  try {
    compiled = new RRegex(source);
  } catch (thrown) {
    return engineProblem(thrown, source);
  }
  try {
    return problemOf(measure(compiled.syntax()), source);
  } finally {
    compiled.free();
  }
}

interface Shape {
  /** Characters of the shortest and the longest match. */
  readonly least: number;
  readonly most: number;
  readonly unbounded: boolean;
  /** Tests the beginning or end of the whole text. */
  readonly ofText: boolean;
  /** A place where only characters beyond ASCII can stand, or none at all. */
  readonly impossible: boolean;
}

function problemOf(shape: Shape, source: string): PatternProblem | undefined {
  if (shape.unbounded) {
    return {
      reason:
        'can repeat without end, which takes quadratic time; give each repeat an upper bound, such as {0,20} for * and {1,20} for +',
      ...placeOf(source, /[*+]|\{\d*,\}/g),
    };
  }
  if (shape.impossible) {
    return {
      reason:
        'can match no ASCII character at some place; patterns see letters without their marks, and words of other scripts belong into a `dictionary`',
    };
  }
  if (shape.ofText) {
    return {
      reason:
        '^, $, \\A and \\z mean the whole text of a part here; for a line write (?m) in front, for a word (?-u:\\b)',
      ...placeOf(source, /[$^]|\\[Az]/g),
    };
  }
  if (shape.least < SHORTEST_MATCH) {
    return {
      reason: `can match fewer than ${SHORTEST_MATCH} characters; let it match more of what it means`,
    };
  }
  if (shape.most > LONGEST_MATCH) {
    return {
      reason: `can match ${shape.most} characters, but only ${LONGEST_MATCH} are surely found whole; lower its repeats`,
    };
  }
  return undefined;
}

const POINT: Shape = {
  least: 0,
  most: 0,
  unbounded: false,
  ofText: false,
  impossible: false,
};

function measure(hir: Hir): Shape {
  const { kind } = hir;
  switch (kind['@variant']) {
    case 'Empty':
      return POINT;
    case 'Literal': {
      const bytes = kind['@values'][0]['@values'][0];
      const impossible = [...bytes].some((byte) => byte > 0x7f);
      return { ...POINT, least: bytes.length, most: bytes.length, impossible };
    }
    case 'Class': {
      const ranges = kind['@values'][0]['@values'][0].ranges;
      const impossible = !ranges.some(({ start }) =>
        typeof start === 'number' ? start <= 0x7f : (start.codePointAt(0) ?? 0) <= 0x7f,
      );
      return { ...POINT, least: 1, most: 1, impossible };
    }
    case 'Look': {
      const look = kind['@values'][0]['@variant'];
      return { ...POINT, ofText: look === 'Start' || look === 'End' };
    }
    case 'Repetition': {
      const { min, max, sub } = kind['@values'][0];
      const inner = measure(sub);
      return {
        ...inner,
        least: inner.least * min,
        most: inner.most === 0 ? 0 : inner.most * (max ?? Number.POSITIVE_INFINITY),
        unbounded: inner.unbounded || (max === undefined && inner.most > 0),
      };
    }
    case 'Capture':
      return measure(kind['@values'][0].sub);
    case 'Concat':
      return kind['@values'][0].map(measure).reduce(joined, POINT);
    case 'Alternation': {
      const branches = kind['@values'][0].map(measure);
      return {
        least: Math.min(...branches.map((one) => one.least)),
        most: Math.max(...branches.map((one) => one.most)),
        unbounded: branches.some((one) => one.unbounded),
        ofText: branches.some((one) => one.ofText),
        impossible: branches.some((one) => one.impossible),
      };
    }
  }
}

function joined(one: Shape, other: Shape): Shape {
  return {
    least: one.least + other.least,
    most: one.most + other.most,
    unbounded: one.unbounded || other.unbounded,
    ofText: one.ofText || other.ofText,
    impossible: one.impossible || other.impossible,
  };
}

function nonAscii(character: string): string {
  const plain = asciiShadow(character);
  return /^[A-Za-z']$/.test(plain)
    ? `has the character ${character}; patterns see ASCII only, so write ${plain}`
    : `has the character ${character}; patterns see ASCII only, and words of other scripts belong into a \`dictionary\``;
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /^look-around/,
    'put what must stand around it into `context`, or match it and name what counts: (?<value>…)',
  ],
  [/^backreferences/, 'write out what may be repeated, or use a `validator`'],
  [
    /^unrecognized flag/,
    'flags are i, m, s and x; there are no atomic groups, conditions, recursion or comments',
  ],
  [
    /^unrecognized escape/,
    'escapes are those of Rust’s regular expressions, such as \\d, \\s, \\w, \\. and (?-u:\\b)',
  ],
  [/exceeds size limit/, 'lower its repeats, and write [0-9] for \\d and [A-Za-z0-9_] for \\w'],
];

/** The engine's message has the pattern, a line of carets below it, and the reason. */
function engineProblem(thrown: unknown, source: string): PatternProblem {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const lines = message.split('\n');
  const error = lines.find((line) => line.startsWith('error: '))?.slice('error: '.length);
  const reason = (error ?? lines[0] ?? '').replace(/\.$/, '') || 'cannot be compiled';
  const hint = HINTS.find(([pattern]) => pattern.test(reason) || pattern.test(message))?.[1];
  const echo = source.includes('\n') ? -1 : lines.indexOf(`    ${source}`);
  const caret = lines[echo + 1]?.indexOf('^') ?? -1;
  return {
    reason: hint === undefined ? reason : `${reason}; ${hint}`,
    ...(echo >= 0 && caret >= 4 && { offset: caret - 4 }),
  };
}

/** The first of these marks outside character classes and escapes. Only says where to look. */
function placeOf(source: string, wanted: RegExp): { readonly offset?: number } {
  const blanked = source.replace(/\\[^Az]|\[\^?\]?[^\]]*\]|\(\?[^)]{0,8}?[:)]/g, (part) =>
    ' '.repeat(part.length),
  );
  const offset = wanted.exec(blanked)?.index;
  return offset === undefined ? {} : { offset };
}
