import type { Comparison, ComparisonTable } from '../compare.js';
import type { BenchCertificate, BenchKeys, BenchPgpKey } from './keys.js';
import { gpgWork, opensslWork, type ProgramInput, type Programs } from './programs.js';
import type { SealingThread, SmimeAlgorithms } from './thread.js';

const JOB = { message: 'small', seconds: 0.4, unitsEach: 1 } as const;
/** Of each other program in a round. */
const PROCESSES = 100;
/** Keys that nothing has seen, in a round. */
const UNSEEN = 200;

interface Bench {
  readonly programs: Programs;
  readonly keys: BenchKeys;
  readonly thread: SealingThread;
  /** What travels inside the message. */
  readonly entityFile: string;
}

/** Copies of a message of 10 KB, beside other programs that are given the same content, a process each. */
export function smallMessages(bench: Bench): readonly ComparisonTable[] {
  const { cv25519, rsa3072, rsa2048, p256 } = bench.keys;
  return [
    {
      title: 'PGP, a message of 10 KB',
      unit: 'messages/s',
      ratio: 'speed',
      rows: [...pgp(bench, 'Curve25519', cv25519), ...pgp(bench, 'RSA 3072', rsa3072)],
    },
    {
      title: 'S/MIME, a message of 10 KB',
      unit: 'messages/s',
      ratio: 'speed',
      rows: [
        ...smime(bench, 'RSA 2048, CBC', rsa2048, { cipher: 'aes-256-cbc', keyTransport: 'rsa-pkcs1' }),
        ...smime(bench, 'RSA 2048 OAEP, GCM', rsa2048, { cipher: 'aes-256-gcm', keyTransport: 'rsa-oaep' }),
        ...smime(bench, 'P-256, CBC', p256, { cipher: 'aes-256-cbc', keyTransport: 'rsa-pkcs1' }),
      ],
    },
  ];
}

function pgp({ programs, thread, entityFile }: Bench, name: string, key: BenchPgpKey): readonly Comparison[] {
  const { sealing, judge, unseen } = key;
  const job = { ...JOB, kind: 'pgp' } as const;
  const shared = {
    reference: 'gpg, a process each',
    referenceWork: gpgWork(programs, key, input(entityFile)),
  };
  return [
    {
      what: `${name}, key seen before`,
      ours: () => thread.run({ ...job, keys: [sealing] }),
      asked: '≥ 4',
      ...shared,
    },
    {
      what: `${name}, key never seen`,
      ours: () => thread.run({ ...job, seconds: 0, keys: unseen(UNSEEN) }),
      ...shared,
    },
    {
      what: `${name}, judged for each`,
      ours: () => thread.run({ ...job, keys: [sealing], judge }),
      ...shared,
    },
  ];
}

function smime(
  { programs, thread, entityFile }: Bench,
  name: string,
  certificate: BenchCertificate,
  algorithms: SmimeAlgorithms,
): readonly Comparison[] {
  const { sealing, judge, unseen } = certificate;
  const job = { ...JOB, kind: 'smime', algorithms } as const;
  const shared = {
    reference: 'openssl cms, a process each',
    referenceWork: opensslWork(programs, certificate, algorithms, input(entityFile)),
  };
  return [
    {
      what: `${name}, certificate seen before`,
      ours: () => thread.run({ ...job, keys: [sealing] }),
      ...shared,
    },
    {
      what: `${name}, certificate never seen`,
      ours: () => thread.run({ ...job, seconds: 0, keys: unseen(UNSEEN) }),
      ...shared,
    },
    {
      what: `${name}, judged for each`,
      ours: () => thread.run({ ...job, keys: [sealing], judge }),
      ...shared,
    },
  ];
}

function input(file: string): ProgramInput {
  return { file, times: PROCESSES, unitsEach: 1 };
}
