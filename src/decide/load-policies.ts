import { createHash } from 'node:crypto';
import type { YamlProblem } from '../config/yaml-source.js';
import type { KeySource } from '../model/key.js';
import type { Method } from '../model/method.js';
import { canonicalDomain } from '../shared/address.js';
import { canonicalJson, type Json } from '../shared/canonical-json.js';
import { compileDefault, compileRule } from './compile.js';
import { type CompileContext, NOT_READ } from './compile-context.js';
import { jsonOf } from './json-of.js';
import { lintPolicies } from './lint.js';
import { unusedDetectors } from './lint-detectors.js';
import { type ReadPolicyFile, readPolicyFiles } from './policy-files.js';
import { place } from './policy-problems.js';
import type { PolicySet, Rule } from './policy-set.js';
import { type DetectorTest, readDetectors } from './read-detectors.js';
import { readLists } from './read-lists.js';

export type PolicyLoad =
  | {
      readonly ok: true;
      readonly policy: PolicySet;
      readonly warnings: readonly YamlProblem[];
      /** What the definitions of detectors say that they find and ignore; `runDetectorTests` tries it. */
      readonly detectorTests: readonly DetectorTest[];
    }
  | { readonly ok: false; readonly problems: readonly YamlProblem[] };

const DEFAULT_KEY_SOURCES: readonly KeySource[] = ['imported'];
const DEFAULT_PREFER: readonly Method[] = ['smime', 'pgp', 'tls', 'portal'];

/**
 * Loads all policy files of a folder as one set. Every problem carries file, line and column (relative to the working
 * directory as `dir` is); with any problem nothing is loaded.
 * @param options.detectors names of all shipped detectors; left out, detector names in policies aren't checked
 * @param options.contentNotRead nobody looks into mail: policies that ask for what is found there are refused
 * @param options.now epoch milliseconds, for warnings of expired exceptions; default: the system's clock
 */
export async function loadPolicies(
  dir: string,
  options: {
    readonly detectors?: readonly string[];
    readonly contentNotRead?: boolean;
    readonly now?: number;
  } = {},
): Promise<PolicyLoad> {
  const { files, problems: fileProblems } = await readPolicyFiles(dir);
  const lists = await readLists(files);
  const own = await readDetectors(files, options.detectors);
  const detectors = options.detectors && [...options.detectors, ...own.detectors.map((one) => one.name)];
  const problems: YamlProblem[] = [...fileProblems, ...lists.problems, ...own.problems];
  const rules: { readonly rule: Rule; readonly place: Omit<YamlProblem, 'message'> }[] = [];
  const contentNotRead = options.contentNotRead ?? false;
  if (contentNotRead)
    for (const [name, at] of own.places)
      problems.push({
        ...at,
        message: `the detector \`${name}\` looks for something in mail, and ${NOT_READ}`,
      });
  const once = firstOnly(problems);
  const ruleIds = firstOnly(problems);
  let prefer = DEFAULT_PREFER;
  const preferByDomain = new Map<string, readonly Method[]>();
  let keySources = DEFAULT_KEY_SOURCES;
  const keySourcesByDomain = new Map<string, readonly KeySource[]>();

  for (const file of files) {
    const { source, content } = file;
    const at = (path: readonly PropertyKey[]) => ({ file: source.file, ...source.locate(path) });
    const context = contextOf(file, { lists: lists.lists, detectors, contentNotRead, problems });
    if (content.prefer !== undefined) {
      once('prefer', { file: source.file, ...source.locateKey([], 'prefer') }, '`prefer` may be given once');
      prefer = content.prefer;
    }
    if (content.key_sources !== undefined) {
      const key = { file: source.file, ...source.locateKey([], 'key_sources') };
      once('key_sources', key, '`key_sources` may be given once');
      keySources = content.key_sources;
    }
    const byDomain = <T>(name: string, written: Readonly<Record<string, T>>, into: Map<string, T>) => {
      for (const [text, value] of Object.entries(written)) {
        const key = { file: source.file, ...source.locateKey([name], text) };
        const domain = canonicalDomain(text);
        if (domain === undefined) {
          problems.push({ ...key, message: `${name}: \`${text}\` is not a domain` });
        } else {
          once(`${name} ${domain}`, key, `${name}: ${domain} may be given once`);
          into.set(domain, value);
        }
      }
    };
    byDomain('prefer_by_domain', content.prefer_by_domain ?? {}, preferByDomain);
    byDomain('key_sources_by_domain', content.key_sources_by_domain ?? {}, keySourcesByDomain);
    if (content.default !== undefined) {
      const key = { file: source.file, ...source.locateKey([], 'default') };
      once('default', key, '`default` may be given once');
      const rule = compileDefault(content.default, ['default'], context);
      if (rule !== undefined) rules.push({ rule, place: key });
    }
    content.rules?.forEach((one, i) => {
      const id = at(['rules', i, 'id']);
      ruleIds(one.id, id, `rules.${i}.id: the rule \`${one.id}\` may be defined once`);
      rules.push({ rule: compileRule(one, ['rules', i], context), place: id });
    });
  }
  if (problems.length > 0) return { ok: false, problems: inOrder(problems) };

  const byId = rules.map((one) => one.rule).sort((a, b) => (a.id < b.id ? -1 : 1));
  const policy: PolicySet = {
    prefer,
    preferByDomain,
    keySources,
    keySourcesByDomain,
    rules: byId,
    detectors: own.detectors,
    hash: hashOf(files, lists.content, own.content),
  };
  const lint = lintPolicies(policy, options.now ?? Date.now()).flatMap(({ rule, message }) => {
    const found = rules.find((one) => one.rule === rule);
    return found === undefined ? [] : [{ ...found.place, message }];
  });
  const unused = unusedDetectors(policy).flatMap(({ name }): YamlProblem[] => {
    const at = own.places.get(name);
    return at === undefined ? [] : [{ ...at, message: `no rule looks at what detector \`${name}\` finds` }];
  });
  const warnings = inOrder([...lists.warnings, ...own.warnings, ...lint, ...unused]);
  return { ok: true, policy, warnings, detectorTests: own.tests };
}

