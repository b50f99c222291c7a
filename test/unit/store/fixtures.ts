import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type AuditEvent, auditEvent } from '../../../src/audit/events.js';
import type { SealedBody } from '../../../src/model/message.js';
import type { PortalItem } from '../../../src/model/portal-item.js';
import { systemDecision } from '../../../src/model/system-decision.js';
import { migrate } from '../../../src/store/migrations.js';
import type { NewMessage, NewRecipient } from '../../../src/store/ports.js';
import { openRelayDb, type RelayDb } from '../../../src/store/relay-db.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0).reverse()) clean();
});

/** An empty folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-store-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A relay.db with the newest layout, in a folder of its own. */
export function temporaryDb(): RelayDb {
  const file = join(temporaryFolder(), 'relay.db');
  const db = openRelayDb(file);
  cleanups.push(() => db.close());
  migrate(db, file);
  return db;
}

export const INLINE: SealedBody = {
  wrappedKey: Buffer.from('wrapped'),
  size: 3,
  content: { kind: 'inline', bytes: Buffer.from('box') },
};

export const decision = (address: string) => systemDecision(address);

/** A recipient already queued (`pending`). */
export function queued(address: string, nextAttemptAt = 1000): NewRecipient {
  return {
    ...recipient(address),
    queued: { decision: decision(address), method: 'plain', nextAttemptAt, expiresAt: 9_000_000 },
  };
}

export function recipient(address: string): NewRecipient {
  return { address, domain: address.slice(address.indexOf('@') + 1) };
}

export function newMessage(
  id: string,
  recipients: readonly NewRecipient[] = [recipient('ada@hospital.example')],
  more: Partial<NewMessage['message']> = {},
): NewMessage {
  return {
    message: {
      id,
      origin: 'submitted',
      receivedAt: 100,
      identity: 'ward3',
      sender: 'ward3@clinic.example',
      headerMessageId: `<${id}@clinic.example>`,
      smtpUtf8: false,
      eightBitMime: true,
      dsn: { ret: 'HDRS', envid: 'QQ314159' },
      listener: 'submission',
      clientAddress: '127.0.0.1',
      clientTls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
      body: INLINE,
      ...more,
    },
    recipients,
  };
}

export function portalItem(id: string, messageId: string, more: Partial<PortalItem> = {}): PortalItem {
  return {
    id,
    messageId,
    recipientIndex: 0,
    recipient: 'ada@hospital.example',
    sender: 'ward3@clinic.example',
    linkHash: Buffer.from(`link of ${id}`),
    createdAt: 200,
    expiresAt: 5000,
    state: 'waiting',
    strength: 'code',
    passphraseTries: 0,
    receipt: 'none',
    language: 'en',
    reminders: 0,
    ...more,
  };
}

export const accepted = (messageId: string): AuditEvent =>
  auditEvent('message.accepted', {
    messageId,
    identity: 'ward3',
    listener: 'submission',
    clientAddress: '127.0.0.1',
    sender: 'ward3@clinic.example',
    recipients: ['ada@hospital.example'],
    size: 3,
    headerMessageId: `<${messageId}@clinic.example>`,
  });
