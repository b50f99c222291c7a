import type { Comparison, ComparisonTable } from '../compare.js';
import type { Work } from '../spent.js';
import type { BenchCertificate, BenchKeys, BenchPgpKey } from './keys.js';
import { gpgWork, opensslWork, type ProgramInput, type Programs } from './programs.js';
import type { RawCipher, SealingThread, SmimeAlgorithms } from './thread.js';

const SECONDS = 0.4;
/** Of each other program in a round. */
const PROCESSES = 5;

const CBC: SmimeAlgorithms = { cipher: 'aes-256-cbc', keyTransport: 'rsa-pkcs1' };
const GCM: SmimeAlgorithms = { cipher: 'aes-256-gcm', keyTransport: 'rsa-oaep' };

interface Bench {
  readonly programs: Programs;
  readonly keys: BenchKeys;
  readonly thread: SealingThread;
  /** What travels inside the message. */
  readonly entityFile: string;
  /** Of the message. */
  readonly megabytes: number;
}

/** Copies of a message of 20 MB, beside the bare primitives and beside other programs. */
export function largeMessages(bench: Bench): readonly ComparisonTable[] {
  const { programs, keys, thread, megabytes, entityFile } = bench;
  const job = { message: 'large', seconds: SECONDS, unitsEach: megabytes } as const;
  const smime =
    ({ sealing }: BenchCertificate, algorithms: SmimeAlgorithms): Work =>
    () =>
      thread.run({ ...job, kind: 'smime', keys: [sealing], algorithms });
  const pgp =
    ({ sealing }: BenchPgpKey): Work =>
    () =>
      thread.run({ ...job, kind: 'pgp', keys: [sealing] });
  const cbc = smime(keys.rsa2048, CBC);
  const gcm = smime(keys.rsa2048, GCM);
  const version1 = pgp(keys.cv25519);
  const version2 = pgp(keys.version6);

  const besideRaw = (what: string, ours: Work, cipher: RawCipher, asked?: string): readonly Comparison[] =>
    [true, false].map((lines) => ({
      what,
      ours,
      reference: `${cipher.toUpperCase()} + base64 ${lines ? 'in lines' : 'without lines'}`,
      referenceWork: () => thread.run({ ...job, kind: 'raw', cipher, lines }),
      ...(asked !== undefined && { asked }),
    }));
  const input: ProgramInput = { file: entityFile, times: PROCESSES, unitsEach: megabytes };
  const gpg = gpgWork(programs, keys.cv25519, input);
  const openssl = (algorithms: SmimeAlgorithms) => ({
    reference: 'openssl cms',
    referenceWork: opensslWork(programs, keys.rsa2048, algorithms, input),
  });
  return [
    {
      title: 'A message of 20 MB, beside the bare primitives',
      unit: 'MB/s',
      ratio: 'cost',
      rows: [
        ...besideRaw('S/MIME, CBC', cbc, 'aes-256-cbc', '≤ 3'),
        ...besideRaw('S/MIME, GCM', gcm, 'aes-256-gcm', '≤ 3'),
        ...besideRaw('PGP, version 1', version1, 'aes-256-cfb'),
        ...besideRaw('PGP, version 2', version2, 'aes-256-ocb'),
      ],
    },
    {
      title: 'A message of 20 MB, beside other programs',
      unit: 'MB/s',
      ratio: 'speed',
      rows: [
        { what: 'S/MIME, CBC', ours: cbc, ...openssl(CBC) },
        { what: 'S/MIME, GCM', ours: gcm, ...openssl(GCM) },
        { what: 'PGP, version 1', ours: version1, reference: 'gpg', referenceWork: gpg },
        { what: 'PGP, version 2', ours: version2, reference: 'gpg (version 1)', referenceWork: gpg },
      ],
    },
  ];
}
