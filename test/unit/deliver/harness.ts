import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { auditEvent } from '../../../src/audit/events.js';
import { type LoadedConfig, parseConfig } from '../../../src/config/load.js';
import { type Courier, createCourier, ownMail, type Resolver } from '../../../src/deliver/index.js';
import type { Decision } from '../../../src/model/decision.js';
import type { MessageOrigin, StoredMessage, StoredRecipient } from '../../../src/model/message.js';
import { METHODS, type Method, type TlsLevel } from '../../../src/model/method.js';
import { createLog } from '../../../src/ops/log.js';
import { createMetrics, type Metrics } from '../../../src/ops/metrics.js';
import { createProtect } from '../../../src/protect/index.js';
import type { QueueStore } from '../../../src/store/ports.js';
import { type WatchMessage, watchedMessages } from '../../../src/store/watched-messages.js';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.js';

/** Words that must never be seen outside the protected content. */
export const CANARY = 'CANARY-7f3a';
export const LOOP_KEY = Buffer.alloc(32, 7);
export const START = Date.UTC(2026, 10, 2, 12);

export const CONTENT = [
  'From: Ward Three <ward3@clinic.example>',
  'To: a@peer.test',
  'Date: Mon, 02 Nov 2026 12:00:00 +0000',
  'Message-ID: <m1@clinic.example>',
  `Subject: ${CANARY} subject`,
  '',
  `${CANARY} body`,
  '.a line that begins with a dot',
  '',
].join('\r\n');

export interface TestCourier {
  readonly courier: Courier;
  readonly store: MemoryStore;
  readonly watch: WatchMessage;
  readonly metrics: Metrics;
  readonly log: () => string;
  readonly failures: readonly Error[];
  now(): number;
  /** Moves the clock on and wakes the courier, then waits until nothing is due. */
  later(ms: number): Promise<void>;
  /** Queues a message and waits until nothing is due. */
  send(options: SendOptions): Promise<string>;
  /** Queues without waiting. */
  queue(options: SendOptions): Promise<string>;
  eventTypes(): readonly string[];
  loaded(): LoadedConfig;
  /** The same configuration, read anew. */
  reload(): void;
}

export interface SendOptions {
  readonly to: readonly string[];
  readonly order?: readonly Method[];
  readonly tls?: TlsLevel;
  readonly content?: string;
  readonly sender?: string;
  readonly origin?: MessageOrigin;
  readonly notify?: StoredRecipient['notify'];
  readonly orcpt?: string;
  readonly message?: Partial<StoredMessage>;
  readonly decision?: Partial<Decision>;
  readonly method?: Method;
}

/** A resolver that answers from a table: MX hosts by domain, addresses by host. */
export function tableResolver(table: {
  readonly mx?: Readonly<Record<string, readonly (readonly [number, string])[] | 'no-domain' | 'failed'>>;
  readonly addresses?: Readonly<Record<string, readonly string[] | 'failed'>>;
}): Resolver {
  const addresses: Resolver['addresses'] = async (host) => {
    const found = table.addresses?.[host];
    if (found === 'failed') return { kind: 'failed', reason: 'ESERVFAIL' };
    return found === undefined ? { kind: 'no-domain' } : { kind: 'found', records: found };
  };
  return {
    mx: async (domain) => {
      const found = table.mx?.[domain];
      if (found === 'no-domain') return { kind: 'no-domain' };
      if (found === 'failed') return { kind: 'failed', reason: 'ETIMEOUT' };
      if (found === undefined) return { kind: 'no-data' };
      return { kind: 'found', records: found.map(([preference, exchange]) => ({ preference, exchange })) };
    },
    addresses,
    configuredHost: addresses,
  };
}

