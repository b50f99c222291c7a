import type { KeySource } from '../../model/key.js';
import type {
  CertificateVerdict,
  KeyLimits,
  KeySourceClient,
  OpenPgpVerdict,
  TrustAnchor,
} from '../types.js';

/** A function may be waited for or not, so that a judge that needs no waiting isn't wrapped. */
export type Awaitable<T> = T | Promise<T>;

/** What decides about keys; given in, because the decisions are elsewhere and tests have their own. */
export interface KeyJudges {
  openPgp(material: Uint8Array, address: string, limits: KeyLimits, now: number): Awaitable<OpenPgpVerdict>;
  certificate(
    certificate: Uint8Array,
    chain: readonly Uint8Array[],
    address: string,
    options: {
      readonly anchors: readonly TrustAnchor[];
      readonly pinned: boolean;
      readonly limits: KeyLimits;
      readonly now: number;
    },
  ): Awaitable<CertificateVerdict>;
  /**
   * Both copies of one OpenPGP key as one, with every revocation of either. Gives the bytes of the first where the
   * second has nothing new.
   */
  mergeOpenPgp(known: Uint8Array, found: Uint8Array): Awaitable<Uint8Array>;
}

/** The sources outside the store. Several directories of one kind are asked in this order until one holds a key. */
export type KeyDirectories = Readonly<Record<Exclude<KeySource, 'imported'>, readonly KeySourceClient[]>>;
