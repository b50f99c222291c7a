import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldEntry, wordUnits } from '../../../../../src/inspect/detect/custom/fold-words.js';
import { phraseTable } from '../../../../../src/inspect/detect/custom/phrase-table.js';
import { normalise } from '../../../../../src/inspect/normalise.js';
import { watchProcessor } from '../../../../support/processor-time.js';

const fold = (written: string): readonly string[] => {
  const entry = foldEntry(written);
  if (!entry.ok) throw new Error(entry.reason);
  return entry.forms;
};
const table = (...lists: (readonly string[])[]) =>
  phraseTable(
    lists.map((list) =>
      list
        .flatMap(fold)
        .map((phrase) => `${phrase}\n`)
        .join(''),
    ),
  );
const seen = (text: string, ...lists: (readonly string[])[]) => {
  const read = normalise(text).text;
  return table(...lists)
    .find(read)
    .map(({ list, start, end }) => `${list}:${read.slice(start, end)}`);
};

describe('a phrase is found', () => {
  it.each<[string, string, string, string[]]>([
    ['as a whole word', 'Heron', 'the heron, herons, aheron', ['0:heron']],
    ['in any case', 'Blue Heron', 'BLUE hErOn', ['0:BLUE hErOn']],
    ['over a line break', 'Blue Heron', 'Blue\r\nHeron', ['0:Blue\nHeron']],
    ['with a hyphen', 'Blue Heron', 'blue-heron', ['0:blue-heron']],
    ['in a file name', 'Blue Heron', 'x_blue_heron.pdf', ['0:blue_heron']],
    ['written with points', 'A.B. Trust', 'the AB Trust, a. b. trust', ['0:a. b. trust']],
    ['with and without marks', 'Zoë Łuk', 'zoe luk, ZOË ŁUK', ['0:zoe luk', '0:ZOË ŁUK']],
    ['with a sharp s', 'Straße', 'STRAßE strase', ['0:STRAßE', '0:strase']],
    ['with SS for a sharp s', 'Straße', 'STRASSE', ['0:STRASSE']],
    ['with digits', 'STU 4711', 'STU-4711 STU 47110', ['0:STU-4711']],
    ['not over an empty line', 'Blue Heron', 'Blue\n\nHeron', []],
    ['not over five characters', 'Blue Heron', 'Blue ---- Heron, blue -- heron', ['0:blue -- heron']],
    ['not with a word between', 'Blue Heron', 'blue old heron', []],
    ['with invisible characters within', 'Heron', 'her\u200bon her\u00adon', ['0:heron', '0:heron']],
    ['in full-width letters', 'Heron 9', 'Ｈｅｒｏｎ　９', ['0:Heron 9']],
  ])('%s', (_how, phrase, text, expected) => {
    expect(seen(text, [phrase])).toEqual(expected);
  });

  it.each([
    ['Москва', 'в МОСКВА, москва, Москва; Москвы'],
    ['ΜΟΝΑΣ', 'μονας Μονας ΜΟΝΑΣ'],
    ['Բարեւ', 'բարեւ Բարեւ'],
  ])('in the cases of its script: %s', (phrase, text) => {
    // Letters that look like Latin ones are read as those, capitals and small letters differently.
    const places = table([phrase]).find(normalise(text).text);
    expect(places.length).toBe(text.split(' ').filter((word) => !/^(?:в|Москвы)$/.test(word)).length);
  });

  it.each([
    ['Проект Орёл', 'проект орел; Проект Орёл; ПРОЕКТ ОРЕЛ; ПРОЕКТ ОРЁЛ; проект орёл'],
    ['проект орел', 'Проект Орёл; ПРОЕКТ ОРЁЛ; проект орёл'],
    ['Οδυσσεύς', 'Οδυσσεύς; ΟΔΥΣΣΕΥΣ; ΟΔΥΣΣΕΎΣ; οδυσσευς'],
    ['Straße', 'STRAẞE; straße; Strasse; STRASSE'],
    ['GROẞ', 'groß; GROẞ'],
  ])('with and without the marks of its script: %s', (phrase, text) => {
    expect(table([phrase]).find(normalise(text).text).length).toBe(text.split(';').length);
  });

  it('the longest of each list, at each word where one begins', () => {
    const lists = [['blue', 'blue heron', 'heron nest'], ['blue heron'], ['heron']];
    expect(seen('blue heron nest', ...lists)).toEqual([
      '0:blue heron',
      '1:blue heron',
      '2:heron',
      '0:heron nest',
    ]);
  });

  it('not at all without phrases', () => {
    expect(phraseTable([]).find('blue heron')).toEqual([]);
    expect(phraseTable(['', '']).find('blue heron')).toEqual([]);
  });
});

describe('phraseTable', () => {
  it('finds what a search for each phrase by itself finds', () => {
    const word = fc.constantFrom('ab', 'a', 'abc', 'b1', 'ba', 'cab');
    const phrase = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    const gap = fc.constantFrom(' ', '-', '\n', '\n\n', ', ', ' (', '.....', '    ');
    const text = fc
      .array(fc.tuple(word, gap), { maxLength: 30 })
      .map((pieces) => pieces.map(([one, behind]) => one + behind).join(''));
    fc.assert(
      fc.property(fc.array(fc.array(phrase, { maxLength: 6 }), { maxLength: 3 }), text, (lists, searched) => {
        const found = phraseTable(lists.map((list) => list.map((one) => `${one}\n`).join(''))).find(searched);
        expect([...found].sort(order)).toEqual(naive(lists, searched).sort(order));
      }),
      { numRuns: 200 },
    );
  });

  it('takes time linear in the text, whatever it repeats', () => {
    const phrases = Array.from({ length: 12 }, (_, i) => `${'aa '.repeat(i)}aa`);
    const one = table(phrases);
    const work = watchProcessor();
    expect(one.find('aa '.repeat(100_000)).length).toBe(100_000);
    expect(one.find('a'.repeat(1_000_000))).toEqual([]);
    work.expectBelow(5_000);
  });
});

interface Found {
  readonly list: number;
  readonly start: number;
  readonly end: number;
}

const order = (a: Found, b: Found) => a.start - b.start || a.list - b.list;

function naive(lists: readonly (readonly string[])[], text: string): Found[] {
  const units = wordUnits();
  const isWord = (at: number) => at >= 0 && at < text.length && units[text.charCodeAt(at)] !== 0;
  const best = new Map<string, Found>();
  lists.forEach((list, index) => {
    for (const phrase of list) {
      const source = phrase.split(' ').join('(?:(?!\\n\\n)[^a-z0-9]){1,4}');
      for (let start = 0; start < text.length; start++) {
        const match = new RegExp(source, 'y');
        match.lastIndex = start;
        if (!match.test(text) || isWord(start - 1) || isWord(match.lastIndex)) continue;
        const key = `${index} ${start}`;
        if ((best.get(key)?.end ?? 0) < match.lastIndex)
          best.set(key, { list: index, start, end: match.lastIndex });
      }
    }
  });
  return [...best.values()];
}