function contextOf(
  file: ReadPolicyFile,
  shared: Pick<CompileContext, 'lists' | 'detectors' | 'contentNotRead'> & {
    readonly problems: YamlProblem[];
  },
): CompileContext {
  const { source, name } = file;
  return {
    lists: shared.lists,
    detectors: shared.detectors,
    contentNotRead: shared.contentNotRead,
    problem: (path, message) =>
      shared.problems.push({
        file: source.file,
        ...source.locate(path),
        message: `${place(path)}${message}`,
      }),
    at: (path) => `${name}:${source.locate(path).line}`,
  };
}

function inOrder(problems: readonly YamlProblem[]): readonly YamlProblem[] {
  return [...problems].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

/** Reports whatever comes a second time under the same name, with the place of the first. */
function firstOnly(problems: YamlProblem[]) {
  const seen = new Map<string, string>();
  return (name: string, at: Omit<YamlProblem, 'message'>, message: string) => {
    const before = seen.get(name);
    if (before === undefined) seen.set(name, `${at.file}:${at.line}`);
    else problems.push({ ...at, message: `${message}; it is already at ${before}` });
  };
}

/**
 * SHA-256 (hex) over the content of all files, lists and dictionaries: comments, layout, the order of keys and the tests
 * of detectors don't count.
 */
function hashOf(
  files: readonly ReadPolicyFile[],
  lists: Readonly<Record<string, readonly string[] | null>>,
  dictionaries: Readonly<Record<string, readonly string[]>>,
): string {
  const content = files.map((file) => ({
    name: file.name,
    content: withoutTests(jsonOf(file.source.value)),
  }));
  const extra = Object.keys(dictionaries).length === 0 ? {} : { dictionaries };
  return createHash('sha256')
    .update(canonicalJson({ format: 'sallyport policy set 1', files: content, lists, ...extra }))
    .digest('hex');
}

function withoutTests(file: Json): Json {
  const detectors = isMapping(file) ? file.detectors : undefined;
  if (!isMapping(file) || !Array.isArray(detectors)) return file;
  return { ...file, detectors: detectors.map((one: Json) => (isMapping(one) ? without(one, 'tests') : one)) };
}

function without(mapping: Readonly<Record<string, Json>>, key: string): Json {
  return Object.fromEntries(Object.entries(mapping).filter(([name]) => name !== key));
}

function isMapping(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
