import type { ReachedTlsLevel } from './method.js';

/** What an outbound connection reached; recorded with every delivery (74 FR 19006 guidance on data in motion). */
export interface TlsFacts {
  readonly level: ReachedTlsLevel;
  /** e.g. `TLSv1.3`. */
  readonly protocol?: string;
  /** IANA / OpenSSL suite name. */
  readonly cipher?: string;
  /** SHA-256 of the peer's end-entity certificate, hex. */
  readonly fingerprint?: string;
  /** Why a higher level was not reached, e.g. `self-signed certificate`; no PHI. */
  readonly shortfall?: string;
}
