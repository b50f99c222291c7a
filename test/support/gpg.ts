import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Opened {
  readonly content: Buffer;
  /** Lines of `--status-fd`. */
  readonly status: string;
}

/** GnuPG with a key ring of its own: what recipients have. */
export interface Gpg {
  readonly folder: string;
  /** Makes a key with an encryption subkey; gives its fingerprint. `algorithm` as in `--quick-generate-key`. */
  generate(userId: string, algorithm: 'rsa3072' | 'cv25519' | 'nistp256' | 'nistp384'): string;
  exportPublic(fingerprint: string): Buffer;
  exportSecret(fingerprint: string): Buffer;
  import(key: Uint8Array): void;
  /** Throws where gpg can't open it. */
  decrypt(message: Uint8Array): Opened;
  /** What gpg says is in it: packets and key IDs. */
  packets(message: Uint8Array): string;
  run(args: readonly string[], input?: Uint8Array): Buffer;
  close(): void;
}

/** A private GnuPG home; its agent ends with `close`. */
export function openGpg(tools: Readonly<Record<string, string>>): Gpg {
  const folder = mkdtempSync(join(tmpdir(), 'gpg-'));
  const base = ['--homedir', folder, '--batch', '--quiet', '--no-tty', '--pinentry-mode', 'loopback'];
  const gpg = tools.gpg ?? 'gpg';
  const run = (args: readonly string[], input?: Uint8Array) =>
    execFileSync(gpg, [...base, '--passphrase', '', ...args], {
      ...(input === undefined ? {} : { input }),
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  return {
    folder,
    run,
    generate(userId, algorithm) {
      const [primary, sub] =
        algorithm === 'cv25519'
          ? ['ed25519', 'cv25519']
          : algorithm === 'rsa3072'
            ? ['rsa3072', 'rsa3072']
            : [algorithm, algorithm];
      run(['--quick-generate-key', userId, primary ?? '', 'sign,cert', 'never']);
      const listed = run(['--with-colons', '--list-keys', userId]).toString();
      const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1];
      if (fingerprint === undefined) throw new Error('gpg made no key');
      run(['--quick-add-key', fingerprint, sub ?? '', 'encr', 'never']);
      return fingerprint;
    },
    exportPublic: (fingerprint) => run(['--export', fingerprint]),
    exportSecret: (fingerprint) => run(['--export-secret-keys', fingerprint]),
    import: (key) => void run(['--import'], key),
    decrypt(message) {
      const file = join(folder, 'message.asc');
      writeFileSync(file, message);
      const result = spawnSync(gpg, [...base, '--status-fd', '2', '--decrypt', file], {
        maxBuffer: 256 * 1024 * 1024,
      });
      const status = result.stderr.toString();
      if (result.status !== 0) throw new Error(`gpg could not open it:\n${status}`);
      return { content: result.stdout, status };
    },
    packets: (message) => run(['--list-packets', '--list-only'], message).toString(),
    close() {
      spawnSync(tools.gpgconf ?? 'gpgconf', ['--homedir', folder, '--kill', 'all']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The armoured OpenPGP message in a PGP/MIME message. */
export function pgpPart(message: string): Buffer {
  const armoured = /-----BEGIN PGP MESSAGE-----[\s\S]*?-----END PGP MESSAGE-----/.exec(message)?.[0];
  if (armoured === undefined) throw new Error('no OpenPGP message');
  return Buffer.from(armoured);
}
