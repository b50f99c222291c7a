import { readFile, stat } from 'node:fs/promises';
import type { ReadKey } from '../keys/types.js';
import { describeCertificate } from '../keys/x509/index.js';
import { type ImportResult, importOwnResult, importResult } from '../ops/acts/key-results.js';
import type { Json } from '../shared/canonical-json.js';
import { errorText, UserError } from '../shared/errors.js';
import { askSecret } from './ask.js';
import { type AskPassphrase, type KeyFile, type RefusedKey, readKeyFile } from './key-files.js';
import { kindName } from './keys-view.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable } from './print.js';

export interface ImportOptions {
  readonly config: string;
  readonly for?: string;
  readonly gateway?: boolean;
  readonly address?: string;
  readonly json?: boolean;
}

const MAX_FILE = 16 * 1024 * 1024;
/** Bytes of keys in one request: as base64, with room to spare, it fits into a line of the control socket. */
const MAX_BATCH = 2 * 1024 * 1024;
const MAX_KEYS = 500;

type Content = KeyFile & { readonly file: string };
type Refused = RefusedKey & { readonly file?: string };

/** A CA certificate that came with one that was taken. */
interface KeptForPath {
  readonly file: string;
  readonly fingerprint: string;
  readonly algorithm: string;
  readonly subject: string;
}

interface Signing {
  readonly kind: ReadKey['kind'];
  readonly fingerprint: string;
  readonly algorithm: string;
  readonly address?: string | undefined;
  readonly replaced?: string | undefined;
}

/** `sallyport keys import`: takes what is in the files, and says what was taken and what not; 1 where a file gave nothing. */
export async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  if (options.for !== undefined && options.gateway === true)
    throw new UserError('a key signs for one sender or for the gateway: --for or --gateway', {
      exitStatus: 2,
    });
  const ask = passphrases();
  const contents: Content[] = [];
  for (const file of files) contents.push({ file, ...(await readKeyFile(await bytesOf(file), ask)) });
  const publics = contents.flatMap((one) => one.publics).filter((one) => sizeOf(one) <= MAX_BATCH);
  const secrets = contents.flatMap((one) => one.secrets);
  const refused: Refused[] = contents.flatMap(({ file, ...one }) =>
    [...one.refused, ...one.publics.filter((key) => sizeOf(key) > MAX_BATCH).map(tooLarge)].map((reason) => ({
      file,
      ...reason,
    })),
  );
  /** The file that a key came in. */
  const fromFile = (fingerprint: string | undefined) => {
    const from = contents.find((one) => fingerprint !== undefined && holds(one, fingerprint));
    return from === undefined ? {} : { file: from.file };
  };
  if ((options.for !== undefined || options.gateway === true) && secrets.length === 0)
    throw nothingToSignWith(refused);

  const taken: ImportResult['taken'][number][] = [];
  for (const batch of batches(publics)) {
    const result = importResult.parse(
      await perform(options, 'keys import', {
        keys: batch.map(asInput),
        ...(options.address === undefined ? {} : { address: options.address }),
      }),
    );
    taken.push(...result.taken);
    refused.push(
      ...result.refused.map((one) => ({ ...fromFile(one.fingerprint), ...withoutUndefined(one) })),
    );
  }
  const signing: Signing[] = [];
  for (const secret of secrets) {
    try {
      const answer = await perform(options, 'keys import-own', {
        ...asInput(secret),
        secret: Buffer.from(secret.secret).toString('base64'),
        ...(options.for === undefined ? {} : { address: options.for }),
        ...(options.gateway === true ? { gateway: true } : {}),
      });
      signing.push(importOwnResult.parse(answer));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { kind, fingerprint } = secret;
      refused.push({ ...fromFile(fingerprint), kind, fingerprint, reason: error.message });
    }
  }
  const useful = contents.filter((one) =>
    [...taken, ...signing].some(({ fingerprint }) => holds(one, fingerprint)),
  );
  const useless = contents.filter((one) => !useful.includes(one));
  for (const { file } of useless)
    if (!refused.some((one) => one.file === file)) refused.push({ file, reason: 'no keys in this file' });
  const kept = keptForPath(useful, taken);

  if (options.json === true)
    printJson({
      taken,
      keptForPath: kept.map((one) => ({ ...one })),
      signing: signing.map((one) => ({ ...one })),
      refused: refused.map((one) => ({ ...one })),
    });
  else show(taken, kept, signing, refused);
  if (useless.length > 0) process.exitCode = 1;
}

/** Nothing is taken then: whoever wrote --for or --gateway meant a secret key. */
function nothingToSignWith(refused: readonly Refused[]): UserError {
  const [first] = refused;
  return first === undefined
    ? new UserError('--for and --gateway say what a secret key signs, but there is none in these files', {
        exitStatus: 2,
      })
    : new UserError(`no secret key could be read from these files: ${first.file ?? ''}: ${first.reason}`);
}

