import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../../src/audit/events.js';
import type { RecipientKey, SealedBody, StoredMessage, StoredRecipient } from '../../src/model/message.js';
import type {
  PortalAccount,
  PortalCode,
  PortalDevice,
  PortalItem,
  PortalPasskey,
  PortalReply,
  PortalSession,
} from '../../src/model/portal-item.js';
import { foldAddress } from '../../src/shared/fold-address.js';
import {
  type BodyStore,
  type Events,
  type NewMessage,
  type PortalStore,
  type QueueChange,
  type QueueStore,
  StoreUnavailable,
} from '../../src/store/ports.js';

/** When the made-up messages were placed. */
export const START = Date.UTC(2026, 10, 2, 9, 0, 0);
export const SECRET_SUBJECT = 'Canary-Subject lab result of Zebedee Quux';
export const ITEM_LIFETIME_MS = 14 * 86_400_000;

/** The link secret of item `n`, as it stands behind `/m/`. */
export const linkSecret = (n: number) => Buffer.alloc(32, n).toString('base64url');
const sha256 = (text: string) => createHash('sha256').update(Buffer.from(text, 'base64url')).digest();
const same = (a: string, b: string) => foldAddress(a) === foldAddress(b);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A body that is sealed with nothing. */
export function plainBody(bytes: Uint8Array | string): SealedBody {
  const content = Buffer.from(bytes);
  return {
    wrappedKey: new Uint8Array(),
    size: content.length,
    content: { kind: 'inline', bytes: content },
  };
}

/** A body whose file was damaged. */
export const DAMAGED: SealedBody = {
  wrappedKey: new Uint8Array(),
  size: 20,
  content: { kind: 'file', name: 'x' },
};

/** Seals nothing: content is kept as it is. */
export const plainBodies: BodyStore = {
  create: () => {
    const chunks: Buffer[] = [];
    return {
      write: async (chunk) => void chunks.push(Buffer.from(chunk)),
      finish: async () => plainBody(Buffer.concat(chunks)),
      abort: async () => undefined,
    };
  },
  seal: async (bytes) => plainBody(bytes),
  open: (body, range) =>
    body.content.kind === 'inline'
      ? Readable.from([Buffer.from(body.content.bytes).subarray(range?.start, range?.end)])
      : new Readable({
          read() {
            this.destroy(new Error('a chunk was damaged'));
          },
        }),
  remove: async () => undefined,
};

const isOpen = (item: PortalItem | undefined): boolean =>
  item?.state === 'waiting' || item?.state === 'picked-up';

/** What a store would keep of the portal, with the promises of the real one, and every way to look at it or to break it. */
export class MemoryPortal {
  items = new Map<string, PortalItem>();
  messages = new Map<string, StoredMessage>();
  rows: StoredRecipient[] = [];
  codes = new Map<string, PortalCode>();
  issued: { item: string; at: number }[] = [];
  /** By the token hash in hex, as devices. */
  sessions = new Map<string, PortalSession>();
  accounts = new Map<string, PortalAccount>();
  passkeys: PortalPasskey[] = [];
  devices = new Map<string, PortalDevice>();
  replies: PortalReply[] = [];
  /** Every mail queued, oldest first. */
  mails: NewMessage[] = [];
  events: AuditEvent[] = [];
  broken = false;
  /** Called before each write of events. */
  beforeWrite: (events: Events) => void = () => undefined;

  private write(events: Events): void {
    if (this.broken) throw new StoreUnavailable('the disk is full');
    this.beforeWrite(events);
    this.events.push(...events);
  }
  types(): string[] {
    return this.events.map((event) => event.type);
  }
  /** All that is kept but the audit log. */
  state(): string {
    return JSON.stringify([
      [...this.items],
      this.rows,
      [...this.codes],
      this.issued,
      [...this.sessions],
      [...this.accounts],
      this.passkeys,
      [...this.devices],
      this.replies,
      this.mails.length,
    ]);
  }

