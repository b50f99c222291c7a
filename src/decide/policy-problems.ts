import type { z } from 'zod';
import type { YamlProblem, YamlSource } from '../config/yaml-source.js';
import { didYouMean } from '../shared/suggest.js';

type Issue = z.core.$ZodIssue;

/** Which keys a mapping at a path may have; undefined when it isn't known. */
export type KeysAt = (path: readonly PropertyKey[]) => readonly string[] | undefined;

/** Turns zod's issues into problems in plain words, at their place, with the nearest known key or value. */
export function describeIssues(
  source: YamlSource,
  error: z.ZodError,
  keysAt: KeysAt,
): readonly YamlProblem[] {
  return error.issues.flatMap((issue) => describe(source, issue, [], keysAt));
}

/**
 * Keys named `__proto__` anywhere in the file: schemas may pass over them, so they are looked for by hand.
 */
export function forbiddenKeys(source: YamlSource): readonly YamlProblem[] {
  const problems: YamlProblem[] = [];
  const walk = (value: unknown, path: readonly PropertyKey[]) => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      if (key === '__proto__') {
        problems.push({
          file: source.file,
          ...source.locateKey(path, key),
          message: 'the key `__proto__` is not accepted',
        });
      } else {
        walk(Object.getOwnPropertyDescriptor(value, key)?.value, [
          ...path,
          Array.isArray(value) ? Number(key) : key,
        ]);
      }
    }
  };
  walk(source.value, []);
  return problems;
}

function describe(
  source: YamlSource,
  issue: Issue,
  base: readonly PropertyKey[],
  keysAt: KeysAt,
): readonly YamlProblem[] {
  const path = [...base, ...issue.path];
  const at = (message: string): YamlProblem => ({
    file: source.file,
    ...source.locate(path),
    message: `${place(path)}${message}`,
  });
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .filter((key) => key !== '__proto__')
        .map((key) => ({
          file: source.file,
          ...source.locateKey(path, key),
          message: `${place(path)}unknown key \`${key}\`${didYouMean(key, keysAt(path) ?? [])}`,
        }));
    case 'invalid_union': {
      const input = valueAt(source.value, path);
      if (input === undefined) return [at(missing(path))];
      const branches = issue.errors.filter((issues) => !issues.some((one) => isWrongType(one)));
      const best = branches.sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
      if (best !== undefined && typeof input === 'object') {
        return best.flatMap((one) => describe(source, one, path, keysAt));
      }
      const words = issue.errors.flat().flatMap((one) => (one.path.length === 0 ? expectation(one) : []));
      const values = issue.errors
        .flat()
        .flatMap((one) =>
          one.path.length === 0 && one.code === 'invalid_value' ? one.values.map(String) : [],
        );
      const suggestion = typeof input === 'string' ? didYouMean(input, values) : '';
      return [at(`must be ${[...new Set(words)].join(' or ')}${suggestion}`)];
    }
    case 'invalid_value': {
      const input = valueAt(source.value, path);
      if (input === undefined) return [at(missing(path))];
      if (!/^Invalid /.test(issue.message)) return [at(issue.message)];
      const values = issue.values.map(String);
      return [at(`must be ${alternatives(values)}${didYouMean(String(input), values)}`)];
    }
    case 'invalid_type': {
      if (valueAt(source.value, path) === undefined && path.length > 0) return [at(missing(path))];
      return [at(`must be ${expectation(issue).join(' or ')}`)];
    }
    case 'invalid_key':
      return [at('is not an accepted key')];
    default:
      return [at(issue.message)];
  }
}

/** A dotted path and a colon, for the front of a message. */
export function place(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')}: `;
}

function missing(path: readonly PropertyKey[]): string {
  return `\`${String(path.at(-1))}\` is missing`;
}

// A branch of a union is out when the value isn't even of its kind (text, list, mapping).
function isWrongType(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function depth(issues: readonly Issue[]): number {
  return Math.max(...issues.map((one) => one.path.length));
}

function expectation(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return [alternatives(issue.values.map(String))];
  if (issue.code !== 'invalid_type') return [];
  switch (issue.expected) {
    case 'string':
      return ['text'];
    case 'array':
      return ['a list'];
    case 'object':
    case 'record':
      return ['a mapping'];
    case 'int':
    case 'number':
      return ['a whole number'];
    case 'boolean':
      return ['true or false'];
    default:
      return [issue.expected];
  }
}

function alternatives(values: readonly string[]): string {
  if (values.length === 1) return `\`${values[0]}\``;
  return `one of ${values.join(', ')}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.getOwnPropertyDescriptor(current, key)?.value;
  }
  return current;
}
