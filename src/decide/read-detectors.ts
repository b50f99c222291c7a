import { dirname, join } from 'node:path';
import type { YamlProblem } from '../config/yaml-source.js';
import type { CustomDetector } from '../inspect/detect/custom/types.js';
import { compilePatterns } from '../inspect/detect/patterns.js';
import { CLASSIFICATIONS, type Confidence } from '../model/inspection.js';
import { errorText } from '../shared/errors.js';
import { compileDetector } from './compile-detector.js';
import type { DetectorSource } from './detector-schema.js';
import type { ReadPolicyFile } from './policy-files.js';
import { place } from './policy-problems.js';
import { type Dictionary, dictionaryFile, inlineDictionary } from './read-dictionary.js';

/** A text of a definition's `tests`. */
export interface DetectorTest {
  readonly detector: string;
  /** Place of the text in the policy file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly expects: 'finds' | 'ignores';
  readonly confidence?: Confidence;
}

/** The detectors of all policy files. */
export interface ReadDetectors {
  readonly detectors: readonly CustomDetector[];
  readonly tests: readonly DetectorTest[];
  /** Where each name stands. */
  readonly places: ReadonlyMap<string, Omit<YamlProblem, 'message'>>;
  /** Entries of dictionary files by detector, for the hash of the set. */
  readonly content: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly YamlProblem[];
  readonly warnings: readonly YamlProblem[];
}

const MOST_DETECTORS = 200;
const MOST_ENTRIES = 1_000_000;
/** Further names of the relay's own: policies, the audit log and its search know them already. */
const RESERVED: readonly string[] = ['roster', ...CLASSIFICATIONS];

/**
 * Reads and checks what the files define. A dictionary that can't be read is a problem and not a warning: a detector
 * that finds less than it was written for would call messages clean.
 * @param shipped names of the shipped detectors; undefined: not known here, and not checked
 */
export async function readDetectors(
  files: readonly ReadPolicyFile[],
  shipped: readonly string[] | undefined,
): Promise<ReadDetectors> {
  const detectors: CustomDetector[] = [];
  const tests: DetectorTest[] = [];
  const content: [string, readonly string[]][] = [];
  const problems: YamlProblem[] = [];
  const warnings: YamlProblem[] = [];
  const places = new Map<string, Omit<YamlProblem, 'message'>>();
  let entries = 0;
  for (const file of files) {
    for (const [i, definition] of (file.content.detectors ?? []).entries()) {
      const path = ['detectors', i];
      const at = (below: readonly PropertyKey[]) => ({
        file: file.source.file,
        ...file.source.locate([...path, ...below]),
      });
      const problem = (below: readonly PropertyKey[], message: string) =>
        problems.push({ ...at(below), message: `${place([...path, ...below])}${message}` });
      const { name } = definition;
      const before = places.get(name);
      if (before !== undefined) {
        const already = `${before.file}:${before.line}`;
        problem(['name'], `the detector \`${name}\` may be defined once; it is already at ${already}`);
      } else if (shipped?.includes(name) || RESERVED.includes(name)) {
        problem(
          ['name'],
          `\`${name}\` is a name of Sallyport’s own; put a word of yours in front, such as \`clinic-${name}\``,
        );
      } else places.set(name, at(['name']));
      if (places.size === MOST_DETECTORS + 1) {
        problem(
          ['name'],
          `there are more than ${MOST_DETECTORS} detectors; put words that belong together into one`,
        );
      }
      const dictionary = await readDictionary(file, definition, path);
      problems.push(...dictionary.problems);
      if (entries <= MOST_ENTRIES && entries + dictionary.entries > MOST_ENTRIES) {
        problem(['dictionary'], `all dictionaries together hold more than ${MOST_ENTRIES} entries`);
      }
      entries += dictionary.entries;
      if (isFile(definition)) content.push([name, dictionary.written]);
      detectors.push(compileDetector(definition, dictionary.folded, problem));
      tests.push(...testsOf(definition, at));
      if (definition.tests === undefined) {
        warnings.push({
          ...at(['name']),
          message: `detector \`${name}\` has no \`tests\`: give it texts that it finds and texts that it ignores`,
        });
      }
    }
  }
  if (problems.length === 0) problems.push(...tooLarge(files, detectors));
  return { detectors, tests, places, content: Object.fromEntries(content), problems, warnings };
}

function isFile({ dictionary }: DetectorSource): boolean {
  return dictionary !== undefined && !Array.isArray(dictionary);
}

const NO_DICTIONARY: Dictionary = { folded: '', entries: 0, written: [], problems: [] };

async function readDictionary(
  { source }: ReadPolicyFile,
  { dictionary }: DetectorSource,
  path: readonly PropertyKey[],
): Promise<Dictionary> {
  if (dictionary === undefined) return NO_DICTIONARY;
  const problem = (key: PropertyKey, message: string): YamlProblem => {
    const below = [...path, 'dictionary', key];
    return { file: source.file, ...source.locate(below), message: `${place(below)}${message}` };
  };
  if (Array.isArray(dictionary)) return inlineDictionary(dictionary, problem);
  const read = await dictionaryFile(join(dirname(source.file), dictionary.file));
  if (read.ok) return read.dictionary;
  const message = `\`${dictionary.file}\` cannot be used: ${read.reason}`;
  return { ...NO_DICTIONARY, problems: [problem('file', message)] };
}

function testsOf(
  { name, tests }: DetectorSource,
  at: (below: readonly PropertyKey[]) => {
    readonly file: string;
    readonly line: number;
    readonly column: number;
  },
): readonly DetectorTest[] {
  return [
    ...(tests?.finds ?? []).map(
      (one, i): DetectorTest => ({
        detector: name,
        ...at(['tests', 'finds', i]),
        expects: 'finds',
        ...(typeof one === 'string'
          ? { text: one }
          : { text: one.text, ...(one.confidence !== undefined && { confidence: one.confidence }) }),
      }),
    ),
    ...(tests?.ignores ?? []).map(
      (text, i): DetectorTest => ({
        detector: name,
        ...at(['tests', 'ignores', i]),
        expects: 'ignores',
        text,
      }),
    ),
  ];
}

/** Each pattern can be compiled, but all of them as one set may be too large for the engine. */
function tooLarge(
  files: readonly ReadPolicyFile[],
  detectors: readonly CustomDetector[],
): readonly YamlProblem[] {
  const first = files.find((file) => file.content.detectors !== undefined);
  const patterns = detectors.flatMap((one) => one.patterns);
  if (first === undefined || patterns.length === 0) return [];
  try {
    compilePatterns(patterns).dispose();
    return [];
  } catch (error) {
    return [
      {
        file: first.source.file,
        ...first.source.locateKey([], 'detectors'),
        message: `the patterns of all detectors together cannot be compiled (${errorText(error)}); lower their repeats, and write [0-9] for \\d and [A-Za-z0-9_] for \\w`,
      },
    ];
  }
}
