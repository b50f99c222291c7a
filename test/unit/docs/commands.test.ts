import { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandGroups } from '../../../src/cli/groups.js';
import { commandsIn } from '../../support/doc-commands.js';
import { type DocPage, docPages } from '../../support/doc-pages.js';

/* Every command that a page prints exists, with the options it is given there. */

const pages = docPages();
const program = new Command('sallyport');

beforeAll(async () => {
  for (const [, load] of commandGroups(new AbortController().signal)) (await load())(program);
});

describe('commands in the documentation', () => {
  for (const page of pages) {
    const commands = commandsIn(page);
    if (commands.length === 0) continue;
    it(`${page.path} exist`, () => {
      expect(commands.flatMap((one) => problemsOf(one).map((problem) => `${one}: ${problem}`))).toEqual([]);
    });
  }

  it('finds them where they are, and what is wrong with them', () => {
    const page: DocPage = {
      path: 'x.md',
      prose:
        'See `sallyport audit show ID` and `sallyport held list`; run\n`SALLYPORT_OPERATOR=a sallyport check --json`.',
      blocks: [
        {
          info: 'sh',
          line: 1,
          text: 'sudo -u sallyport sallyport queue list --nonsense   # a remark: sallyport nothing\nsallyport audit export \\\n  --format cef | head\nsallyport held vanish ID\ndocker run sallyport\n',
        },
      ],
    };
    const found = commandsIn(page);
    expect(found).toEqual([
      'queue list --nonsense',
      'audit export --format cef',
      'held vanish ID',
      'audit show ID',
      'held list',
      'check --json',
    ]);
    expect(found.flatMap(problemsOf)).toEqual(['no option --nonsense', 'no command vanish']);
  });

  it('all stand in the README', () => {
    const readme = pages.find(({ path }) => path === 'README.md')?.prose ?? '';
    const table = readme.slice(readme.indexOf('## Commands'), readme.indexOf('## Documentation'));
    const named = new Set([...table.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => spelledOut(code)));
    const missing = leaves(program).filter((path) => !named.has(path));
    expect(missing).toEqual([]);
  });
});

/** `audit hold add · list NAME` as `audit hold add` and `audit hold list`. */
function spelledOut(code: string): readonly string[] {
  const [first = '', ...others] = code
    .replace(/\[[^\]]*\]/g, '')
    .split(' · ')
    .map((part) => part.replace(/ (?:[A-Z-].*)$/, '').trim());
  const group = first.split(' ').slice(0, -1);
  return [first, ...others.map((name) => [...group, name].join(' '))];
}

/** Full names of all commands that have none below them. */
function leaves(command: Command, path: readonly string[] = []): readonly string[] {
  return command.commands.flatMap((one) => {
    const whole = [...path, one.name()];
    return one.commands.length === 0 ? [whole.join(' ')] : leaves(one, whole);
  });
}

function problemsOf(text: string): readonly string[] {
  const words = text
    .replace(/[[\]…·]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const problems: string[] = [];
  let command = program;
  let named = true;
  for (const word of words) {
    if (word.startsWith('-')) {
      const flag = word.split('=')[0] ?? '';
      const known = command.options.some((one) => [one.long, one.short].includes(flag)) || flag === '--help';
      if (/^--?[a-z]/.test(flag) && !known) problems.push(`no option ${flag}`);
      named = false;
      continue;
    }
    if (!named || command.commands.length === 0) continue;
    const next = command.commands.find((one) => one.name() === word);
    if (next !== undefined) command = next;
    else if (command.registeredArguments.length === 0) problems.push(`no command ${word}`);
    if (next === undefined) named = false;
  }
  return problems;
}
