import { Readable } from 'node:stream';
import type { AuditEvent } from '../../src/audit/events.js';
import {
  END_STATES,
  RECIPIENT_STATES,
  type RecipientKey,
  type RecipientState,
  type StoredMessage,
  type StoredRecipient,
} from '../../src/model/message.js';
import { REACHED_TLS_LEVELS, type ReachedTlsLevel } from '../../src/model/method.js';
import type { PortalItem } from '../../src/model/portal-item.js';
import type { Suppression } from '../../src/model/suppression.js';
import { foldAddress } from '../../src/shared/fold-address.js';
import { minuteOf, roomAt, roomLeft } from '../../src/shared/hourly-limit.js';
import type {
  BegunAttempt,
  BodyStore,
  NewMessage,
  PortalStore,
  QueueChange,
  QueueStore,
  RecipientChange,
  SuppressionStore,
  TlsMemory,
} from '../../src/store/ports.js';
import { StoreUnavailable } from '../../src/store/ports.js';

/** Work in progress kept in memory, with the promises of the real store that stages build upon. */
export interface MemoryStore {
  readonly queue: QueueStore;
  readonly portalItems: Pick<
    PortalStore,
    'item' | 'expiredItems' | 'closedItemsWithContent' | 'destroyItemContent'
  >;
  readonly tlsMemory: TlsMemory;
  readonly suppressions: SuppressionStore;
  readonly bodies: BodyStore;
  /** Everything recorded so far, in order. */
  readonly events: readonly AuditEvent[];
  readonly items: Map<string, PortalItem>;
  readonly messages: ReadonlyMap<string, StoredMessage>;
  /** Everything ever queued, as it was queued. */
  readonly inserted: readonly NewMessage[];
  readonly removed: readonly string[];
  recipient(messageId: string, index?: number): StoredRecipient;
  /** Calls of `due` so far. */
  readonly dueCalls: () => number;
  remember(domain: string, level: ReachedTlsLevel): void;
  /** From now on every write is refused. */
  fail(): void;
}

