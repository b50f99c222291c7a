import { isDeepStrictEqual } from 'node:util';
import type {
  PortalAccount,
  PortalDevice,
  PortalPasskey,
  PortalReply,
  PortalSession,
} from '../../model/portal-item.js';
import { foldAddress } from '../../shared/fold-address.js';
import { ChangeRefused } from '../errors.js';
import type { NewMessage } from '../ports.js';
import type { RelayDb } from '../relay-db.js';
import { eraseReplyCopy, keepReplyCopy } from './legal-holds.js';
import { portalAccount } from './portal-reads.js';
import { isOpen } from './portal-writes.js';
import { insertMessage } from './queue-writes.js';

/* Sessions, accounts and what recipients write. */

/** False, with nothing done, when there is no valid code to use up, the item was closed or the old session has ended. */
export function openSessionWithCode(
  db: RelayDb,
  input: { readonly itemId: string; readonly session: PortalSession; readonly old?: Uint8Array },
): boolean {
  if (!isOpen(db, input.itemId)) return false;
  if (input.old !== undefined && !isAlive(db, input.old, input.session)) return false;
  const used = db.run(
    'DELETE FROM portal_codes WHERE item_id = ? AND expires_at > ?',
    input.itemId,
    input.session.createdAt,
  );
  if (used === 0) return false;
  if (input.old !== undefined) closeSession(db, input.old);
  insertSession(db, input.session);
  return true;
}

/** Whether a session of the same recipient lives when another begins. */
function isAlive(
  db: RelayDb,
  tokenHash: Uint8Array,
  { recipient, createdAt }: Pick<PortalSession, 'recipient' | 'createdAt'>,
): boolean {
  return (
    db.get(
      'SELECT 1 FROM portal_sessions WHERE token_hash = ? AND recipient = ? AND expires_at > ?',
      tokenHash,
      foldAddress(recipient),
      createdAt,
    ) !== undefined
  );
}

export function openPortalSession(db: RelayDb, session: PortalSession): null {
  insertSession(db, session);
  return null;
}

