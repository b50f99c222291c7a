import { readdirSync, readFileSync } from 'node:fs';

/** Gives a text of one language, with `{name}` in it replaced. Templates escape it; nothing in it is markup. */
export type TextsOf<Key extends string> = (
  key: Key,
  values?: Readonly<Record<string, string | number>>,
) => string;

const LOCALE = /^([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.json$/;

/** The languages of a folder as BCP 47 tags, sorted: each is a file there, and nothing else names them. */
export function languagesIn(folder: URL): readonly string[] {
  return readdirSync(folder)
    .flatMap((name) => LOCALE.exec(name)?.[1] ?? [])
    .sort();
}

/**
 * The texts of a folder by language; English where the tag isn't one of its files. Other files are held to English's
 * names and placeholders by a test.
 * @param what whose texts they are, for errors
 */
export function textsIn<Key extends string>(
  folder: URL,
  what: string,
  languages: readonly string[],
): (language: string) => TextsOf<Key> {
  const loaded = new Map<string, TextsOf<Key>>();
  return (language) => {
    const tag = languages.includes(language) ? language : 'en';
    let found = loaded.get(tag);
    if (found === undefined) {
      found = compile(read(new URL(`${tag}.json`, folder), tag), what);
      loaded.set(tag, found);
    }
    return found;
  };
}

function compile<Key extends string>(own: ReadonlyMap<string, string>, what: string): TextsOf<Key> {
  return (key, values = {}) => {
    const text = own.get(key);
    if (text === undefined) throw new Error(`${what} has no text named ${key}`);
    return text.replace(/\{([a-z_]+)\}/gi, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the text ${key} needs a value for {${name}}`);
      return String(value);
    });
  };
}

function read(file: URL, tag: string): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
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
  languages: readonly string[],
): string {
  if (chosen !== undefined && languages.includes(chosen)) return chosen;
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
    const found = languages.find((one) => one.toLowerCase() === tag || one === tag.split('-')[0]);
    if (found !== undefined) return found;
  }
  return fallback;
}
