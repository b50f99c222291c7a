import { readFileSync } from 'node:fs';
import { PORTAL_LANGUAGES } from '../model/portal-language.js';

/** The names of all texts that people see; English has every one. */
export type TextKey = keyof typeof import('./locales/en.json');

/** Gives a text of one language, with `{name}` in it replaced. Templates escape it; nothing in it is markup. */
export type Texts = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

const FOLDER = new URL('./locales/', import.meta.url);
const loaded = new Map<string, Texts>();

/**
 * The texts of a language; English where the tag isn't one of PORTAL_LANGUAGES. Other files are held to English's names
 * and placeholders by a test.
 */
export function texts(language: string): Texts {
  const tag = PORTAL_LANGUAGES.includes(language) ? language : 'en';
  let found = loaded.get(tag);
  if (found === undefined) {
    found = compile(read(tag));
    loaded.set(tag, found);
  }
  return found;
}

function compile(own: ReadonlyMap<string, string>): Texts {
  return (key, values = {}) => {
    const text = own.get(key);
    if (text === undefined) throw new Error(`the portal has no text named ${key}`);
    return text.replace(/\{([a-z_]+)\}/gi, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the text ${key} needs a value for {${name}}`);
      return String(value);
    });
  };
}

function read(tag: string): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(readFileSync(new URL(`${tag}.json`, FOLDER), 'utf8'));
  if (typeof parsed !== 'object' || parsed === null)
    throw new Error(`the locale ${tag} is not a JSON object`);
  return new Map(
    Object.entries(parsed).map(([key, value]: [string, unknown]) => {
      if (typeof value !== 'string')
        throw new Error(`the locale ${tag} has something other than a text at ${key}`);
      return [key, value];
    }),
  );
}

/**
 * The language for a visitor: what was chosen, else the first of the browser's that is there (RFC 9110 12.5.4), else the
 * fallback.
 */
export function chooseLanguage(
  chosen: string | undefined,
  acceptLanguage: string | undefined,
  fallback: string,
): string {
  if (chosen !== undefined && PORTAL_LANGUAGES.includes(chosen)) return chosen;
  const wished = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const weight = parameters.map((one) => /^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(one)?.[1]).find(Boolean);
      return { tag: tag.trim(), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => tag !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wished) {
    const found = PORTAL_LANGUAGES.find((one) => one.toLowerCase() === tag || one === tag.split('-')[0]);
    if (found !== undefined) return found;
  }
  return fallback;
}