export interface HarnessOptions {
  readonly port: number;
  readonly resolver: Resolver;
  /** PEM of a further CA. */
  readonly ca?: string;
  /** Lines of YAML under `delivery:`. */
  readonly delivery?: readonly string[];
  /** Lines of YAML at the top level. */
  readonly top?: readonly string[];
  readonly portal?: 'allow' | 'hold' | 'none';
  readonly privateTargets?: boolean;
  readonly logAddresses?: 'none' | 'domains';
  /** Waited for by each attempt that acts, before anything else. */
  readonly beforeActing?: (messageId: string) => Promise<void>;
  /** What the courier calls in place of the store's queue. */
  readonly queue?: (queue: QueueStore) => QueueStore;
  /** Waited for by each change of the queue, once it was asked for. */
  readonly beforeApplying?: () => Promise<void>;
  /** What placing in the portal gives: an item with content of its own in a file, or a reason to hold. Left out: an old item. */
  readonly place?: { readonly ownFile: string } | { readonly hold: string };
}

export function loadedConfig(options: HarnessOptions): LoadedConfig {
  const folder = mkdtempSync(join(tmpdir(), 'deliver-'));
  if (options.ca !== undefined) writeFileSync(join(folder, 'ca.pem'), options.ca);
  const text = [
    'hostname: relay.clinic.example',
    'organisation: { name: Example Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example, reviewers: [privacy@clinic.example] }',
    'listeners: [{ name: submission, address: "127.0.0.1:2587", mode: submission, accounts: true }]',
    `logging: { addresses: ${options.logAddresses ?? 'full'} }`,
    `dns: { allow_private_targets: ${options.privateTargets ?? true} }`,
    ...(options.portal === 'none'
      ? []
      : [
          `portal: { url: "https://pickup.clinic.example", sender: pickup@clinic.example, code_over_plain: ${options.portal ?? 'hold'} }`,
        ]),
    ...(options.top ?? []),
    'delivery:',
    `  port: ${options.port}`,
    ...(options.ca === undefined ? [] : ['  ca: ca.pem']),
    ...(options.delivery ?? []).map((line) => `  ${line}`),
  ].join('\n');
  return {
    config: parseConfig(text, 'config.yaml'),
    file: join(folder, 'config.yaml'),
    dataDir: folder,
    policyDir: folder,
    hash: 'test',
    path: (relative) => resolve(folder, relative),
  };
}