  readonly portal: PortalStore = {
    item: async (id) => this.items.get(id),
    itemByLink: async (hash) =>
      [...this.items.values()].find((item) => Buffer.from(item.linkHash).equals(Buffer.from(hash))),
    items: async (filter) =>
      [...this.items.values()]
        .filter((item) => filter.messageId === undefined || item.messageId === filter.messageId)
        .filter((item) => filter.recipient === undefined || same(item.recipient, filter.recipient))
        .filter((item) => filter.states?.includes(item.state) !== false)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        .slice(0, filter.limit),
    writtenAddress: async (recipient) =>
      [...this.items.values()]
        .filter((item) => same(item.recipient, recipient))
        .sort((a, b) => a.createdAt - b.createdAt)[0]?.recipient,
    expiredItems: async (now, limit) =>
      [...this.items.values()].filter((item) => isOpen(item) && item.expiresAt <= now).slice(0, limit),
    itemsToRemind: async (now, limit) =>
      [...this.items.values()]
        .filter(
          (item) => item.state === 'waiting' && (item.nextReminderAt ?? Number.POSITIVE_INFINITY) <= now,
        )
        .sort((a, b) => (a.nextReminderAt ?? 0) - (b.nextReminderAt ?? 0))
        .slice(0, limit),
    usage: async (recipient) => {
      const open = [...this.items.values()].filter((item) => isOpen(item) && same(item.recipient, recipient));
      return { items: open.length, bytes: open.reduce((sum, item) => sum + (item.body?.size ?? 0), 0) };
    },
    changeItem: async (id, set, mail, events, from = ['waiting', 'picked-up']) => {
      const item = this.items.get(id);
      if (item === undefined || !from.some((state) => state === item.state)) return false;
      this.write(events);
      const kept = Object.entries({ ...item, ...set }).filter(([, value]) => value !== null);
      this.items.set(id, Object.fromEntries(kept) as unknown as PortalItem);
      this.mails.push(...mail);
      if (set.passphraseHash !== undefined)
        for (const [key, one] of this.sessions)
          if (one.passphraseItems.includes(id)) this.sessions.delete(key);
      return true;
    },
    failPassphrase: async (id, events) => {
      this.write(events);
      const item = this.items.get(id);
      if (item === undefined) return 0;
      this.items.set(id, { ...item, passphraseTries: item.passphraseTries + 1 });
      return item.passphraseTries + 1;
    },
    closedItemsWithContent: async (limit) =>
      [...this.items.values()]
        .filter((item) => !isOpen(item) && this.contentOf(item).length > 0)
        .map(({ id, messageId, recipient }) => ({ id, messageId, recipient }))
        .slice(0, limit),
    destroyItemContent: async (id, events) => {
      const item = this.items.get(id);
      if (item === undefined || isOpen(item)) throw new Error('the portal item is open');
      this.write(events);
      const names = this.contentOf(item).flatMap(({ content }) =>
        content.kind === 'file' ? [content.name] : [],
      );
      const { body: _, ...rest } = item;
      this.items.set(id, rest);
      this.replies = this.replies.map((reply) => {
        const { body: __, ...bare } = reply;
        return reply.itemId === id ? bare : reply;
      });
      return names;
    },

    putCode: async (code, mail, events) => {
      this.write(events);
      this.codes.set(code.itemId, code);
      this.issued.push({ item: code.itemId, at: code.createdAt });
      if (mail !== undefined) this.mails.push(mail);
    },
    code: async (id) => this.codes.get(id),
    codesIssuedSince: async (id, since) =>
      this.issued.filter((one) => one.item === id && one.at >= since).length,
    codesIssuedToSince: async (recipient, since) =>
      this.issued.filter(
        (one) => one.at >= since && same(this.items.get(one.item)?.recipient ?? '', recipient),
      ).length,
    failCode: async (id, events) => {
      this.write(events);
      const code = this.codes.get(id);
      if (code === undefined) return 0;
      this.codes.set(id, { ...code, failedTries: code.failedTries + 1 });
      return code.failedTries + 1;
    },

    openSessionWithCode: async (itemId, session, events, old) => {
      if (old !== undefined && !this.isAlive(old, session)) return false;
      const code = this.codes.get(itemId);
      if (!isOpen(this.items.get(itemId)) || code === undefined || code.expiresAt <= session.createdAt)
        return false;
      this.write(events);
      this.codes.delete(itemId);
      if (old !== undefined) this.sessions.delete(hex(old));
      this.sessions.set(hex(session.tokenHash), session);
      return true;
    },
    openSession: async (session, events) => {
      this.write(events);
      this.sessions.set(hex(session.tokenHash), session);
    },
    session: async (hash, now) => {
      const session = this.sessions.get(hex(hash));
      return session !== undefined && session.expiresAt > now ? session : undefined;
    },
    raiseSession: async (old, session, events) => {
      if (!this.isAlive(old, session)) return false;
      this.write(events);
      this.sessions.delete(hex(old));
      this.sessions.set(hex(session.tokenHash), session);
      return true;
    },
    closeSession: async (hash, events) => {
      this.write(events);
      this.sessions.delete(hex(hash));
    },
    closeSessionsOf: async (recipient, events) => {
      this.write(events);
      this.forgetSessionsOf(recipient);
    },

    account: async (recipient) => this.accounts.get(foldAddress(recipient)),
    putAccount: async (account, expected, events) => {
      if (!isDeepStrictEqual(this.accounts.get(account.recipient), expected)) return false;
      this.write(events);
      this.accounts.set(account.recipient, account);
      return true;
    },
    removeAccount: async (address, events) => {
      const recipient = foldAddress(address);
      const left = this.passkeys.filter((one) => one.recipient !== recipient);
      if (!this.accounts.has(recipient) && left.length === this.passkeys.length) return false;
      this.write(events);
      this.forgetSessionsOf(recipient);
      this.passkeys = left;
      this.accounts.delete(recipient);
      return true;
    },
    passkeys: async (recipient) => this.passkeys.filter((one) => same(one.recipient, recipient)),
    passkey: async (id) => this.passkeys.find((one) => hex(one.credentialId) === hex(id)),
    putPasskey: async (passkey, events) => {
      this.write(events);
      this.passkeys.push(passkey);
    },
    usePasskey: async (id, { before, counter, at }, events) => {
      const index = this.passkeys.findIndex((one) => hex(one.credentialId) === hex(id));
      const passkey = this.passkeys[index];
      if (passkey?.counter !== before) return false;
      this.write(events);
      this.passkeys[index] = { ...passkey, counter, lastUsedAt: at };
      return true;
    },
    removePasskey: async (id, recipient, events) => {
      const left = this.passkeys.filter(
        (one) => one.recipient !== recipient || hex(one.credentialId) !== hex(id),
      );
      if (left.length === this.passkeys.length) return false;
      this.write(events);
      this.passkeys = left;
      return true;
    },
    putDevice: async (device, session, events) => {
      if (!this.isAlive(session, device)) return false;
      this.write(events);
      this.devices.set(hex(device.tokenHash), device);
      return true;
    },
    device: async (hash, now) => {
      const device = this.devices.get(hex(hash));
      return device !== undefined && device.expiresAt > now ? device : undefined;
    },

    devices: async (recipient, now, limit) =>
      [...this.devices.values()]
        .filter((device) => same(device.recipient, recipient) && device.expiresAt > now)
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit),
    removeDevice: async (hash, recipient, session, now, events) => {
      const device = this.devices.get(hex(hash));
      if (device === undefined || !same(device.recipient, recipient)) return false;
      if (!this.isAlive(session, { recipient, createdAt: now })) return false;
      this.write(events);
      this.devices.delete(hex(hash));
      for (const [key, one] of this.sessions)
        if (same(one.recipient, recipient) && key !== hex(session)) this.sessions.delete(key);
      return true;
    },