export function createMemoryStore(): MemoryStore {
  const messages = new Map<string, StoredMessage>();
  const rows = new Map<string, StoredRecipient>();
  const items = new Map<string, PortalItem>();
  const levels = new Map<string, ReachedTlsLevel>();
  const suppressions = new Map<string, Suppression>();
  const events: AuditEvent[] = [];
  const inserted: NewMessage[] = [];
  const removed: string[] = [];
  const counts = new Map<string, Map<number, number>>();
  let dueCalls = 0;
  let failing = false;

  const key = (messageId: string, index: number) => `${messageId} ${String(index).padStart(6, '0')}`;
  const write = () => {
    if (failing) throw new StoreUnavailable('the disk is full');
  };
  const isEnd = (state: RecipientState) => END_STATES.some((end) => end === state);
  const isOpen = (item: PortalItem) => item.state === 'waiting' || item.state === 'picked-up';
  const rowsOf = (messageId: string) =>
    [...rows.values()].filter((row) => row.messageId === messageId).sort((a, b) => a.index - b.index);
  const insert = (input: NewMessage) => {
    inserted.push(input);
    const queued = input.recipients.every((one) => one.queued !== undefined);
    messages.set(input.message.id, {
      ...input.message,
      state: queued ? 'decided' : 'received',
      inspectAttempts: 0,
      subjectShowable: false,
    });
    input.recipients.forEach(({ queued: first, ...one }, index) => {
      rows.set(key(input.message.id, index), {
        ...one,
        messageId: input.message.id,
        index,
        attempts: 0,
        state: first === undefined ? 'received' : 'pending',
        ...(input.message.stream === undefined ? {} : { stream: input.message.stream }),
        ...first,
      });
    });
  };
  const listed = (addresses: readonly string[], now: number) =>
    [...suppressions.values()].filter(
      (one) =>
        addresses.map(foldAddress).includes(one.address) && (one.expiresAt ?? Number.POSITIVE_INFINITY) > now,
    );
  const applies = (change: RecipientChange) => {
    const row = rows.get(key(change.key.messageId, change.key.index));
    return row !== undefined && !isEnd(row.state) && change.from.includes(row.state);
  };

  const isToldBy = (item: PortalItem, notice: string | undefined) =>
    notice === undefined || (item.noticeId ?? notice) === notice;
  const itemsAllow = ({ changePortalItems = [] }: QueueChange) =>
    changePortalItems.every(({ id, from, overAt, toldBy }) => {
      const item = items.get(id);
      if (item === undefined || !isOpen(item) || !isToldBy(item, toldBy)) return false;
      return item.expiresAt <= (overAt ?? item.expiresAt) && (from ?? [item.state]).includes(item.state);
    });

  const queue: QueueStore = {
    async insert(message, newEvents) {
      write();
      events.push(...newEvents);
      insert(message);
    },
    message: async (id) => messages.get(id),
    recipients: async (id) => rowsOf(id),
    tellingOfItem: async (itemId, since) =>
      [...messages.values()]
        .filter((one) => one.aboutPortalItem === itemId && one.id >= since && /^pickup-/.test(one.origin))
        .flatMap(({ id }) => rowsOf(id).map(({ state }) => ({ id, state }))),
    contentKey: async (id) => messages.get(id)?.body?.wrappedKey,
    undecided: async () => [],
    beginInspection: async () => 1,
    async apply(change, newEvents) {
      write();
      const named = change.recipients ?? [];
      if (change.onlyIfAllApply === true && !(named.every(applies) && itemsAllow(change))) return [];
      events.push(...newEvents);
      const changed = named.filter(applies);
      const begun = new Set<RecipientChange>();
      for (const one of changed) {
        const { key: rowKey, set, begins } = one;
        const name = key(rowKey.messageId, rowKey.index);
        const begin = begins !== undefined && listed([begins.address], begins.now).length === 0;
        if (begin) begun.add(one);
        const more = begin ? { attempts: begins.attempts, nextAttemptAt: begins.nextAttemptAt } : {};
        const merged = Object.entries({ ...rows.get(name)!, ...set, ...more }).filter(
          ([, value]) => value !== null,
        );
        rows.set(name, Object.fromEntries(merged) as unknown as StoredRecipient);
      }
      for (const one of change.changePortalItems ?? []) {
        const item = items.get(one.id);
        if (
          item !== undefined &&
          isOpen(item) &&
          (one.from ?? [item.state]).includes(item.state) &&
          item.expiresAt <= (one.overAt ?? item.expiresAt) &&
          isToldBy(item, one.toldBy)
        )
          items.set(one.id, { ...item, state: one.state });
      }
      for (const one of change.suppress ?? []) suppressions.set(one.address, one);
      for (const one of change.rememberTls ?? []) {
        const before = levels.get(one.domain) ?? 'none';
        if (REACHED_TLS_LEVELS.indexOf(one.level) > REACHED_TLS_LEVELS.indexOf(before))
          levels.set(one.domain, one.level);
      }
      if (named.length === 0 || changed.length > 0) {
        for (const item of change.createPortalItems ?? []) items.set(item.id, item);
        for (const message of change.create ?? []) insert(message);
      }
      return changed.map((one) => (begun.has(one) ? { ...one.key, begun: true } : one.key));
    },
    held: async () => ({ rows: [], total: 0 }),
    async due(now, limit, filter = {}) {
      dueCalls += 1;
      return [...rows.values()]
        .filter((row) => row.state === 'pending' && (row.nextAttemptAt ?? Number.POSITIVE_INFINITY) <= now)
        .filter((row) => filter.stream === undefined || (row.stream ?? 'default') === filter.stream)
        .filter((row) => filter.exceptDomains?.includes(row.domain) !== true)
        .filter((row) => filter.onlyDomains?.includes(row.domain) !== false)
        .sort((a, b) => (a.nextAttemptAt ?? 0) - (b.nextAttemptAt ?? 0))
        .slice(0, limit);
    },
    async dueStreams(now) {
      return [
        ...new Set(
          [...rows.values()]
            .filter((row) => row.state === 'pending' && row.nextAttemptAt! <= now)
            .map((row) => row.stream ?? 'default'),
        ),
      ];
    },
    async beginThrottled({ attempts, nextAttemptAt, now, limits }) {
      write();
      const begun: RecipientKey[] = [];
      const waiting: BegunAttempt['waiting'][number][] = [];
      for (const { key: one, counters, afterWaiting } of attempts) {
        const name = key(one.messageId, one.index);
        const row = rows.get(name);
        if (row?.state !== 'pending') continue;
        const isFull = (counter: string) =>
          roomLeft(counts.get(counter) ?? new Map(), limits[counter]!, now) === 0;
        const full = counters.find(isFull);
        if (full === undefined) {
          for (const counter of counters) {
            const minutes = counts.get(counter) ?? new Map<number, number>();
            minutes.set(minuteOf(now), (minutes.get(minuteOf(now)) ?? 0) + 1);
            counts.set(counter, minutes);
          }
          const { throttledSince, throttledBy, ...rest } = row;
          rows.set(name, { ...rest, ...afterWaiting, attempts: row.attempts + 1, nextAttemptAt });
          begun.push(one);
        } else {
          const until = roomAt(counts.get(full)!, limits[full]!, now);
          rows.set(name, {
            ...row,
            nextAttemptAt: until,
            throttledSince: row.throttledSince ?? now,
            throttledBy: full,
          });
          waiting.push({ key: one, counter: full, until });
        }
      }
      return { begun, waiting };
    },
    reconsiderWaiting: async () => false,
    pendingByStream: async () => [],
    async nextDueAt() {
      let next: number | undefined;
      for (const row of rows.values()) {
        const at =
          row.state === 'pending' ? row.nextAttemptAt : row.state === 'held' ? row.expiresAt : undefined;
        if (at !== undefined && (next === undefined || at < next)) next = at;
      }
      return next;
    },
    async beginAttempt(keys, nextAttemptAt) {
      write();
      return keys.filter((one) => {
        const row = rows.get(key(one.messageId, one.index));
        if (row?.state !== 'pending') return false;
        rows.set(key(one.messageId, one.index), { ...row, attempts: row.attempts + 1, nextAttemptAt });
        return true;
      });
    },
    expiredHolds: async (now, limit) =>
      [...rows.values()].filter((row) => row.state === 'held' && row.expiresAt! <= now).slice(0, limit),
    list: async () => [],
    async counts() {
      const counts = Object.fromEntries(RECIPIENT_STATES.map((state) => [state, 0])) as Record<
        RecipientState,
        number
      >;
      for (const row of rows.values()) counts[row.state] += 1;
      return counts;
    },
    finished: async (limit) =>
      [...messages.values()]
        .filter((message) => message.body !== undefined)
        .filter((message) => rowsOf(message.id).every((row) => isEnd(row.state) || row.state === 'in-portal'))
        .filter(
          (message) =>
            ![...items.values()].some(
              (item) => item.messageId === message.id && isOpen(item) && item.body === undefined,
            ),
        )
        .slice(0, limit)
        .map((message) => message.id),
    async destroyContent(id, newEvents) {
      write();
      events.push(...newEvents);
      const message = messages.get(id);
      if (message?.body === undefined) return [];
      const { body, rewritten = [], ...rest } = message;
      messages.set(id, rest);
      return [body, ...rewritten.map((one) => one.body)].flatMap(({ content }) =>
        content.kind === 'file' ? [content.name] : [],
      );
    },
  };

  return {
    queue,
    portalItems: {
      item: async (id) => items.get(id),
      expiredItems: async (now, limit) =>
        [...items.values()].filter((item) => isOpen(item) && item.expiresAt <= now).slice(0, limit),
      closedItemsWithContent: async (limit) =>
        [...items.values()].filter((item) => !isOpen(item) && item.body !== undefined).slice(0, limit),
      destroyItemContent: async (id, newEvents) => {
        write();
        events.push(...newEvents);
        const { body, ...rest } = items.get(id)!;
        items.set(id, rest);
        return body?.content.kind === 'file' ? [body.content.name] : [];
      },
    },
    tlsMemory: {
      highest: async (domain) => levels.get(domain),
      list: async () => [],
      reset: async (domain) => levels.delete(domain),
    },
    suppressions: {
      suppressed: async (addresses, now) => listed(addresses, now),
      list: async () => [...suppressions.values()],
      put: async (one) => {
        suppressions.set(one.address, one);
        return true;
      },
      remove: async (address) => suppressions.delete(address),
      forgetExpired: async () => false,
    },
    bodies: {
      create: () => {
        throw new Error('not needed here');
      },
      open: (body, range) =>
        body.content.kind === 'inline'
          ? Readable.from([Buffer.from(body.content.bytes).subarray(range?.start, range?.end)])
          : Readable.from([Buffer.alloc(0)]),
      seal: async (bytes) => ({
        wrappedKey: new Uint8Array(),
        size: bytes.length,
        content: { kind: 'inline', bytes },
      }),
      remove: async (name) => {
        removed.push(name);
      },
    },
    events,
    items,
    messages,
    inserted,
    removed,
    recipient: (messageId, index = 0) => rows.get(key(messageId, index))!,
    dueCalls: () => dueCalls,
    remember: (domain, level) => levels.set(domain, level),
    fail: () => {
      failing = true;
    },
  };
}
