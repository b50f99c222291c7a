import type { KeyKind, KeySource, Revocation } from '../../model/key.js';
import type { Clock } from '../../shared/clock.js';
import type {
  CertificateVerdict,
  KeyJudgement,
  KeyLimits,
  OpenPgpVerdict,
  RevocationChecker,
  TrustAnchor,
} from '../types.js';
import type { KeyJudges } from './parts.js';

export interface JudgeContext {
  readonly judges: KeyJudges;
  readonly revocation: RevocationChecker;
  readonly anchors: readonly TrustAnchor[];
  readonly limits: KeyLimits;
  readonly clock: Clock;
  /** A judge that failed instead of answering: a mistake of ours, or a key made to cause one. */
  readonly onJudgeFailure: (error: unknown) => void;
}

/** What is judged: a kept row, or what a directory gave. */
export interface KeyToJudge {
  readonly kind: KeyKind;
  readonly fingerprint: string;
  readonly material: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly pinned: boolean;
}

/** Whether a key may be used for this address now, revocation included. Never rejects: what can't be judged is refused. */
export async function judgeKey(
  key: KeyToJudge,
  address: string,
  source: KeySource,
  context: JudgeContext,
): Promise<KeyJudgement> {
  try {
    const verdict = await verdictOf(key, address, context);
    if (!verdict.usable) return { usable: false, reason: verdict.reason };
    const { sealing, algorithm } = verdict;
    // What was taken for this address is the fingerprint; another one here would be another key.
    if (sealing.kind !== key.kind || sealing.fingerprint !== key.fingerprint)
      return { usable: false, reason: 'its fingerprint is not the one it was found under' };
    const revocation = await revocationOf(verdict, key.pinned, context.revocation);
    if (!revocation.ok) return { usable: false, reason: revocation.reason };
    return {
      usable: true,
      key: {
        facts: {
          fingerprint: key.fingerprint,
          source,
          algorithm,
          revocation: revocation.status,
          ...(revocation.detail !== undefined && { detail: revocation.detail }),
        },
        sealing,
      },
    };
  } catch (error) {
    context.onJudgeFailure(error);
    return { usable: false, reason: 'it could not be judged' };
  }
}

async function verdictOf(
  key: KeyToJudge,
  address: string,
  { judges, limits, anchors, clock }: JudgeContext,
): Promise<OpenPgpVerdict | CertificateVerdict> {
  const now = clock.now();
  if (key.kind === 'openpgp') return judges.openPgp(key.material, address, limits, now);
  return judges.certificate(key.material, key.chain, address, { anchors, pinned: key.pinned, limits, now });
}

type KnownRevocation =
  | { readonly ok: true; readonly status: Revocation; readonly detail?: string }
  | { readonly ok: false; readonly reason: string };

async function revocationOf(
  verdict: Extract<OpenPgpVerdict | CertificateVerdict, { usable: true }>,
  pinned: boolean,
  checker: RevocationChecker,
): Promise<KnownRevocation> {
  // An OpenPGP key brings its revocations along, and its judge has looked at them.
  if (!('path' in verdict)) return { ok: true, status: 'good' };
  if (verdict.revocation === 'pinned') return { ok: true, status: 'vouched' };
  const answer = await checker.check(verdict.path, verdict.revocation);
  if (answer.status === 'revoked') return { ok: false, reason: answer.reason };
  // The person who vouches for it also does so where nobody says anything; not against its CA.
  if (pinned && answer.status === 'undetermined') return { ok: true, status: 'vouched' };
  return {
    ok: true,
    status: answer.status,
    ...(answer.detail !== undefined && { detail: answer.detail }),
  };
}
