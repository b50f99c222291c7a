import type { CertificateVerdict, KeyLimits, TrustAnchor } from '../../../../src/keys/types.js';
import { judgeCertificate } from '../../../../src/keys/x509/index.js';
import { TEST_NOW, type TestCertificate } from '../../../support/x509-authority.js';

export const LIMITS: KeyLimits = {
  localPart: 'ignore-case',
  minRsaBits: 2048,
  curves: ['P-256', 'P-384', 'P-521', 'X25519', 'X448'],
};

export interface Judging {
  readonly chain?: readonly TestCertificate[];
  readonly anchors?: readonly TestCertificate[];
  readonly address?: string;
  readonly pinned?: boolean;
  readonly limits?: Partial<KeyLimits>;
  readonly now?: number;
}

/** A verdict with the defaults of these tests; for alice@clinic.example unless something else is said. */
export function verdictOn(certificate: Uint8Array, judging: Judging = {}): CertificateVerdict {
  const anchors: TrustAnchor[] = (judging.anchors ?? []).map((anchor) => ({
    certificate: anchor.certificate,
    revocation: 'check',
  }));
  return judgeCertificate(
    certificate,
    (judging.chain ?? []).map((one) => one.certificate),
    judging.address ?? 'alice@clinic.example',
    {
      anchors,
      pinned: judging.pinned ?? false,
      limits: { ...LIMITS, ...judging.limits },
      now: judging.now ?? TEST_NOW,
    },
  );
}

/** `usable`, or the reason. */
export function shortVerdict(certificate: Uint8Array, judging: Judging = {}): string {
  const verdict = verdictOn(certificate, judging);
  return verdict.usable ? 'usable' : verdict.reason;
}
