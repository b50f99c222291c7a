import { readOpenPgp } from '../keys/openpgp/index.js';
import type { ReadKey } from '../keys/types.js';
import { describeCertificate, readCertificates } from '../keys/x509/index.js';
import type { ContentKey, KeyKind, StoredKey } from '../model/key.js';
import type { FindResult } from '../ops/acts/key-results.js';
import type { Json } from '../shared/canonical-json.js';
import { printable, printLine, printTable, printTime } from './print.js';

/** A kind of key for people. */
export function kindName(kind: KeyKind): string {
  return kind === 'openpgp' ? 'OpenPGP' : 'X.509';
}

export function keyJson(key: StoredKey): Json {
  const { kind, fingerprint, address, source, state, pinned, firstSeenAt, confirmedAt, actor } = key;
  return { kind, fingerprint, address, source, state, pinned, firstSeenAt, confirmedAt, actor };
}

export function ownKeyJson(key: ContentKey): Json {
  const { kind, fingerprint, address, addedAt, actor } = key;
  return { kind, fingerprint, address, addedAt, actor };
}

export function printKeys(keys: readonly StoredKey[]): void {
  printTable(
    ['address', 'kind', 'fingerprint', 'state', 'source', 'first seen', 'confirmed'],
    keys.map((one) => [
      one.address,
      kindName(one.kind),
      one.fingerprint,
      one.pinned ? `${one.state}, pinned` : one.state,
      one.source,
      printTime(one.firstSeenAt),
      printTime(one.confirmedAt),
    ]),
    'no keys',
  );
}

export function printOwnKeys(keys: readonly ContentKey[]): void {
  printTable(
    ['signs for', 'kind', 'fingerprint', 'added', 'by'],
    keys.map((one) => [
      one.address ?? 'the gateway',
      kindName(one.kind),
      one.fingerprint,
      printTime(one.addedAt),
      one.actor,
    ]),
    'no signing keys',
  );
}

/** What the key says of itself; a key that this version can't read any more has nothing to say. */
export async function selfDescription(
  key: Pick<StoredKey, 'kind' | 'material'>,
): Promise<readonly (readonly [label: string, field: string, value: string])[]> {
  const read = await readAgain(key);
  if (read === undefined) return [];
  const names =
    key.kind === 'x509' ? describeCertificate(key.material) : { subject: '', issuer: '', serial: '' };
  const rows: (readonly [string, string, string])[] = [
    ['algorithm', 'algorithm', read.algorithm],
    ['names', 'names', read.addresses.join(', ')],
    ['subject', 'subject', names.subject],
    ['issuer', 'issuer', names.issuer],
    ['serial', 'serial', names.serial],
    [key.kind === 'x509' ? 'valid from' : 'made', 'notBefore', printTime(read.notBefore)],
    ['expires', 'notAfter', printTime(read.notAfter)],
  ];
  return rows.filter(([, , value]) => value !== '');
}

async function readAgain(key: Pick<StoredKey, 'kind' | 'material'>): Promise<ReadKey | undefined> {
  if (key.kind === 'x509') return readCertificates(key.material).certificates[0];
  return (await readOpenPgp(key.material)).publics[0];
}

/** What would be used for a recipient, and what not. */
export function printFound(found: FindResult): void {
  for (const kind of ['openpgp', 'x509'] as const) {
    const { usable, refused } = found[kind];
    const method = kind === 'openpgp' ? 'PGP' : 'S/MIME';
    const none = usable.length === 0 ? `no key of ${found.address} can be used now` : '';
    printLine(printable(`${method}: ${none}`).trimEnd());
    if (usable.length > 0)
      printTable(
        ['  use', 'algorithm', 'source', 'revocation'],
        usable.map((one) => [
          `  ${one.fingerprint}`,
          one.algorithm,
          one.source,
          one.detail === undefined ? one.revocation : `${one.revocation}: ${one.detail}`,
        ]),
        '',
      );
    for (const { fingerprint, source, reason } of refused)
      printLine(
        printable(`  ${fingerprint === undefined ? source : `not ${fingerprint} (${source})`}: ${reason}`),
      );
  }
}