    replies: async (recipient, limit) =>
      this.replies
        .filter((reply) => same(reply.recipient, recipient))
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit),
    reply: async (id) => this.replies.find((reply) => reply.id === id),
    putReply: async (reply, message, events) => {
      if (!isOpen(this.items.get(reply.itemId))) throw new Error('the portal item is closed');
      this.write(events);
      this.replies.push(reply);
      this.mails.push(message);
    },
    dropReplyCopy: async (id, recipient, events) => {
      const at = this.replies.findIndex((reply) => reply.id === id && reply.recipient === recipient);
      const found = this.replies[at];
      if (found?.body === undefined) return false;
      this.write(events);
      const { body, ...bare } = found;
      this.replies[at] = bare;
      return body.content.kind === 'file' ? [body.content.name] : [];
    },
    record: async (events) => this.write(events),
  };

  private contentOf(item: PortalItem): readonly SealedBody[] {
    const all = [item, ...this.replies.filter((reply) => reply.itemId === item.id)];
    return all.flatMap(({ body }) => body ?? []);
  }

  private isAlive(
    token: Uint8Array,
    next: { readonly recipient: string; readonly createdAt: number },
  ): boolean {
    const session = this.sessions.get(hex(token));
    return (
      session !== undefined && same(session.recipient, next.recipient) && session.expiresAt > next.createdAt
    );
  }

  private forgetSessionsOf(recipient: string): void {
    for (const [key, one] of this.sessions) if (same(one.recipient, recipient)) this.sessions.delete(key);
    for (const [key, one] of this.devices) if (same(one.recipient, recipient)) this.devices.delete(key);
  }

  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'contentKey' | 'apply'> = {
    message: async (id) => this.messages.get(id),
    recipients: async (id) => this.rows.filter((row) => row.messageId === id),
    contentKey: async (id) => this.messages.get(id)?.body?.wrappedKey,
    apply: async (change, events) => {
      const moved = (change.recipients ?? []).some(
        ({ key, from }) =>
          !this.rows.some(
            (row) => row.messageId === key.messageId && row.index === key.index && from.includes(row.state),
          ),
      );
      const closed = (change.changePortalItems ?? []).some(({ id, from }) => {
        const item = this.items.get(id);
        return item === undefined || !isOpen(item) || !(from ?? [item.state]).includes(item.state);
      });
      if (change.onlyIfAllApply === true && (moved || closed)) return [];
      this.write(events);
      return this.change(change);
    },
  };

  /** What `queue.apply` does, without events. */
  change(change: QueueChange): readonly RecipientKey[] {
    for (const one of change.changePortalItems ?? []) {
      const item = this.items.get(one.id);
      if (item === undefined || !isOpen(item) || !(one.from ?? [item.state]).includes(item.state)) continue;
      this.items.set(one.id, {
        ...item,
        state: one.state,
        ...(one.firstReadAt === undefined ? {} : { firstReadAt: item.firstReadAt ?? one.firstReadAt }),
        ...(one.receipt === undefined ? {} : { receipt: one.receipt }),
        ...(one.expiresAt === undefined ? {} : { expiresAt: Math.min(item.expiresAt, one.expiresAt) }),
      });
    }
    const changed: RecipientKey[] = [];
    for (const { key, from, set } of change.recipients ?? []) {
      const at = this.rows.findIndex((row) => row.messageId === key.messageId && row.index === key.index);
      const row = this.rows[at];
      if (row === undefined || !from.includes(row.state)) continue;
      this.rows[at] = { ...row, state: set.state ?? row.state };
      changed.push(key);
    }
    for (const item of change.createPortalItems ?? []) this.items.set(item.id, item);
    this.mails.push(...(change.create ?? []));
    return changed;
  }

  /** Puts message `m<n>` for `patient<n>@mail.test` into the portal, as `item<n>`, under the link `linkSecret(n)`. */
  add(n: number, change: Partial<PortalItem> = {}): PortalItem {
    const item = portalItem(n, change);
    this.items.set(item.id, item);
    this.messages.set(item.messageId, storedMessage(item.messageId));
    this.rows.push({
      messageId: item.messageId,
      index: item.recipientIndex,
      address: item.recipient,
      domain: item.recipient.slice(item.recipient.indexOf('@') + 1),
      state: item.state === 'picked-up' ? 'picked-up' : 'in-portal',
      attempts: 1,
    });
    return item;
  }
}

