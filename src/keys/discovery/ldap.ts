import { type Client, type Entry, EqualityFilter, ResultCodeError } from 'ldapts';
import type { LdapConfig } from '../../config/schema.js';
import type { KeyKind } from '../../model/key.js';
import { parseAddress } from '../../shared/address.js';
import { errorCode } from '../../shared/errors.js';
import { type KeySourceClient, type ReadKey, SourceFailed } from '../types.js';
import { attributeBytes, attributeTexts } from './ldap-attributes.js';
import { openLdap } from './ldap-connection.js';
import { LdapNonsense } from './ldap-frames.js';
import { mailMatches } from './mail-attribute.js';
import { readPublishedCertificates, readPublishedOpenPgp } from './read-published.js';

/** RFC 4523 and RFC 2798 want `;binary` for certificates; Active Directory knows the names only without. */
const CERTIFICATES = ['userCertificate', 'userSMIMECertificate'] as const;
const OPENPGP_KEYS = ['pgpKey'] as const;
const BINARY = CERTIFICATES.flatMap((name) => [`${name};binary`, name]);

/** One person has one entry; more than this and the filter means something else there. */
const MAX_ENTRIES = 10;

/**
 * Asks one LDAP directory of the configuration (RFC 4511) for the keys of an address. Being the administrator's own, it
 * may have a private address; what it says is bounded and checked all the same. A connection is made for each lookup.
 * Referrals are not followed.
 * @param options.password of `bind_dn`
 * @param options.ca PEM certificates to trust instead of the system's
 */
export function createLdap(options: {
  readonly server: LdapConfig;
  readonly password?: string;
  readonly ca?: string;
}): KeySourceClient {
  const { server } = options;
  const serves = (domain: string) => server.domains.includes('*') || server.domains.includes(domain);
  return {
    cache: server.cache,
    lookup: async (address: string, kinds: readonly KeyKind[]): Promise<readonly ReadKey[]> => {
      const parsed = parseAddress(address);
      if (!parsed.ok || !serves(parsed.mailbox.domain)) return [];
      const entries = await search(options, address, kinds);
      const own = entries.filter((entry) => mailMatches(attributeTexts(entry, 'mail'), address));
      return keysOf(own, kinds);
    },
  };
}

async function search(
  { server, password, ca }: Parameters<typeof createLdap>[0],
  address: string,
  kinds: readonly KeyKind[],
): Promise<readonly Entry[]> {
  const connection = openLdap({
    url: server.url,
    startTls: server.start_tls,
    ...(ca === undefined ? {} : { ca }),
  });
  const late = new SourceFailed('the LDAP directory did not answer in time', { code: 'late' });
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late), server.timeout);
  });
  try {
    return await Promise.race([
      converse(connection.client, connection.secure, { server, password }, address, kinds),
      connection.lost,
      deadline,
    ]);
  } catch (error) {
    throw error instanceof SourceFailed ? error : new SourceFailed(words(error));
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}

async function converse(
  client: Client,
  secure: () => Promise<void>,
  login: { readonly server: LdapConfig; readonly password: string | undefined },
  address: string,
  kinds: readonly KeyKind[],
): Promise<readonly Entry[]> {
  const { server, password } = login;
  await secure();
  if (server.bind_dn !== undefined && password !== undefined) await client.bind(server.bind_dn, password);
  const { searchEntries } = await client.search(server.base, {
    scope: 'sub',
    derefAliases: 'never',
    // As an assertion value it is compared byte by byte: no character of it is filter syntax (RFC 4515 section 3).
    filter: new EqualityFilter({ attribute: 'mail', value: address }),
    attributes: [
      'mail',
      ...(kinds.includes('x509') ? BINARY : []),
      ...(kinds.includes('openpgp') ? OPENPGP_KEYS : []),
    ],
    explicitBufferAttributes: [...BINARY, ...OPENPGP_KEYS],
    timeLimit: Math.max(1, Math.ceil(server.timeout / 1000)),
    // No size limit: with one the library takes a part of the entries for all of them.
  });
  if (searchEntries.length > MAX_ENTRIES)
    throw new SourceFailed(`the LDAP directory gave more than ${MAX_ENTRIES} entries for one address`);
  return searchEntries;
}

/** @throws SourceFailed when there are values, but none that can be read */
async function keysOf(entries: readonly Entry[], kinds: readonly KeyKind[]): Promise<readonly ReadKey[]> {
  const keys: ReadKey[] = [];
  let unreadable = 0;
  const read = async (
    values: readonly Buffer[],
    reader: (bytes: Uint8Array) => Promise<readonly ReadKey[]>,
  ) => {
    for (const value of values) {
      try {
        keys.push(...(await reader(value)));
      } catch (error) {
        if (!(error instanceof SourceFailed)) throw error;
        unreadable += 1;
      }
    }
  };
  for (const entry of entries) {
    if (kinds.includes('x509'))
      for (const name of CERTIFICATES) await read(attributeBytes(entry, name), readPublishedCertificates);
    if (kinds.includes('openpgp'))
      for (const name of OPENPGP_KEYS) await read(attributeBytes(entry, name), readPublishedOpenPgp);
  }
  // One old value that nobody can read must not hide the others. Nothing but such values is no answer.
  if (keys.length === 0 && unreadable > 0)
    throw new SourceFailed('the LDAP directory gave values that are neither certificates nor keys');
  return keys;
}

/** What happened, without anything that the server said but numbers and names of our own software. */
function words(error: unknown): string {
  if (error instanceof LdapNonsense) return error.message;
  if (error instanceof ResultCodeError)
    return `the LDAP directory answered with result code ${error.code} (RFC 4511 appendix A.2)`;
  const code = errorCode(error);
  return code !== undefined && /^[A-Z][A-Z0-9_]{1,60}$/.test(code)
    ? `the LDAP directory could not be asked (${code})`
    : 'the LDAP directory could not be asked';
}
