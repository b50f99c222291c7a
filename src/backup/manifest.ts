import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../shared/canonical-json.js';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import { deriveKey, type MasterKey } from '../store/master-key.js';

/*
 * What is in a backup, readable by anybody who finds it: no address, no name of a person;
 * of files outside the backup the paths. Its code (HMAC-SHA-256 under
 * a key derived from the master key) says that it is ours, and it names the hash of every file.
 */

export const MANIFEST = 'manifest.json';
const FORMAT = 'sallyport-backup 1';
/** A store with a million sealed files has about 130 MB of names and hashes. */
const MOST_BYTES = 512 * 1024 * 1024;

/** A part of a name within a backup: it leads nowhere else. */
const NAME_PART = /^[^./\p{Cc}][^/\p{Cc}]{0,254}$/u;

/** Whether a file can have this name within a backup. */
export function canBeNamed(name: string): boolean {
  return name.split('/').every((part) => NAME_PART.test(part));
}

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Version of the program that made it. */
  sallyport: z.string(),
  /** Epoch milliseconds. */
  madeAt: z.int(),
  /** Says which master key opens it, and nothing else about that key. */
  masterKey: z.string(),
  /** Layout of relay.db. */
  layout: z.int(),
  messages: z.int(),
  /** Recipients by state. */
  recipients: z.record(z.string(), z.int()),
  /** Portal items that are open. */
  portalItems: z.int(),
  audit: z.strictObject({
    /** The newest event: its number (0: none) and hash. */
    seq: z.int(),
    hash: z.string(),
    /** The newest signed checkpoint's line. */
    checkpoint: z.string().optional(),
  }),
  /** Paths of files that the configuration names and that are not in the backup; absent: there are none. */
  leftOut: z.array(z.string()).optional(),
  files: z.array(
    z.strictObject({
      name: z.string().refine(canBeNamed),
      size: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export type Manifest = z.output<typeof manifestSchema>;
const envelope = z.strictObject({ manifest: manifestSchema, mac: z.string().regex(/^[0-9a-f]{64}$/) });

/** What a thread needs to make a backup; plain data. */
export interface BackupKeys {
  readonly files: Uint8Array;
  readonly manifest: Uint8Array;
  /** See `Manifest.masterKey`. */
  readonly id: string;
}

export function backupKeys(masterKey: MasterKey): BackupKeys {
  const check = deriveKey(masterKey, 'key-check');
  return {
    files: deriveKey(masterKey, 'backup-files'),
    manifest: deriveKey(masterKey, 'backup-manifest'),
    id: createHash('sha256').update('sallyport-backup key\n').update(check).digest('hex').slice(0, 16),
  };
}

export function formatManifest(keys: BackupKeys, about: Omit<Manifest, 'format' | 'masterKey'>): string {
  const manifest = manifestSchema.parse({ ...about, format: FORMAT, masterKey: keys.id });
  return `${JSON.stringify({ manifest, mac: macOf(keys, manifest) }, null, 1)}\n`;
}

/**
 * Reads and checks a backup's manifest.
 * @throws UserError when there is none, it was changed, or another master key made it
 */
export async function readManifest(dir: string, keys: BackupKeys): Promise<Manifest> {
  const file = join(dir, MANIFEST);
  let text: string;
  try {
    const bytes = await readFile(file);
    if (bytes.length > MOST_BYTES) throw new Error('it is too large');
    text = bytes.toString('utf8');
  } catch (cause) {
    throw new UserError(
      errorCode(cause) === 'ENOENT'
        ? `${dir} is no finished backup: it has no ${MANIFEST}`
        : `cannot read ${file}: ${errorText(cause)}`,
      { cause },
    );
  }
  const { manifest, mac } = parse(file, text);
  if (manifest.masterKey !== keys.id) {
    throw new UserError(
      `${dir} was made with another master key (${manifest.masterKey}, this one is ${keys.id}): use the key of that time`,
    );
  }
  if (!timingSafeEqual(Buffer.from(mac, 'hex'), Buffer.from(macOf(keys, manifest), 'hex')))
    throw new UserError(`${file} was changed since it was written: nothing in ${dir} can be relied on`);
  return manifest;
}

function parse(file: string, text: string): z.output<typeof envelope> {
  try {
    return envelope.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`${file} is damaged, or was made by a newer version of sallyport`, { cause });
  }
}

function macOf(keys: BackupKeys, manifest: Manifest): string {
  return createHmac('sha256', keys.manifest)
    .update(canonicalJson(toPlain(manifest)))
    .digest('hex');
}

/** Without members whose value is undefined. */
function toPlain({ audit: { checkpoint, ...audit }, ...manifest }: Manifest) {
  return { ...manifest, audit: { ...audit, ...(checkpoint === undefined ? {} : { checkpoint }) } };
}
