import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import { databaseExists, RELAY_DB } from './data-dir.js';
import { openRelayDbReadOnly, type RelayDb } from './relay-db.js';

/*
 * What relay.db remembers of master keys, in `meta`. Keys are numbered from 1, which needs no row; a store whose master
 * key was never replaced has none of this but the check value.
 */

/** A rotation under way. */
export interface Rotation {
  /** Number of the new key. */
  readonly to: number;
  /** Check value of the new key, in hex. */
  readonly check: string;
}

export interface KeyState {
  /** Check value of the key in force; during a rotation that is the old one. */
  readonly check: Uint8Array | undefined;
  readonly number: number;
  readonly rotation: Rotation | undefined;
  /** Keys that outlive master keys, sealed under that of this number. */
  readonly lasting: (number: number) => Uint8Array | undefined;
}

const rotationSchema = z.strictObject({ to: z.int().min(2), check: z.string().regex(/^[0-9a-f]{64}$/) });

export const META = {
  check: 'key-check',
  number: 'master-key-number',
  rotation: 'master-key-rotation',
  lasting: (number: number) => `lasting-keys/${number}`,
} as const;

export function readKeyState(db: RelayDb): KeyState {
  const value = (key: string) =>
    db.get<{ readonly value: Uint8Array }>('SELECT value FROM meta WHERE key = ?', key)?.value;
  const number = value(META.number);
  const rotation = value(META.rotation);
  const lasting = new Map(
    db
      .all<{ readonly key: string; readonly value: Uint8Array }>(
        "SELECT key, value FROM meta WHERE key LIKE 'lasting-keys/%'",
      )
      .map((row) => [row.key, row.value]),
  );
  return {
    check: value(META.check),
    number: number === undefined ? 1 : Number(textOf(number)),
    rotation: rotation === undefined ? undefined : rotationSchema.parse(JSON.parse(textOf(rotation))),
    lasting: (of) => lasting.get(META.lasting(of)),
  };
}

/**
 * The same of a data directory; undefined where there is no database, or none that can tell (opening it for work says
 * what is wrong).
 * @throws UserError when it can't be read now: without it, the wrong keys would be used
 */
export function keyStateOf(dataDir: string): KeyState | undefined {
  if (!databaseExists(dataDir)) return undefined;
  const file = join(dataDir, RELAY_DB);
  let db: RelayDb | undefined;
  try {
    db = openRelayDbReadOnly(file);
    if (db.get("SELECT 1 FROM sqlite_schema WHERE name = 'meta'") === undefined) return undefined;
    return readKeyState(db);
  } catch (cause) {
    if (errorCode(cause) === 'SQLITE_NOTADB') return undefined;
    throw new UserError(
      `cannot read ${file}: ${errorText(cause)}; run this as the user that the relay runs as`,
      {
        cause,
      },
    );
  } finally {
    db?.close();
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

const NONCE_SIZE = 12;
const TAG_SIZE = 16;

/** @param key derived from the master key of `number` */
export function sealLasting(
  key: Uint8Array,
  number: number,
  lasting: ReadonlyMap<string, Uint8Array>,
): Buffer {
  const nonce = randomBytes(NONCE_SIZE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE });
  cipher.setAAD(context(number));
  const text = JSON.stringify(
    [...lasting].map(([purpose, one]) => [purpose, Buffer.from(one).toString('base64')]),
  );
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** @throws UserError when they were not sealed with this key */
export function openLasting(
  key: Uint8Array,
  number: number,
  sealed: Uint8Array,
): ReadonlyMap<string, Buffer> {
  const box = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_SIZE), {
    authTagLength: TAG_SIZE,
  });
  decipher.setAAD(context(number));
  decipher.setAuthTag(box.subarray(box.length - TAG_SIZE));
  try {
    const text = Buffer.concat([
      decipher.update(box.subarray(NONCE_SIZE, box.length - TAG_SIZE)),
      decipher.final(),
    ]).toString('utf8');
    const pairs = z.array(z.tuple([z.string(), z.base64()])).parse(JSON.parse(text));
    return new Map(pairs.map(([purpose, one]) => [purpose, Buffer.from(one, 'base64')]));
  } catch (cause) {
    throw new UserError('the keys that outlive the master key are damaged in relay.db: restore a backup', {
      cause,
    });
  }
}

function context(number: number): Buffer {
  return Buffer.from(`sallyport-lasting-keys v1\n${number}\n`);
}
