import { patternProblem } from '../inspect/detect/custom/check-pattern.js';
import { foldEntry } from '../inspect/detect/custom/fold-words.js';
import type { CustomDetector } from '../inspect/detect/custom/types.js';
import { VALIDATORS } from '../inspect/detect/validators.js';
import { didYouMean } from '../shared/suggest.js';
import type { Path } from './compile-context.js';
import type { DetectorSource } from './detector-schema.js';
import { many } from './one-or-many.js';

/**
 * Compiles one definition; what can't be compiled is reported, and then the result must not be used.
 * @param dictionary its entries as `CustomDetector.dictionary`
 * @param problem reports a problem at a path below the definition's
 */
export function compileDetector(
  source: DetectorSource,
  dictionary: string,
  problem: (path: Path, message: string) => void,
): CustomDetector {
  const patterns = source.pattern === undefined ? [] : many(source.pattern);
  checkWhole(source, problem);
  patterns.forEach((pattern, i) => {
    const wrong = patternProblem(pattern);
    if (wrong === undefined) return;
    const where = wrong.offset === undefined ? '' : ` (at character ${wrong.offset + 1})`;
    problem(at('pattern', source.pattern, i), `cannot be used: ${wrong.reason}${where}`);
  });
  if (source.validator !== undefined && !Object.hasOwn(VALIDATORS, source.validator)) {
    const names = Object.keys(VALIDATORS);
    const known = didYouMean(source.validator, names) || `; there are ${names.join(', ')}`;
    problem(['validator'], `no validator is named \`${source.validator}\`${known}`);
  }
  const words = (key: 'context' | 'suppress'): readonly string[] => {
    const written = source[key];
    return (written === undefined ? [] : many(written)).flatMap((word, i): readonly string[] => {
      const entry = foldEntry(word);
      if (entry.ok) return entry.forms;
      problem(at(key, written, i), `this entry ${entry.reason}`);
      return [];
    });
  };
  return {
    name: source.name,
    class: source.class,
    ...(source.safe_harbor !== undefined && { safeHarbor: source.safe_harbor }),
    description: source.description,
    ...(source.identifies !== undefined && { identifies: source.identifies }),
    showsHealth: source.shows_health,
    patterns,
    dictionary,
    ...(source.validator !== undefined && { validator: source.validator }),
    context: words('context'),
    suppress: words('suppress'),
    window: source.within,
    confidence: confidenceOf(source),
    mask: source.mask ?? (source.class === 'credential' ? 'hidden' : 'all'),
  };
}

function at(key: string, written: unknown, index: number): Path {
  return Array.isArray(written) ? [key, index] : [key];
}

function confidenceOf({ confidence, context }: DetectorSource): CustomDetector['confidence'] {
  if (typeof confidence === 'string') return { alone: confidence, withContext: confidence };
  if (confidence !== undefined) return { alone: confidence.alone, withContext: confidence.with_context };
  return context === undefined
    ? { alone: 'medium', withContext: 'medium' }
    : { alone: 'low', withContext: 'high' };
}

const RANK = { ignore: -1, low: 0, medium: 1, high: 2 } as const;

/** Keys that make sense only beside others. */
function checkWhole(source: DetectorSource, problem: (path: Path, message: string) => void): void {
  const { pattern, dictionary, context, confidence } = source;
  if (pattern === undefined && dictionary === undefined) {
    problem(['name'], `detector \`${source.name}\` finds nothing: give it a \`pattern\` or a \`dictionary\``);
  }
  if (source.validator !== undefined && pattern === undefined) {
    problem(['validator'], '`validator` goes with `pattern`; entries of a dictionary are taken as they are');
  }
  if (source.identifies !== undefined && (source.class === 'health' || source.class === 'credential')) {
    problem(['identifies'], '`identifies` goes with `class: identifier` or `financial`');
  }
  if (source.shows_health && source.identifies === undefined) {
    problem(['shows_health'], '`shows_health` needs `identifies`: a number that shows whose care it is');
  }
  if (typeof confidence === 'string' && context !== undefined) {
    problem(
      ['confidence'],
      'with `context` it is two: { alone: …, with_context: … }; otherwise the context says nothing',
    );
  }
  if (typeof confidence === 'object') {
    if (context === undefined) problem(['confidence'], '`alone` and `with_context` go with `context`');
    else if (RANK[confidence.alone] >= RANK[confidence.with_context]) {
      problem(['confidence'], '`with_context` must be higher than `alone`');
    }
  }
  if (source.tests !== undefined && !source.tests.finds?.length && !source.tests.ignores?.length) {
    problem(['tests'], 'tests nothing: give `finds` or `ignores`');
  }
}
