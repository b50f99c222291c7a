import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { placeInWords, plainProblem } from '../../../src/config/plain-words.js';

const said = (schema: z.ZodType, value: unknown): string => {
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue === undefined) throw new Error('nothing is wrong');
  return plainProblem(issue);
};

describe('what the schema library complains of, in plain words', () => {
  it.each<[schema: z.ZodType, value: unknown, words: string]>([
    [z.string(), undefined, 'is missing'],
    [z.string(), 7, 'must be text'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.number(), 'x', 'must be a number'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.array(z.string()), 'x', 'must be a list'],
    [z.strictObject({}), [], 'must be a group of keys'],
    [z.array(z.string()).min(1), [], 'must be a list with at least one entry'],
    [z.array(z.string()).max(2), ['a', 'b', 'c'], 'must be a list with at most 2 entries'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(3), 'a', 'must have at least 3 characters'],
    [z.string().max(1), 'ab', 'must have at most 1 character'],
    [z.int().min(1).max(64), 0, 'must be at least 1'],
    [z.int().min(1).max(64), 65, 'must be at most 64'],
    [z.enum(['enforce', 'shadow']), 'on', 'must be one of enforce, shadow'],
    [z.literal('guaranteed'), 'perhaps', 'must be guaranteed'],
    [z.url({ protocol: /^https?$/ }), 'pickup', 'must be an address that begins with http:// or https://'],
    [z.string().regex(/^a+$/), 'b', 'has characters that may not be in it'],
    [z.string().min(2, { error: 'a name has two letters' }), 'a', 'a name has two letters'],
    [z.union([z.string(), z.literal(1)]), true, 'must be text; or: must be 1'],
    [z.strictObject({ a: z.string() }), { a: 'x', b: 1 }, 'unknown key `b`'],
  ])('%# %j', (schema, value, words) => {
    expect(said(schema, value)).toBe(words);
  });

  it('count values from one, as people do', () => {
    expect(placeInWords(['senders', 0])).toEqual(['senders, value 1']);
    expect(placeInWords([])).toEqual([]);
  });
});