export function portalItem(n: number, change: Partial<PortalItem> = {}): PortalItem {
  return {
    id: `item${n}`,
    messageId: `m${n}`,
    recipientIndex: 0,
    recipient: `patient${n}@mail.test`,
    sender: 'doctor@clinic.example',
    linkHash: sha256(linkSecret(n)),
    createdAt: START,
    expiresAt: START + ITEM_LIFETIME_MS,
    state: 'waiting',
    strength: 'code',
    passphraseTries: 0,
    body: plainBody(messageText(`m${n}`)),
    receipt: 'none',
    language: 'en',
    reminders: 0,
    ...change,
  };
}

const messageText = (id: string) => `Subject: ${SECRET_SUBJECT}\r\n\r\nhello from ${id}\r\n`;

export function storedMessage(id: string): StoredMessage {
  return {
    id,
    origin: 'submitted',
    receivedAt: START,
    identity: 'ward3',
    sender: 'doctor@clinic.example',
    headerMessageId: `<${id}@clinic.example>`,
    smtpUtf8: false,
    eightBitMime: false,
    dsn: {},
    listener: 'submission',
    clientAddress: '192.0.2.9',
    state: 'decided',
    inspectAttempts: 1,
    subjectShowable: false,
    body: plainBody(messageText(id)),
  };
}