export function testCourier(options: HarnessOptions): TestCourier {
  let loaded = loadedConfig(options);
  const memory = createMemoryStore();
  const { store, watch } = watchedMessages({
    ...memory,
    queue: {
      ...memory.queue,
      async apply(change, events) {
        await options.beforeApplying?.();
        return memory.queue.apply(change, events);
      },
    },
  });
  const lines: string[] = [];
  const failures: Error[] = [];
  let now = START;
  const clock = { now: () => now };
  let serial = 0;
  const metrics = createMetrics();
  const protect = createProtect({
    bodies: store.bodies,
    audit: { record: async () => undefined },
    config: () => loaded.config.protect,
    hostname: () => 'relay.clinic.example',
    findKeys: async () => ({ usable: [], refused: [] }),
    signingKeys: { signer: async () => undefined },
    seal: async () => ({ kind: 'failed', reason: 'nothing is sealed here' }),
    clock,
    log: pino({ enabled: false }),
  });
  const courier = createCourier({
    loaded: () => loaded,
    queue: options.queue?.(store.queue) ?? store.queue,
    portalItems: store.portalItems,
    bodies: store.bodies,
    tlsMemory: store.tlsMemory,
    suppressions: store.suppressions,
    fresh: () => undefined,
    watch,
    audit: { record: async () => undefined },
    loopKey: LOOP_KEY,
    protect: async (message, recipients, method) => {
      await options.beforeActing?.(message.id);
      return protect(message, recipients, method);
    },
    placeInPortal: async (message, recipient, at) => {
      const { place } = options;
      if (place !== undefined && 'hold' in place) return { kind: 'hold', reason: place.hold };
      const id = `item-${message.id}-${recipient.index}`;
      const notice = await ownMail(
        {
          origin: 'pickup-notice',
          envelopeFrom: '',
          headerFrom: { name: 'Example Clinic', address: 'pickup@clinic.example' },
          to: recipient.address,
          subject: 'A message is waiting',
          text: 'Pick it up.',
          aboutMessage: message.id,
          aboutPortalItem: id,
          now: at,
          hostname: 'relay.clinic.example',
          lifetimeMs: 3_600_000,
        },
        store.bodies,
      );
      return {
        kind: 'placed',
        change: {
          onlyIfAllApply: true,
          recipients: [
            {
              key: { messageId: message.id, index: recipient.index },
              from: ['pending'],
              set: { state: 'in-portal', method: 'portal', nextAttemptAt: null, expiresAt: null },
            },
          ],
          createPortalItems: [
            {
              id,
              messageId: message.id,
              recipientIndex: recipient.index,
              recipient: recipient.address,
              sender: message.sender,
              linkHash: new Uint8Array(32),
              noticeId: notice.message.id,
              createdAt: at,
              expiresAt: at + 14 * 86_400_000,
              state: 'waiting',
              strength: 'code',
              passphraseTries: 0,
              receipt: 'none',
              language: 'en',
              reminders: 0,
              ...(place === undefined
                ? {}
                : {
                    body: {
                      wrappedKey: new Uint8Array(),
                      size: 9,
                      content: { kind: 'file', name: place.ownFile },
                    },
                  }),
            },
          ],
          create: [notice],
        },
        events: [
          auditEvent('portal.item-created', {
            messageId: message.id,
            recipient: recipient.address,
            item: id,
            expiresAt: at + 14 * 86_400_000,
          }),
        ],
      };
    },
    resolver: options.resolver,
    clock,
    log: createLog({ level: 'trace', addresses: 'full' }, { write: (line: string) => lines.push(line) }),
    metrics,
    random: () => 0.5,
    onFailure: (error) => failures.push(error),
  });
  courier.start();

  const queue = async (send: SendOptions): Promise<string> => {
    serial += 1;
    const id = `m${serial}`;
    const bytes = Buffer.from(send.content ?? CONTENT, 'utf8');
    const order = send.order ?? ['tls', 'portal'];
    const isProtected = !order.includes('plain');
    await store.queue.insert(
      {
        message: {
          id,
          origin: send.origin ?? 'submitted',
          receivedAt: now,
          identity: 'clinic',
          sender: send.sender ?? 'ward3@clinic.example',
          headerMessageId: '<m1@clinic.example>',
          smtpUtf8: false,
          eightBitMime: false,
          dsn: {},
          listener: 'submission',
          clientAddress: '127.0.0.1',
          body: { wrappedKey: new Uint8Array(), size: bytes.length, content: { kind: 'inline', bytes } },
          ...send.message,
        },
        recipients: send.to.map((address) => ({
          address,
          domain: address.slice(address.lastIndexOf('@') + 1),
          ...(send.notify === undefined ? {} : { notify: send.notify }),
          ...(send.orcpt === undefined ? {} : { orcpt: send.orcpt }),
          queued: {
            decision: {
              recipient: address,
              demand: {
                methods: isProtected ? METHODS.filter((one) => one !== 'plain') : METHODS,
                tls: send.tls ?? 'verified',
                portal: 'code',
                disposition: 'send',
              },
              protected: isProtected,
              order,
              rules: [],
              considered: [],
              tags: [],
              policyHash: 'test',
              enforcement: 'enforce',
              ...send.decision,
            },
            method: send.method ?? order[0] ?? 'portal',
            nextAttemptAt: now,
            expiresAt: now + loaded.config.delivery.lifetime,
          },
        })),
      },
      [],
    );
    return id;
  };

  return {
    courier,
    store,
    watch,
    metrics,
    log: () => lines.join(''),
    failures,
    now: () => now,
    loaded: () => loaded,
    reload() {
      loaded = { ...loaded };
      courier.reload();
    },
    async later(ms) {
      now += ms;
      await courier.idle();
    },
    queue,
    async send(send) {
      const id = await queue(send);
      await courier.idle();
      return id;
    },
    eventTypes: () => store.events.map((event) => event.type),
  };
}

/** Texts of the messages of our own that were queued, by origin. */
export function ownMailText(store: MemoryStore, origin: MessageOrigin): string[] {
  return store.inserted.flatMap(({ message }) =>
    message.origin === origin && message.body.content.kind === 'inline'
      ? [Buffer.from(message.body.content.bytes).toString('utf8')]
      : [],
  );
}