function holds({ publics, secrets }: KeyFile, fingerprint: string): boolean {
  return [...publics, ...secrets].some((key) => key.fingerprint === fingerprint);
}

/** Each CA certificate once, of the files whose certificates were taken. */
function keptForPath(
  contents: readonly Content[],
  taken: readonly { readonly fingerprint: string }[],
): readonly KeptForPath[] {
  const kept = new Map<string, KeptForPath>();
  for (const { file, publics } of contents)
    for (const key of publics.filter((one) =>
      taken.some(({ fingerprint }) => fingerprint === one.fingerprint),
    ))
      for (const der of key.chain) {
        const { fingerprint, algorithm, subject } = describeCertificate(der);
        kept.set(fingerprint, { file, fingerprint, algorithm, subject });
      }
  return [...kept.values()];
}

function withoutUndefined(one: ImportResult['refused'][number]): RefusedKey {
  const { kind, fingerprint, address, reason } = one;
  return {
    kind,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(address === undefined ? {} : { address }),
    reason,
  };
}

function asInput(key: ReadKey): { readonly [field: string]: Json } {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { kind: key.kind, material: base64(key.material), chain: key.chain.map(base64) };
}

function tooLarge({ kind, fingerprint }: ReadKey): RefusedKey {
  return { kind, fingerprint, reason: 'larger than 2 MB with the CA certificates of its file' };
}

function sizeOf(key: ReadKey): number {
  return key.material.length + key.chain.reduce((sum, one) => sum + one.length, 0);
}

/** The keys in portions that a request can carry. */
export function batches(keys: readonly ReadKey[]): readonly (readonly ReadKey[])[] {
  const all: ReadKey[][] = [];
  let size = 0;
  for (const key of keys) {
    const bytes = sizeOf(key);
    const last = all[all.length - 1];
    if (last === undefined || size + bytes > MAX_BATCH || last.length === MAX_KEYS) {
      all.push([key]);
      size = bytes;
    } else {
      last.push(key);
      size += bytes;
    }
  }
  return all;
}

function show(
  taken: ImportResult['taken'],
  kept: readonly KeptForPath[],
  signing: readonly Signing[],
  refused: readonly Refused[],
): void {
  if (taken.length > 0)
    printTable(
      ['kind', 'fingerprint', 'address', 'algorithm', 'state', ''],
      [
        ...taken.map((one) => [
          kindName(one.kind),
          one.fingerprint,
          one.address,
          one.algorithm,
          one.unchanged ? `${one.state}, as before` : one.state,
          one.note === undefined ? '' : `not usable: ${one.note}`,
        ]),
        ...kept.map((one) => [
          kindName('x509'),
          one.fingerprint,
          '',
          one.algorithm,
          'kept for the path',
          one.subject,
        ]),
      ],
      '',
    );
  if (signing.length > 0)
    printTable(
      ['kind', 'fingerprint', 'signs for', 'algorithm', ''],
      signing.map((one) => [
        kindName(one.kind),
        one.fingerprint,
        one.address ?? 'the gateway',
        one.algorithm,
        one.replaced === undefined ? '' : `in place of ${one.replaced}`,
      ]),
      '',
    );
  if (refused.length > 0)
    printTable(
      ['refused', 'file', 'fingerprint', 'address', 'why'],
      refused.map((one) => [
        one.kind === undefined ? '' : kindName(one.kind),
        one.file ?? '',
        one.fingerprint ?? '',
        one.address ?? '',
        one.reason,
      ]),
      '',
    );
  if (taken.some((one) => one.state === 'pending'))
    printLine(
      'A pending key differs from the one in use for its address; neither is used until you decide:\n' +
        '  sallyport keys trust FINGERPRINT    use the new one\n' +
        '  sallyport keys reject FINGERPRINT   keep the one before',
    );
  if (taken.some((one) => one.kind === 'x509' && one.note !== undefined))
    printLine(
      'A certificate is used when its CA is in keys.trust_anchors, or when you vouch for it:\n' +
        '  sallyport keys trust FINGERPRINT --pin',
    );
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE) throw new UserError(`${file} is larger than 16 MB: split it`, { exitStatus: 2 });
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`cannot read ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
}

/** Asked on the terminal as often as needed; a pipe holds one line, which is tried for every key. */
function passphrases(): AskPassphrase {
  if (process.stdin.isTTY === true)
    return (forWhat, attempt) =>
      askSecret(`${attempt === 1 ? '' : 'That was not it. '}Passphrase of ${forWhat}: `);
  let line: Promise<string> | undefined;
  return (_, attempt) => {
    if (attempt > 1) return Promise.resolve(undefined);
    line ??= askSecret('');
    return line;
  };
}
