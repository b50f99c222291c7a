import { dkimKeyType, dkimRecordName, publicKeyOf } from './key.js';

/** A TXT record that publishes a key (RFC 6376 3.6.1). */
export interface DkimRecord {
  /** Without the dot at the end. */
  readonly name: string;
  readonly type: 'TXT';
  /** The whole text, as most DNS consoles want it. */
  readonly value: string;
  /** The same, cut into character-strings of at most 255 octets (RFC 1035 3.3), as zone files want it. */
  readonly strings: readonly string[];
}

const MAX_STRING = 255;

/**
 * The record to publish for a key. Of RSA it holds the SubjectPublicKeyInfo (RFC 6376 errata 3017 and every verifier),
 * of Ed25519 the 32 octets alone (RFC 8463 4).
 * @param key `spki`: the SubjectPublicKeyInfo, DER
 * @throws Error when it is neither RSA nor Ed25519
 */
export function dkimRecordFor(key: {
  readonly domain: string;
  readonly selector: string;
  readonly spki: Uint8Array;
}): DkimRecord {
  const value = `v=DKIM1; k=${typeOf(key.spki)}; p=${Buffer.from(publishedKey(key.spki)).toString('base64')}`;
  return { name: dkimRecordName(key), type: 'TXT', value, strings: cut(value) };
}

/** One line of a zone file (RFC 1035 5.1), folded by parentheses where it is long. */
export function zoneLine({ name, strings }: DkimRecord): string {
  const quoted = strings.map((one) => `"${one}"`);
  return quoted.length === 1
    ? `${name}. IN TXT ${quoted[0]}`
    : `${name}. IN TXT (\n${quoted.map((one) => `  ${one}`).join('\n')}\n)`;
}

type Published =
  | { readonly matches: true }
  | {
      readonly matches: false;
      readonly why: 'absent' | 'several' | 'revoked' | 'another-key' | 'unusable';
      /** In words, without anything that the record holds. */
      readonly reason: string;
    };

/**
 * Whether what is published under the record's name lets verifiers accept the key's signatures.
 * @param answers the TXT records found there, each as its character-strings; none where the name doesn't exist
 */
export function matchesPublished(record: DkimRecord, answers: readonly (readonly string[])[]): Published {
  const not = (why: (Published & { matches: false })['why'], reason: string): Published => ({
    matches: false,
    why,
    reason,
  });
  if (answers.length === 0) return not('absent', `there is no TXT record ${record.name}`);
  // RFC 6376 3.6.2.2: with several, what a verifier does is undefined.
  if (answers.length > 1) return not('several', `there are ${answers.length} TXT records ${record.name}`);
  const found = tagsOf(answers[0]?.join('') ?? '');
  const wanted = tagsOf(record.value);
  if (found === undefined || wanted === undefined)
    return not('unusable', `the TXT record ${record.name} is no list of tags (RFC 6376 3.2)`);
  if ((found.get('v') ?? 'DKIM1') !== 'DKIM1')
    return not('unusable', `the TXT record ${record.name} is of another version`);
  const key = found.get('p')?.replace(/[ \t\r\n]+/g, '');
  if (key === undefined) return not('unusable', `the TXT record ${record.name} holds no key`);
  if (key === '') return not('revoked', `the key ${record.name} is published as revoked`);
  if ((found.get('k') ?? 'rsa') !== wanted.get('k') || key !== wanted.get('p'))
    return not('another-key', `the TXT record ${record.name} holds another key`);
  const allows = (tag: string, needed: string) =>
    found
      .get(tag)
      ?.split(':')
      .some((one) => one.trim() === needed || (tag === 's' && one.trim() === '*')) ?? true;
  if (!allows('h', 'sha256'))
    return not('unusable', `the TXT record ${record.name} does not allow SHA-256 (h=)`);
  if (!allows('s', 'email')) return not('unusable', `the TXT record ${record.name} is not for mail (s=)`);
  // RFC 6376 3.6.1: verifiers must treat such mail as if it were not signed.
  if (
    found
      .get('t')
      ?.split(':')
      .some((one) => one.trim() === 'y') === true
  )
    return not('unusable', `the TXT record ${record.name} says that the key is being tested (t=y)`);
  return { matches: true };
}

/** RFC 6376 3.2. Undefined where it isn't such a list, or a tag stands in it twice. */
function tagsOf(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  for (const part of text.slice(0, 8192).split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim();
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || tags.has(name)) return undefined;
    tags.set(name, part.slice(equals + 1).trim());
  }
  return tags;
}

function typeOf(spki: Uint8Array): string {
  const type = dkimKeyType(publicKeyOf(spki));
  if (type === undefined) throw new Error('neither an RSA nor an Ed25519 key');
  return type;
}

function publishedKey(spki: Uint8Array): Uint8Array {
  if (typeOf(spki) === 'rsa') return spki;
  // RFC 8410 4: the BIT STRING at the end is the key.
  return spki.subarray(spki.length - 32);
}

function cut(value: string): readonly string[] {
  const strings: string[] = [];
  for (let at = 0; at < value.length; at += MAX_STRING) strings.push(value.slice(at, at + MAX_STRING));
  return strings;
}
