import { setImmediate } from 'node:timers/promises';
import { readTime } from '../x509/certificate.js';
import { BadCertificate, contextConstructed, readDer, TAG } from '../x509/der.js';
import { readName } from '../x509/distinguished-name.js';
import type { Crl } from './crl.js';
import { readExtensions } from './extensions.js';
import { type Extent, readExtent } from './extent.js';

export interface CrlEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  /** CRLReason (RFC 5280 5.3.1); absent: unspecified. */
  readonly reason?: number;
}

export interface CrlSearch {
  readonly entry?: CrlEntry;
  /** Some entry has a critical extension that isn't known here, so that the CRL vouches for nobody (RFC 5280 5.3). */
  readonly unknownCritical: boolean;
}

const REASON_CODE = '2.5.29.21';
const INVALIDITY_DATE = '2.5.29.24';
const CERTIFICATE_ISSUER = '2.5.29.29';
/** After as many the main thread sees to other things: some milliseconds' worth. */
const ENTRIES_AT_ONCE = 20_000;

/** What nearly every entry has, a reasonCode alone, up to the code itself: skipped without reading it. */
const ONLY_REASON = Buffer.from('300c300a0603551d1504030a01', 'hex');

/**
 * Looks for a certificate among the entries, reading all of them.
 * @param serial content of the INTEGER
 * @param issuer comparable form of the certificate's issuer; other issuers' entries of an indirect CRL don't count
 * @throws BadCertificate
 */
export async function searchCrl(crl: Crl, serial: Uint8Array, issuer: string): Promise<CrlSearch> {
  const { entries } = crl;
  const indirect = crl.point?.indirect === true;
  const wanted = withoutZeros(serial);
  const extent: Extent = { tag: 0, content: 0, end: 0 };
  // RFC 5280 5.3.3: the issuer of an entry without a certificateIssuer is that of the entry before, at first the CRL's.
  let current = crl.issuer.key;
  let unknownCritical = false;
  let entry: CrlEntry | undefined;
  let count = 0;
  for (let at = 0; at < entries.length; ) {
    count += 1;
    if (count % ENTRIES_AT_ONCE === 0) await setImmediate();
    readExtent(entries, at, entries.length, extent);
    const start = at;
    const { tag, content, end } = extent;
    if (tag !== TAG.sequence) throw new BadCertificate('is not a CRL');
    readExtent(entries, content, end, extent);
    if (extent.tag !== TAG.integer) throw new BadCertificate('is not a CRL');
    const from = extent.content;
    const afterSerial = extent.end;
    readExtent(entries, afterSerial, end, extent);
    const plain = extent.end === end || isOnlyReason(entries, extent.end, end);
    const listed = isSerial(entries, from, afterSerial, wanted);
    at = end;
    if (plain && !listed) continue;
    const read = readEntry(entries.subarray(start, end), indirect);
    if (read.issuer !== undefined) current = read.issuer;
    unknownCritical ||= read.unknownCritical;
    if (listed && current === issuer) entry ??= read.entry;
  }
  return { unknownCritical, ...(entry === undefined ? {} : { entry }) };
}

function isOnlyReason(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from !== ONLY_REASON.length + 1) return false;
  for (let index = 0; index < ONLY_REASON.length; index += 1)
    if (bytes[from + index] !== ONLY_REASON[index]) return false;
  return true;
}

/** Leading zeros don't count, so that two ways to write a number are one certificate. */
function isSerial(bytes: Uint8Array, from: number, end: number, wanted: Uint8Array): boolean {
  let at = from;
  while (at < end && bytes[at] === 0) at += 1;
  if (end - at !== wanted.length) return false;
  for (let index = 0; index < wanted.length; index += 1)
    if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function withoutZeros(serial: Uint8Array): Uint8Array {
  const first = serial.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array() : serial.subarray(first);
}

function readEntry(
  bytes: Uint8Array,
  indirect: boolean,
): { readonly entry: CrlEntry; readonly issuer?: string; readonly unknownCritical: boolean } {
  const [, date, list, ...more] = readDer(bytes).children;
  if (date === undefined || more.length > 0) throw new BadCertificate('is not a CRL');
  const extensions = list === undefined ? [] : readExtensions(list);
  const reason = extensions.find((one) => one.oid === REASON_CODE);
  const issuer = extensions.find((one) => one.oid === CERTIFICATE_ISSUER);
  const known = [REASON_CODE, INVALIDITY_DATE, ...(indirect ? [CERTIFICATE_ISSUER] : [])];
  const code = reason === undefined ? undefined : readDer(reason.value).content[0];
  return {
    entry: { at: readTime(date), ...(code === undefined ? {} : { reason: code }) },
    ...(indirect && issuer !== undefined ? { issuer: directoryName(issuer.value) } : {}),
    unknownCritical: extensions.some((one) => one.critical && !known.includes(one.oid)),
  };
}

/** The comparable form of the first directoryName of GeneralNames; what matches nobody where there is none. */
function directoryName(names: Uint8Array): string {
  const found = readDer(names).children.find((one) => one.tag === contextConstructed(4));
  const [name] = found?.children ?? [];
  return name === undefined ? 'nobody' : readName(name).key;
}
