import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { errorText } from '../../shared/errors.js';

/** The key of a PKCS#12 file with the certificate that belongs to it. */
export interface Pkcs12Key {
  readonly privateKey: KeyObject;
  /** DER. */
  readonly certificate: Uint8Array;
  /** The other certificates of the file, DER, in its order. */
  readonly chain: readonly Uint8Array[];
}

export type Pkcs12Result =
  | { readonly ok: true; readonly key: Pkcs12Key }
  | { readonly ok: false; readonly reason: string };

const MAX_SIZE = 1024 * 1024;
/** Of the MAC, before anything vouches for the file. NSS asks for 600,000. */
const MAX_ITERATIONS = 5_000_000;
const MAX_BAGS = 64;

/**
 * Reads a PKCS#12 file (RFC 7292) with one private key. node-forge opens the container; what is in it goes to node:crypto
 * as DER, because node-forge knows RSA only. A file without MAC is refused: the MAC is what says that whoever made it
 * knew the passphrase.
 * @param passphrase ASCII; node-forge can't give other characters to both key derivations of the format
 */
export function readPkcs12(bytes: Uint8Array, passphrase: string): Pkcs12Result {
  if (bytes.length > MAX_SIZE) return refused('a PKCS#12 file of more than 1 MB');
  const asn1 = derOf(bytes);
  if (asn1 === undefined) return refused('not a PKCS#12 file');
  const iterations = macIterations(asn1);
  if (iterations === undefined) return refused('a PKCS#12 file without MAC');
  if (iterations > MAX_ITERATIONS)
    return refused(`a PKCS#12 file whose MAC asks for more than ${MAX_ITERATIONS} iterations`);
  if (!/^[\x20-\x7e]*$/.test(passphrase))
    return refused('the passphrase has other than ASCII characters: write the file anew with one of ASCII');
  let bags: readonly forge.pkcs12.Bag[];
  try {
    bags = forge.pkcs12.pkcs12FromAsn1(asn1, true, passphrase).safeContents.flatMap((one) => one.safeBags);
  } catch (error) {
    return refused(
      errorText(error).includes('MAC could not be verified')
        ? 'wrong passphrase'
        : 'a PKCS#12 file that can’t be read: it is damaged, or made by an unknown algorithm',
    );
  }
  if (bags.length > MAX_BAGS) return refused(`a PKCS#12 file with more than ${MAX_BAGS} entries`);
  try {
    return pairUp(bags);
  } catch {
    // node:crypto's words about a damaged key or certificate; they may quote it.
    return refused('a PKCS#12 file with a key or certificate that can’t be read');
  }
}

/** Whether the bytes are the outside of a PKCS#12 file: PFX, version 3. */
export function looksLikePkcs12(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_SIZE) return false;
  const asn1 = derOf(bytes);
  const version = asn1 === undefined ? undefined : member(asn1, 0);
  return (
    version?.type === forge.asn1.Type.INTEGER && version.value === '\x03' && member(asn1, 1) !== undefined
  );
}

function pairUp(bags: readonly forge.pkcs12.Bag[]): Pkcs12Result {
  const { keyBag, pkcs8ShroudedKeyBag, certBag } = forge.pki.oids;
  const keys = bags.filter((bag) => bag.type === keyBag || bag.type === pkcs8ShroudedKeyBag);
  const [only] = keys;
  if (only === undefined) return refused('a PKCS#12 file without private key');
  if (keys.length > 1) return refused('a PKCS#12 file with more than one private key: give a file for each');
  const privateKey = createPrivateKey({ key: pkcs8Of(only), format: 'der', type: 'pkcs8' });
  const certificates = bags.filter((bag) => bag.type === certBag).map(certificateOf);
  const own = certificates.findIndex((der) => new X509Certificate(der).checkPrivateKey(privateKey));
  const certificate = certificates[own];
  if (certificate === undefined)
    return refused('a PKCS#12 file in which no certificate belongs to the private key');
  return {
    ok: true,
    key: { privateKey, certificate, chain: certificates.filter((_, index) => index !== own) },
  };
}

/** node-forge understands RSA keys, and leaves all others as they are in the file. */
function pkcs8Of(bag: forge.pkcs12.Bag): Buffer {
  if (bag.key === undefined || bag.key === null) return bytesOf(bag.asn1);
  return bytesOf(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)));
}

/**
 * The certificate byte for byte, which its fingerprint and signature need. Of an RSA certificate node-forge keeps the
 * signed part and the signature; the algorithm that stands between them is the one inside (RFC 5280 4.1.1.2).
 */
function certificateOf(bag: forge.pkcs12.Bag): Buffer {
  if (bag.cert === undefined || bag.cert === null) return bytesOf(bag.asn1);
  const { tbsCertificate } = bag.cert;
  const hasVersion = member(tbsCertificate, 0)?.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC;
  const algorithm = member(tbsCertificate, hasVersion ? 2 : 1);
  if (algorithm === undefined) throw new Error('the certificate names no algorithm');
  const { UNIVERSAL } = forge.asn1.Class;
  const { SEQUENCE, BITSTRING } = forge.asn1.Type;
  const signature = forge.asn1.create(UNIVERSAL, BITSTRING, false, `\0${bag.cert.signature}`);
  return bytesOf(forge.asn1.create(UNIVERSAL, SEQUENCE, true, [tbsCertificate, algorithm, signature]));
}

/** Of `MacData` (RFC 7292 4): the last member, 1 where it is left out; undefined without MacData. */
function macIterations(pfx: forge.asn1.Asn1): number | undefined {
  const macData = member(pfx, 2);
  if (macData === undefined) return undefined;
  const count = member(macData, 2);
  if (count === undefined) return 1;
  if (typeof count.value !== 'string' || count.value.length > 6) return Number.POSITIVE_INFINITY;
  return Number.parseInt(forge.util.bytesToHex(count.value), 16);
}

function member(parent: forge.asn1.Asn1 | undefined, index: number): forge.asn1.Asn1 | undefined {
  return typeof parent?.value === 'object' ? parent.value[index] : undefined;
}

function derOf(bytes: Uint8Array): forge.asn1.Asn1 | undefined {
  try {
    return forge.asn1.fromDer(Buffer.from(bytes).toString('latin1'));
  } catch {
    return undefined;
  }
}

function bytesOf(asn1: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1');
}

function refused(reason: string): Pkcs12Result {
  return { ok: false, reason };
}
