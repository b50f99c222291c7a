import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
};

const JARGON = /^(?:Invalid|Too small|Too big|Unrecognized)/;

/** What is wrong with a value and what it must be, without the schema library's jargon. Never quotes the value. */
export function plainProblem(issue: z.core.$ZodIssue): string {
  // What the schema says in words of its own needs none of ours.
  if (!JARGON.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return 'is missing';
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.minimum, 'least');
    case 'too_big':
      return bound(issue.origin, issue.maximum, 'most');
    case 'invalid_format':
      if (issue.format === 'url') return 'must be an address that begins with http:// or https://';
      return 'has characters that may not be in it';
    case 'invalid_union':
      return issue.errors.length === 0 ? noSuchKind(issue) : unionProblem(issue);
    case 'unrecognized_keys':
      return `unknown key ${issue.keys.map((key) => `\`${key}\``).join(', ')}`;
    default:
      return issue.message;
  }
}

/** Where a value stands, for a person who gave it as an option: `senders, value 2`. Empty for the whole. */
export function placeInWords(path: readonly PropertyKey[]): readonly string[] {
  const words = path.map((one) => (typeof one === 'number' ? `value ${one + 1}` : String(one)));
  return words.length === 0 ? [] : [words.join(', ')];
}

/** Every problem of a value that somebody gave, on one line. */
export function problemsInWords({ issues }: z.core.$ZodError): string {
  return issues.map((issue) => [...placeInWords(issue.path), plainProblem(issue)].join(': ')).join('; ');
}

function bound(origin: string, limit: number | bigint, side: 'least' | 'most'): string {
  if (origin === 'string')
    return side === 'least' && limit === 1
      ? 'must not be empty'
      : `must have at ${side} ${limit} character${limit === 1 ? '' : 's'}`;
  if (origin === 'array')
    return `must be a list with at ${side} ${limit === 1 ? 'one entry' : `${limit} entries`}`;
  return `must be at ${side} ${limit}`;
}

/** Of several forms that a value may have: what each of them misses. */
function unionProblem(issue: z.core.$ZodIssueInvalidUnion): string {
  const forms = issue.errors.map((form) => [...new Set(form.map(placedProblem))].join(', '));
  return [...new Set(forms)].join('; or: ');
}

/** A value that says which form the others have, and says none that there is. */
function noSuchKind(issue: z.core.$ZodIssueInvalidUnion): string {
  const kinds = 'options' in issue ? (issue.options ?? []) : [];
  return kinds.length === 0
    ? 'fits none of the forms that there are'
    : `must be one of ${kinds.map(String).join(', ')}`;
}

function placedProblem(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return `${path === '' ? '' : `\`${path}\` `}${plainProblem(issue)}`;
}
