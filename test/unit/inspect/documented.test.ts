import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const SOURCES = new URL('../../../src/inspect/', import.meta.url);
const page = readFileSync(new URL('../../../docs/reading-mail.md', import.meta.url), 'utf8');

describe('the documentation of ambiguities', () => {
  it('has every name that a message can get', () => {
    const names = readdirSync(SOURCES)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [
        ...readFileSync(new URL(file, SOURCES), 'utf8').matchAll(
          /(?:material|harmless)\)?\(\s*(?:[^()'`]*\? )?'([a-z0-9-]+)'/g,
        ),
      ])
      .map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(50);
    expect([...new Set(names)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
