import { createSecureContext } from 'node:tls';

/** Words of OpenSSL's cipher lists, alone or in the name of a suite, that stand for no protection or a broken one. */
const WEAK: ReadonlySet<string> = new Set([
  'NULL',
  'ENULL',
  'ANULL',
  'ANON',
  'ADH',
  'AECDH',
  'EXP',
  'EXPORT',
  'EXPORT40',
  'EXPORT56',
  'LOW',
  'RC2',
  'RC4',
  'MD5',
  'DES',
  '3DES',
  'COMPLEMENTOFALL',
  'COMPLEMENTOFDEFAULT',
]);

/**
 * What is wrong with an OpenSSL cipher list, in words that end a sentence beginning with its key; undefined when
 * nothing is. OpenSSL leaves out silently what it doesn't know, so each item is tried by itself.
 */
export function cipherListProblem(list: string): string | undefined {
  const items = list.split(':');
  for (const item of items) {
    // `!X`, `-X` and `+X` remove or move suites; they add none.
    if (/^[!+-][A-Za-z0-9+_-]+$/.test(item)) continue;
    if (item.startsWith('@')) {
      const problem = commandProblem(item);
      if (problem !== undefined) return problem;
      continue;
    }
    // Nothing else, so that no other separator of OpenSSL's hides an item from us.
    if (!/^[A-Za-z0-9][A-Za-z0-9+_.-]*$/.test(item))
      return `must be names of suites with a colon between them; one is ${item === '' ? 'empty' : 'none'}`;
    const weak = item.split(/[+_-]/).find((word) => WEAK.has(word.toUpperCase()));
    if (weak !== undefined)
      return `must not contain ${item}: ${weak} stands for no encryption, no authentication or a broken cipher`;
    if (!known(item)) return `contains ${item}, which is not known here; see \`openssl ciphers\``;
  }
  return known(list) ? undefined : 'leaves no suite at all';
}

function commandProblem(item: string): string | undefined {
  if (item === '@STRENGTH' || /^@SECLEVEL=[1-5]$/.test(item)) return undefined;
  return item.startsWith('@SECLEVEL=0')
    ? 'must not contain @SECLEVEL=0: it lets suites in that protect nothing'
    : `contains ${item}; only @STRENGTH and @SECLEVEL=1 to 5 are allowed`;
}

function known(list: string): boolean {
  try {
    createSecureContext({ ciphers: list });
    return true;
  } catch {
    // The answer itself: OpenSSL refuses the list.
    return false;
  }
}
