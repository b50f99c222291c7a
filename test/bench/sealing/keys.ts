import type { KeyLimits, OpenPgpSealingKey, X509SealingKey } from '../../../src/keys/types.js';
import { KEYS_MADE_AT, makeKey, type OpenPgpKeyType } from '../../support/openpgp-keys.js';
import {
  makeAuthority,
  TEST_NOW,
  type TestAuthority,
  type TestKeyType,
} from '../../support/x509-authority.js';
import { judgeCertificate, judgeOpenPgp } from '../product.js';

export interface BenchKeys {
  readonly cv25519: BenchPgpKey;
  readonly rsa3072: BenchPgpKey;
  /** Reads version 2 packets. */
  readonly version6: BenchPgpKey;
  readonly rsa2048: BenchCertificate;
  readonly p256: BenchCertificate;
}

export interface BenchPgpKey {
  readonly fingerprint: string;
  readonly sealing: OpenPgpSealingKey;
  /** What is judged before each attempt to send. */
  readonly judge: PgpKeyToJudge;
  /** So many that nothing has seen yet: the same key with other octets behind it (a user ID more). */
  readonly unseen: (count: number) => readonly OpenPgpSealingKey[];
}

export interface PgpKeyToJudge {
  readonly material: Uint8Array;
  readonly address: string;
  readonly options: { readonly limits: KeyLimits; readonly now: number };
}

export interface BenchCertificate {
  readonly pem: string;
  readonly sealing: X509SealingKey;
  /** What is judged before each attempt to send; its revocation is another matter. */
  readonly judge: CertificateToJudge;
  /** So many that nothing has seen yet, all of the same key. */
  readonly unseen: (count: number) => readonly X509SealingKey[];
}

export interface CertificateToJudge {
  readonly material: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly address: string;
  readonly options: Parameters<typeof judgeCertificate>[3];
}

const ADDRESS = 'roe@patient.example';
const LIMITS: KeyLimits = {
  localPart: 'ignore-case',
  minRsaBits: 2048,
  curves: ['P-256', 'P-384', 'P-521', 'X25519', 'X448'],
};

export async function makeBenchKeys(): Promise<BenchKeys> {
  const authority = makeAuthority({ keyType: 'rsa-2048' });
  return {
    cv25519: await pgpKey('curve25519legacy'),
    rsa3072: await pgpKey('rsa3072'),
    version6: await pgpKey('x25519v6'),
    rsa2048: certificate(authority, 'rsa-2048'),
    p256: certificate(authority, 'p256'),
  };
}

async function pgpKey(type: OpenPgpKeyType): Promise<BenchPgpKey> {
  const { publicBinary, fingerprint } = await makeKey({ userIds: [`Jane Roe <${ADDRESS}>`], type });
  const options = { limits: LIMITS, now: KEYS_MADE_AT + 86_400_000 };
  const judge: PgpKeyToJudge = { material: publicBinary, address: ADDRESS, options };
  const verdict = await judgeOpenPgp(publicBinary, ADDRESS, LIMITS, options.now);
  if (!verdict.usable) throw new Error(`the key is not usable: ${verdict.reason}`);
  const { sealing } = verdict;
  let made = 0;
  const another = (): OpenPgpSealingKey => {
    const userId = Buffer.from(`Key ${made++}`);
    const packet = Buffer.concat([Buffer.of(0xc0 | 13, userId.length), userId]);
    return { ...sealing, material: Buffer.concat([sealing.material, packet]) };
  };
  return { fingerprint, sealing, judge, unseen: (count) => Array.from({ length: count }, another) };
}

function certificate(authority: TestAuthority, keyType: TestKeyType): BenchCertificate {
  const issued = () => authority.issue({ name: `Jane Roe ${keyType}`, keyType, emails: [ADDRESS] });
  const first = issued();
  const anchors = [{ certificate: authority.certificate, revocation: 'not-published' }] as const;
  const judge: CertificateToJudge = {
    material: first.certificate,
    chain: [],
    address: ADDRESS,
    options: { anchors, pinned: false, limits: LIMITS, now: TEST_NOW },
  };
  const verdict = judgeCertificate(judge.material, judge.chain, judge.address, judge.options);
  if (!verdict.usable) throw new Error(`the certificate is not usable: ${verdict.reason}`);
  const { sealing } = verdict;
  const another = (): X509SealingKey => {
    const { certificate, fingerprint } = issued();
    return { ...sealing, certificate, fingerprint };
  };
  return { pem: first.pem, sealing, judge, unseen: (count) => Array.from({ length: count }, another) };
}
