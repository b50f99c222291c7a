import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { wordList } from '../../src/inspect/detect/word-lists.js';
import { type Row, readDataFolder } from '../eval/rows.js';

/** A made-up mail with placeholders for names: `{p.full}`, `{a.f.last}`. */
export interface Form {
  readonly id: string;
  readonly isCare: boolean;
  readonly subject: string;
  readonly body: string;
}

/** What one writer wrote, who saw nothing of what the others did. */
export interface Writer {
  readonly name: string;
  readonly forms: readonly Form[];
}

const MAIL = 'scripts/care-model/mail';
/** Among it letters, with the names that they are measured with. */
const OWN = 'test/eval/own';
const LETTERS = /^letters_\d+$/;

/** All forms, a file for each writer. */
export async function writers(): Promise<readonly Writer[]> {
  const [mail = [], own = []] = await Promise.all([readDataFolder(MAIL), readDataFolder(OWN)]);
  const files = [...mail, ...own.filter(({ name }) => LETTERS.test(name))];
  return files.map(({ name, rows }) => ({ name, forms: rows.flatMap(formOf) }));
}

function formOf({ id, label, text }: Row): readonly Form[] {
  // A name and a number, but nothing of health: neither of the two.
  if (label !== 'phi' && label !== 'not_phi') return [];
  const [, subject = '', body = text] = /^Subject:([^\n]*)\n+([\s\S]*)$/.exec(text) ?? [];
  return [{ id, isCare: label === 'phi', subject: subject.trim(), body }];
}

/** Gives numbers from 0 to 1 that look like chance and are the same every time (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The most frequent names of the 1990 census (United States Census Bureau, public domain). */
const FREQUENT = z
  .object({ family: z.array(z.string()), female: z.array(z.string()), male: z.array(z.string()) })
  .parse(JSON.parse(readFileSync(new URL('names.json', import.meta.url), 'utf8')));
const FAMILY = wordList('family-names');
const GIVEN = wordList('given-names');
/** So many names are frequent ones. */
const FREQUENT_SHARE = 0.7;

/** A form with names put in for its placeholders: the same person the same name everywhere. */
export function filled({ id, isCare, subject, body }: Form, random: () => number): Form {
  const sexes = new Map(
    [...`${subject}\n${body}`.matchAll(/\{([a-z])\.([mf])\./g)].map(([, who, sex]) => [who, sex]),
  );
  const people = new Map<string, { readonly first: string; readonly last: string }>();
  const one = (frequent: readonly string[], all: readonly string[]) => {
    const list = random() < FREQUENT_SHARE ? frequent : all;
    return capitalised(list[Math.floor(random() * list.length)] ?? '');
  };
  const fill = (text: string) =>
    text.replaceAll(/\{([a-z])(?:\.[mf])?\.(\w+)\}/g, (_, who: string, form: string) => {
      let person = people.get(who);
      if (person === undefined) {
        const sex = sexes.get(who) ?? (random() < 0.5 ? 'm' : 'f');
        person = {
          first: one(sex === 'm' ? FREQUENT.male : FREQUENT.female, GIVEN),
          last: one(FREQUENT.family, FAMILY),
        };
        people.set(who, person);
      }
      return written(person.first, person.last, form);
    });
  return { id, isCare, subject: fill(subject), body: fill(body) };
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function written(first: string, last: string, form: string): string {
  const full = `${first} ${last}`;
  switch (form) {
    case 'first':
      return first;
    case 'last':
      return last;
    case 'full':
      return full;
    case 'filed':
      return `${last}, ${first}`.toUpperCase();
    case 'filedlow':
      return `${last}, ${first}`;
    case 'lower':
      return full.toLowerCase();
    case 'firstlower':
      return first.toLowerCase();
    case 'upper':
      return full.toUpperCase();
    case 'initials':
      return `${first.charAt(0)}.${last.charAt(0)}.`;
    case 'init':
      return `${first.charAt(0)}. ${last}`;
    default:
      throw new Error(`no form of a name: ${form}`);
  }
}
