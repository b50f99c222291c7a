import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programLoop } from '../program-loop.js';
import type { Work } from '../spent.js';
import type { BenchCertificate, BenchPgpKey } from './keys.js';
import type { SmimeAlgorithms } from './thread.js';

/** Where the other programs are. */
export interface Programs {
  /** gpg and how it finds its keys; absent: not installed. */
  readonly gpg: readonly string[] | undefined;
  readonly openssl: string | undefined;
  /** For certificates; removed at the end. */
  readonly folder: string;
}

/** What is given to a program, and how often in a round. */
export interface ProgramInput {
  /** The entity that travels inside. */
  readonly file: string;
  readonly times: number;
  /** What one run counts for. */
  readonly unitsEach: number;
}

/** `gpg --encrypt`; compression is off, because ours compresses nothing either. */
export function gpgWork({ gpg }: Programs, key: BenchPgpKey, input: ProgramInput): Work | undefined {
  if (gpg === undefined) return undefined;
  const options = ['--trust-model', 'always', '--compress-algo', 'none', '--armor', '--output', '-'];
  const command = [...gpg, ...options, '--recipient', key.fingerprint, '--encrypt', input.file];
  return () => programLoop(input.times, input.unitsEach, command);
}

/** `openssl cms -encrypt`, streaming. */
export function opensslWork(
  { openssl, folder }: Programs,
  { pem, sealing }: BenchCertificate,
  { cipher, keyTransport }: SmimeAlgorithms,
  input: ProgramInput,
): Work | undefined {
  if (openssl === undefined) return undefined;
  const certificate = join(folder, `${sealing.fingerprint}.pem`);
  writeFileSync(certificate, pem);
  const oaep = keyTransport === 'rsa-oaep' ? ['-keyopt', 'rsa_padding_mode:oaep'] : [];
  const command = [
    ...[openssl, 'cms', '-encrypt', '-binary', '-stream', `-${cipher}`, '-in', input.file],
    ...['-outform', 'SMIME', '-recip', certificate, ...oaep],
  ];
  return () => programLoop(input.times, input.unitsEach, command);
}
