import { expect, it } from 'vitest';
import { readYaml } from '../../../src/config/yaml-source.js';

function problemsOf(text: string): readonly string[] {
  const read = readYaml(text, 'site.yaml');
  return read.ok ? [] : read.problems.map((one) => `${one.line}:${one.column}: ${one.message}`);
}

it.each<[mistake: string, text: string, place: string, help: RegExp]>([
  ['a tab', 'a:\n\tb: 1\n', '2:1', /tab.*spaces/],
  ['one key twice', 'a: 1\na: 2\n', '2:1', /twice/],
  ['a line too deep', 'a: 1\nb: text\n   c: 2\n', '2:4', /indent this line and the next/],
  ['a colon in text', 'name: Example: Clinic\n', '1:7', /`: ` in it in quotes/],
  ['a colon without a blank', 'a:1\nb: 2\n', '1:1', /blank behind its colon/],
  ['a column of its own', 'a:\n   b: 1\n  c: 2\n', '3:1', /begin in the same column/],
  ['an entry without a dash', 'a:\n  - x: 1\n   y: 2\n', '3:1', /`- `/],
  ['brackets left open', 'a: [x, y\nb: 1\n', '2:1', /end with a \]/],
  ['a star', 'a: [*]\n', '1:5', /begins with \* .*in quotes/],
  ['a star before a domain', 'a: *.lab.example\n', '1:4', /begins with \* in quotes/],
  ['an at sign', 'a: @clinic.example\n', '1:4', /in quotes/],
  ['a mark that means a tag', 'a: !x\n', '1:4', /begins with ! .*in quotes/],
  ['a backslash in double quotes', 'a: "\\d{3}"\n', '1:5', /single quotes/],
  ['an apostrophe', "a: 'it's'\n", '1:8', /behind the end of a text in quotes/],
  ['two documents', 'a: 1\n---\nb: 2\n', '2:1', /---/],
])('says once, and to people, what is wrong: %s', (_, text, place, help) => {
  const problems = problemsOf(text);
  expect(problems).toEqual([expect.stringMatching(help)]);
  expect(problems[0]).toMatch(new RegExp(`^${place}: `));
});

it('speaks of nothing else while tabs make the rest unreadable', () => {
  const problems = problemsOf('a:\n  b: 1\n\tc: 2\n  d: 3\n');
  expect(problems.length).toBeGreaterThan(0);
  for (const one of problems) expect(one).toMatch(/tab/);
});