function insertSession(db: RelayDb, session: PortalSession): void {
  db.run('DELETE FROM portal_sessions WHERE expires_at <= ?', session.createdAt);
  db.run(
    `INSERT INTO portal_sessions (token_hash, recipient, proofs, passphrase_items, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    session.tokenHash,
    foldAddress(session.recipient),
    JSON.stringify(session.proofs),
    JSON.stringify(session.passphraseItems),
    session.createdAt,
    session.expiresAt,
  );
}

/** False, with nothing done, when the session has ended, or is somebody else's. */
export function raiseSession(
  db: RelayDb,
  input: { readonly old: Uint8Array; readonly session: PortalSession },
): boolean {
  const { session } = input;
  const ended = db.run(
    'DELETE FROM portal_sessions WHERE token_hash = ? AND recipient = ? AND expires_at > ?',
    input.old,
    foldAddress(session.recipient),
    session.createdAt,
  );
  if (ended === 0) return false;
  insertSession(db, session);
  return true;
}

export function closeSession(db: RelayDb, tokenHash: Uint8Array): null {
  db.run('DELETE FROM portal_sessions WHERE token_hash = ?', tokenHash);
  return null;
}

export function closeSessionsOf(db: RelayDb, recipient: string): null {
  const key = foldAddress(recipient);
  db.run('DELETE FROM portal_sessions WHERE recipient = ?', key);
  db.run('DELETE FROM portal_devices WHERE recipient = ?', key);
  return null;
}

/** False, with nothing done, when the account isn't as expected any more. */
export function putPortalAccount(
  db: RelayDb,
  input: { readonly account: PortalAccount; readonly expected: PortalAccount | undefined },
): boolean {
  const { account, expected } = input;
  const before = portalAccount(db, account.recipient);
  if (!isDeepStrictEqual(plain(before), plain(expected))) return false;
  const { totp } = account;
  db.run(
    `INSERT INTO portal_accounts (recipient, password_hash, totp, totp_sealed, language, created_at, changed_at, failures,
       locked_until)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (recipient) DO UPDATE SET password_hash = excluded.password_hash, totp = excluded.totp,
       totp_sealed = excluded.totp_sealed, language = excluded.language, changed_at = excluded.changed_at,
       failures = excluded.failures, locked_until = excluded.locked_until`,
    foldAddress(account.recipient),
    account.passwordHash ?? null,
    totp === undefined
      ? null
      : JSON.stringify({ enrolledBy: totp.enrolledBy, confirmed: totp.confirmed, lastStep: totp.lastStep }),
    totp?.sealed ?? null,
    account.language ?? null,
    account.createdAt,
    account.changedAt,
    account.failures,
    account.lockedUntil ?? null,
  );
  return true;
}

/** Bytes come back as another kind of array than they went in. */
function plain(account: PortalAccount | undefined): unknown {
  if (account?.totp === undefined) return account;
  return {
    ...account,
    totp: { ...account.totp, sealed: Buffer.from(account.totp.sealed).toString('base64') },
  };
}

export function removePortalAccount(db: RelayDb, recipient: string): boolean {
  closeSessionsOf(db, recipient);
  const passkeys = db.run('DELETE FROM portal_passkeys WHERE recipient = ?', foldAddress(recipient));
  const accounts = db.run('DELETE FROM portal_accounts WHERE recipient = ?', foldAddress(recipient));
  return passkeys + accounts > 0;
}

export function putPasskey(db: RelayDb, passkey: PortalPasskey): null {
  db.run(
    `INSERT INTO portal_passkeys (credential_id, recipient, public_key, counter, name, enrolled_by, created_at, last_used_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    passkey.credentialId,
    foldAddress(passkey.recipient),
    passkey.publicKey,
    passkey.counter,
    passkey.name,
    passkey.enrolledBy,
    passkey.createdAt,
    passkey.lastUsedAt ?? null,
  );
  return null;
}

export function usePasskey(
  db: RelayDb,
  input: {
    readonly credentialId: Uint8Array;
    readonly before: number;
    readonly counter: number;
    readonly at: number;
  },
): boolean {
  return (
    db.run(
      'UPDATE portal_passkeys SET counter = ?, last_used_at = ? WHERE credential_id = ? AND counter = ?',
      input.counter,
      input.at,
      input.credentialId,
      input.before,
    ) === 1
  );
}

export function removePasskey(
  db: RelayDb,
  input: { readonly credentialId: Uint8Array; readonly recipient: string },
): boolean {
  return (
    db.run(
      'DELETE FROM portal_passkeys WHERE credential_id = ? AND recipient = ?',
      input.credentialId,
      foldAddress(input.recipient),
    ) === 1
  );
}

/** False, with nothing done, when the session that asks for it has ended. */
export function putDevice(
  db: RelayDb,
  input: { readonly device: PortalDevice; readonly session: Uint8Array },
): boolean {
  const { device } = input;
  if (!isAlive(db, input.session, device)) return false;
  db.run('DELETE FROM portal_devices WHERE expires_at <= ?', device.createdAt);
  db.run(
    'INSERT INTO portal_devices (token_hash, recipient, client, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
    device.tokenHash,
    foldAddress(device.recipient),
    device.client,
    device.createdAt,
    device.expiresAt,
  );
  return true;
}

/**
 * Forgets a device, and ends the sessions of its owner but the one that asks: which of them began in that browser is not
 * kept. False, with nothing done, when there is no such device, or that session has ended.
 */
export function removeDevice(
  db: RelayDb,
  input: {
    readonly tokenHash: Uint8Array;
    readonly recipient: string;
    readonly session: Uint8Array;
    readonly now: number;
  },
): boolean {
  const recipient = foldAddress(input.recipient);
  if (!isAlive(db, input.session, { recipient, createdAt: input.now })) return false;
  const forgotten = db.run(
    'DELETE FROM portal_devices WHERE token_hash = ? AND recipient = ?',
    input.tokenHash,
    recipient,
  );
  if (forgotten === 0) return false;
  db.run('DELETE FROM portal_sessions WHERE recipient = ? AND token_hash <> ?', recipient, input.session);
  return true;
}

export function putReply(
  db: RelayDb,
  input: { readonly reply: PortalReply; readonly message: NewMessage },
): null {
  const { reply } = input;
  if (!isOpen(db, reply.itemId)) throw new ChangeRefused('the portal item is closed');
  const { body } = reply;
  db.run(
    `INSERT INTO portal_replies (id, item_id, recipient, message_id, created_at, wrapped_key, size, inline_bytes, file_name)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    reply.id,
    reply.itemId,
    foldAddress(reply.recipient),
    reply.messageId,
    reply.createdAt,
    body?.wrappedKey ?? null,
    body?.size ?? null,
    body?.content.kind === 'inline' ? body.content.bytes : null,
    body?.content.kind === 'file' ? body.content.name : null,
  );
  return insertMessage(db, input.message);
}

/**
 * Gives the name of the file that held the copy; false, with nothing done, when there is no
 * copy. Where a legal hold covers it, it is only put out of its writer's sight.
 */
export function dropReplyCopy(
  db: RelayDb,
  input: { readonly id: string; readonly recipient: string },
): readonly string[] | false {
  const row = db.get<{ readonly file_name: string | null }>(
    'SELECT file_name FROM portal_replies WHERE id = ? AND recipient = ? AND wrapped_key IS NOT NULL AND deleted_at IS NULL',
    input.id,
    foldAddress(input.recipient),
  );
  if (row === undefined) return false;
  if (keepReplyCopy(db, input.id)) return [];
  eraseReplyCopy(db, input.id);
  return row.file_name === null ? [] : [row.file_name];
}
