import type { KeyFacts, KeyKind, KeyRefusal, KeySource, Revocation, StoredKey } from '../model/key.js';

/** What a key must fulfil to be used, from the configuration. */
export interface KeyLimits {
  readonly localPart: 'ignore-case' | 'exact';
  /** Shorter RSA keys are refused. */
  readonly minRsaBits: number;
  /** Names of the curves that may be used for encryption, as in the configuration (`P-256`, `X25519`, …). */
  readonly curves: readonly string[];
}

/** One OpenPGP public key or end-entity certificate as it was read from a file or a source; not judged yet. */
export interface ReadKey {
  readonly kind: KeyKind;
  /** Upper-case hex, see StoredKeyRef. */
  readonly fingerprint: string;
  /** Canonical addresses that it names: user IDs whose self-signature holds, or rfc822Name and SmtpUTF8Mailbox. */
  readonly addresses: readonly string[];
  /** For people, e.g. `RSA 3072`, `X25519`. */
  readonly algorithm: string;
  /** Epoch milliseconds. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** OpenPGP: the transferable public key, binary. X.509: DER. */
  readonly material: Uint8Array;
  /** Further certificates of the file (DER), for the path to an anchor. */
  readonly chain: readonly Uint8Array[];
}

/** A secret key as it was read, opened with its passphrase. */
export interface ReadSecretKey extends ReadKey {
  /** OpenPGP: the unprotected transferable secret key, binary. X.509: PKCS#8 DER. */
  readonly secret: Uint8Array;
}

/** What sealing needs of a key that was judged usable; it goes to a worker thread, so plain data only. */
export type SealingKey = OpenPgpSealingKey | X509SealingKey;

export interface OpenPgpSealingKey {
  readonly kind: 'openpgp';
  /** Of the primary key. */
  readonly fingerprint: string;
  readonly material: Uint8Array;
  /** Upper-case hex fingerprint of the (sub)key to encrypt to. */
  readonly encryptionKey: string;
  /** 2 only where the key's own signature says that its owner reads version 2 packets (RFC 9580 5.2.3.32). */
  readonly seipd: 1 | 2;
}

export interface X509SealingKey {
  readonly kind: 'x509';
  readonly fingerprint: string;
  readonly certificate: Uint8Array;
  /** OIDs of the S/MIME capabilities in the certificate (RFC 4262), in its order; absent: it says nothing. */
  readonly capabilities?: readonly string[];
}

export type OpenPgpVerdict =
  | { readonly usable: true; readonly algorithm: string; readonly sealing: OpenPgpSealingKey }
  | { readonly usable: false; readonly reason: string };

/** Whether a certificate could be used, but for revocation: the path (leaf first, anchor last) is still to be asked for. */
export type CertificateVerdict =
  | {
      readonly usable: true;
      readonly algorithm: string;
      readonly sealing: X509SealingKey;
      /** DER; leaf first, anchor last. Of a pinned certificate: with its issuer where that is known, else alone. */
      readonly path: readonly Uint8Array[];
      /** How revocation is to be found out. `pinned`: a person vouches for it, and nobody is known whom to ask. */
      readonly revocation: 'check' | 'not-published' | 'pinned';
    }
  | { readonly usable: false; readonly reason: string };

/** Revocation of every certificate of a path but the anchor. */
export type RevocationAnswer =
  /** `detail`: why it could not be found out, in words that hold nothing from inside an answer but dates. */
  | { readonly status: Revocation; readonly detail?: string }
  | { readonly status: 'revoked'; readonly reason: string };

export interface RevocationChecker {
  /** @param path DER, leaf first, anchor last. Never rejects: what can't be found out is `undetermined`. */
  check(path: readonly Uint8Array[], mode: 'check' | 'not-published'): Promise<RevocationAnswer>;
}

/** A certificate to which paths may lead. */
export interface TrustAnchor {
  readonly certificate: Uint8Array;
  readonly revocation: 'check' | 'not-published';
}

export interface UsableKey {
  readonly facts: KeyFacts;
  readonly sealing: SealingKey;
}

/** Whether a key may be used for an address now, revocation included. */
export type KeyJudgement =
  | { readonly usable: true; readonly key: UsableKey }
  | { readonly usable: false; readonly reason: string };

export interface KindFound {
  /** Best first: in the order of the sources. */
  readonly usable: readonly UsableKey[];
  readonly refused: readonly KeyRefusal[];
}

/** Finds what could be used for a recipient now. */
export interface KeyFinder {
  /**
   * Looks in the sources in this order; what is found for the first time is kept and recorded. A different key than the
   * known one is put before a person, and then neither is usable.
   * @throws StoreUnavailable when it could not be recorded
   */
  find(
    address: string,
    options: { readonly kinds: readonly KeyKind[]; readonly sources: readonly KeySource[] },
  ): Promise<Readonly<Record<KeyKind, KindFound>>>;
  /** Whether a kept key could be used for its address now, whatever its state; asks about revocation. Never rejects. */
  judge(key: StoredKey): Promise<KeyJudgement>;
}

/** One source outside the store. */
export interface KeySourceClient {
  /**
   * What the source holds for an address. An empty list: it answered that it has none.
   * @throws SourceFailed when it could not be asked, was late, or gave nonsense
   */
  lookup(address: string, kinds: readonly KeyKind[]): Promise<readonly ReadKey[]>;
  /** How long an answer holds, in milliseconds. */
  readonly cache: number;
}

/** A source that could not be asked; the message is for people and holds nothing that the source said. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
  /**
   * `no-such-host`: the resolver answered that the host of the request's own URL (not of a redirect) has no address,
   * which it may say only for NXDOMAIN or no A and AAAA records; never for a resolver that failed or was late. `late`: it
   * cost the whole time that it may take.
   */
  readonly code: 'no-such-host' | 'late' | undefined;
  constructor(
    message: string,
    options: { readonly code?: 'no-such-host' | 'late'; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
  }
}

export type SigningKey =
  | { readonly kind: 'openpgp'; readonly fingerprint: string; readonly secret: Uint8Array }
  | {
      readonly kind: 'x509';
      readonly fingerprint: string;
      readonly certificate: Uint8Array;
      readonly chain: readonly Uint8Array[];
      readonly pkcs8: Uint8Array;
    };

/** The gateway's own keys, opened. */
export interface SigningKeys {
  /** The key of the sender, else the gateway's; undefined when there is none that is valid now. */
  signer(kind: KeyKind, sender: string): Promise<SigningKey | undefined>;
}

/** One HTTP request to a host that a key, certificate or address named: nothing about it is trusted. */
export interface FetchRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly body?: Uint8Array;
  readonly contentType?: string;
  /** Bytes of the answer; a longer one fails. */
  readonly maxSize: number;
  /** Ends everything: resolving, connecting, reading. */
  readonly signal: AbortSignal;
  /** How many redirects may be followed; each target is checked like the first. */
  readonly redirects: number;
  /** Whether http:// may be asked (CRL and OCSP, whose answers are signed). */
  readonly allowHttp: boolean;
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string;
}

export interface FetchAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** @throws SourceFailed, with `code: 'no-such-host'` where the host of `url` has no address at all */
export type SafeFetch = (request: FetchRequest) => Promise<FetchAnswer>;
