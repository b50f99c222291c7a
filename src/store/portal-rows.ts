import type {
  PortalAccount,
  PortalCode,
  PortalDevice,
  PortalItem,
  PortalPasskey,
  PortalReply,
  PortalSession,
} from '../model/portal-item.js';
import { type BodyRow, bodyOf } from './rows.js';

/* Rows of the portal as SQLite gives them, and what they mean; see rows.ts. */

export interface PortalItemRow {
  readonly id: string;
  readonly message_id: string;
  readonly recipient_idx: number;
  readonly recipient: string;
  readonly sender: string;
  readonly link_hash: Uint8Array;
  readonly created_at: number;
  readonly expires_at: number;
  readonly state: PortalItem['state'];
  readonly first_read_at: number | null;
  readonly strength: PortalItem['strength'];
  readonly passphrase_hash: Uint8Array | null;
  readonly passphrase_tries: number;
  readonly receipt: PortalItem['receipt'];
  readonly language: string;
  readonly reminders: number;
  readonly next_reminder_at: number | null;
  readonly notice_id: string | null;
}

export function portalItemOf(row: PortalItemRow, body: BodyRow | undefined): PortalItem {
  return {
    id: row.id,
    messageId: row.message_id,
    recipientIndex: row.recipient_idx,
    recipient: row.recipient,
    sender: row.sender,
    linkHash: row.link_hash,
    ...(row.notice_id === null ? {} : { noticeId: row.notice_id }),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: row.state,
    ...(row.first_read_at === null ? {} : { firstReadAt: row.first_read_at }),
    strength: row.strength,
    ...(row.passphrase_hash === null ? {} : { passphraseHash: row.passphrase_hash }),
    passphraseTries: row.passphrase_tries,
    ...(body === undefined ? {} : { body: bodyOf(body) }),
    receipt: row.receipt,
    language: row.language,
    reminders: row.reminders,
    ...(row.next_reminder_at === null ? {} : { nextReminderAt: row.next_reminder_at }),
  };
}

export interface PortalCodeRow {
  readonly item_id: string;
  readonly code_hash: Uint8Array;
  readonly created_at: number;
  readonly expires_at: number;
  readonly failed_tries: number;
  readonly way: PortalCode['way'];
}

export function portalCodeOf(row: PortalCodeRow): PortalCode {
  return {
    itemId: row.item_id,
    codeHash: row.code_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    failedTries: row.failed_tries,
    way: row.way,
  };
}

export interface PortalSessionRow {
  readonly token_hash: Uint8Array;
  readonly recipient: string;
  readonly proofs: string;
  readonly passphrase_items: string;
  readonly created_at: number;
  readonly expires_at: number;
}

export function portalSessionOf(row: PortalSessionRow): PortalSession {
  return {
    tokenHash: row.token_hash,
    recipient: row.recipient,
    proofs: JSON.parse(row.proofs),
    passphraseItems: JSON.parse(row.passphrase_items),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

export interface PortalAccountRow {
  readonly recipient: string;
  readonly password_hash: string | null;
  /** JSON of the TOTP factor without its secret. */
  readonly totp: string | null;
  readonly totp_sealed: Uint8Array | null;
  readonly language: string | null;
  readonly created_at: number;
  readonly changed_at: number;
  readonly failures: number;
  readonly locked_until: number | null;
}

export function portalAccountOf(row: PortalAccountRow): PortalAccount {
  return {
    recipient: row.recipient,
    ...(row.password_hash === null ? {} : { passwordHash: row.password_hash }),
    ...(row.totp === null || row.totp_sealed === null
      ? {}
      : { totp: { ...JSON.parse(row.totp), sealed: row.totp_sealed } }),
    ...(row.language === null ? {} : { language: row.language }),
    createdAt: row.created_at,
    changedAt: row.changed_at,
    failures: row.failures,
    ...(row.locked_until === null ? {} : { lockedUntil: row.locked_until }),
  };
}

export interface PortalPasskeyRow {
  readonly credential_id: Uint8Array;
  readonly recipient: string;
  readonly public_key: Uint8Array;
  readonly counter: number;
  readonly name: string;
  readonly enrolled_by: PortalPasskey['enrolledBy'];
  readonly created_at: number;
  readonly last_used_at: number | null;
}

export function portalPasskeyOf(row: PortalPasskeyRow): PortalPasskey {
  return {
    credentialId: row.credential_id,
    recipient: row.recipient,
    publicKey: row.public_key,
    counter: row.counter,
    name: row.name,
    enrolledBy: row.enrolled_by,
    createdAt: row.created_at,
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
  };
}

export interface PortalDeviceRow {
  readonly token_hash: Uint8Array;
  readonly recipient: string;
  readonly client: string;
  readonly created_at: number;
  readonly expires_at: number;
}

export function portalDeviceOf(row: PortalDeviceRow): PortalDevice {
  return {
    tokenHash: row.token_hash,
    recipient: row.recipient,
    client: row.client,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

export interface PortalReplyRow {
  readonly id: string;
  readonly item_id: string;
  readonly recipient: string;
  readonly message_id: string;
  readonly created_at: number;
  readonly wrapped_key: Uint8Array | null;
  readonly size: number | null;
  readonly inline_bytes: Uint8Array | null;
  readonly file_name: string | null;
}

export function portalReplyOf(row: PortalReplyRow): PortalReply {
  const { wrapped_key, size, inline_bytes, file_name } = row;
  return {
    id: row.id,
    itemId: row.item_id,
    recipient: row.recipient,
    messageId: row.message_id,
    createdAt: row.created_at,
    ...(wrapped_key === null || size === null
      ? {}
      : { body: bodyOf({ wrapped_key, size, inline_bytes, file_name }) }),
  };
}
