import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable, Writable } from 'node:stream';
import type { AuditEvent } from '../../../src/audit/events.js';
import type { LoadedConfig } from '../../../src/config/load.js';
import { parseConfig } from '../../../src/config/load.js';
import type { SealedBody, StoredMessage, StoredRecipient } from '../../../src/model/message.js';
import type { PortalCode, PortalItem, PortalSession } from '../../../src/model/portal-item.js';
import { createLog } from '../../../src/ops/log.js';
import { type Portal, type PortalDeps, startPortal } from '../../../src/portal/index.js';
import type { OwnMail } from '../../../src/portal/own-mail.js';
import type { RenderedMessage } from '../../../src/portal/renderer.js';
import {
  type Events,
  type NewMessage,
  type QueueChange,
  StoreUnavailable,
} from '../../../src/store/ports.js';

export const START = Date.UTC(2026, 10, 2, 9, 0, 0);
export const SECRET_SUBJECT = 'Canary-Subject lab result of Zebedee Quux';
export const ORIGIN = 'http://127.0.0.1:8443';

/** A configuration with these settings of `portal` over plain HTTP on loopback. */
export function loadedConfig(portal: Readonly<Record<string, string>> = {}): LoadedConfig {
  const settings = { address: '127.0.0.1:0', url: ORIGIN, sender: 'pickup@clinic.example', ...portal };
  const text = `
hostname: gateway.clinic.example
data_dir: data
organisation:
  name: Willow <Clinic>
  domains: [clinic.example]
  postmaster: postmaster@clinic.example
listeners:
  - name: submission
    address: 127.0.0.1:2587
    mode: submission
    accounts: true
portal:
${Object.entries(settings)
  .map(([key, value]) => `  ${key}: ${value}`)
  .join('\n')}
`;
  return {
    config: parseConfig(text, 'test.yaml'),
    file: '/nowhere/test.yaml',
    dataDir: '/nowhere/data',
    policyDir: '/nowhere/policies',
    hash: '00',
    path: (relative) => relative,
  };
}

const sha256 = (text: string) => createHash('sha256').update(Buffer.from(text, 'base64url')).digest();
export const linkSecret = (n: number) => Buffer.alloc(32, n).toString('base64url');

/** Seals nothing: content is kept as it is. */
export const bodies = {
  seal: async (bytes: Uint8Array): Promise<SealedBody> => sealed(bytes),
  open: (body: SealedBody): Readable =>
    body.content.kind === 'inline'
      ? Readable.from([Buffer.from(body.content.bytes)])
      : new Readable({
          read() {
            this.destroy(new Error('a chunk was damaged'));
          },
        }),
};
export const DAMAGED: SealedBody = {
  wrappedKey: new Uint8Array(),
  size: 20,
  content: { kind: 'file', name: 'x' },
};
function sealed(bytes: Uint8Array): SealedBody {
  return { wrappedKey: new Uint8Array(), size: bytes.length, content: { kind: 'inline', bytes } };
}

export const ownMail: OwnMail = async (input, store) => ({
  message: {
    id: `own-${++mails}`,
    origin: input.origin,
    receivedAt: input.now,
    identity: 'sallyport',
    sender: input.envelopeFrom,
    headerMessageId: `<${mails}@${input.hostname}>`,
    smtpUtf8: false,
    eightBitMime: false,
    dsn: {},
    listener: '',
    clientAddress: '',
    ...(input.aboutMessage === undefined ? {} : { aboutMessage: input.aboutMessage }),
    ...(input.aboutPortalItem === undefined ? {} : { aboutPortalItem: input.aboutPortalItem }),
    body: await store.seal(Buffer.from(`${input.subject}\n\n${input.text}\n\n${input.html ?? ''}`)),
  },
  recipients: [{ address: input.to, domain: input.to.slice(input.to.indexOf('@') + 1) }],
});
let mails = 0;

export function mailText(mail: NewMessage | undefined): string {
  const content = mail?.message.body.content;
  return content?.kind === 'inline' ? Buffer.from(content.bytes).toString() : '';
}

/** What a store would keep, and every way to look at it or to break it. */
export class FakeStore {
  items = new Map<string, PortalItem>();
  messages = new Map<string, StoredMessage>();
  rows: StoredRecipient[] = [];
  codes = new Map<string, PortalCode>();
  issued: { item: string; at: number }[] = [];
  sessions = new Map<string, PortalSession>();
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
      this.mails.length,
    ]);
  }
  readonly portal: PortalDeps['portal'] = {
    item: async (id) => this.items.get(id),
    itemByLink: async (hash) =>
      [...this.items.values()].find((item) => Buffer.from(item.linkHash).equals(Buffer.from(hash))),
    items: async () => [...this.items.values()],
    expiredItems: async () => [],
    putCode: async (code, mail, events) => {
      this.write(events);
      this.codes.set(code.itemId, code);
      this.issued.push({ item: code.itemId, at: code.createdAt });
      this.mails.push(mail);
    },
    code: async (id) => this.codes.get(id),
    codesIssuedSince: async (id, since) =>
      this.issued.filter((one) => one.item === id && one.at >= since).length,
    failCode: async (id, events) => {
      this.write(events);
      const code = this.codes.get(id);
      if (code === undefined) return 0;
      this.codes.set(id, { ...code, failedTries: code.failedTries + 1 });
      return code.failedTries + 1;
    },
    openSession: async (session, events) => {
      this.write(events);
      if (!this.codes.delete(session.itemId)) return false;
      this.sessions.set(Buffer.from(session.tokenHash).toString('hex'), session);
      return true;
    },
    session: async (hash, now) => {
      const session = this.sessions.get(Buffer.from(hash).toString('hex'));
      return session !== undefined && session.expiresAt > now ? session : undefined;
    },
    closeSession: async (hash, events) => {
      this.write(events);
      this.sessions.delete(Buffer.from(hash).toString('hex'));
    },
    record: async (events) => this.write(events),
  };
  readonly queue: PortalDeps['queue'] = {
    message: async (id) => this.messages.get(id),
    recipients: async (id) => this.rows.filter((row) => row.messageId === id),
    apply: async (change, events) => {
      this.write(events);
      return this.change(change);
    },
  };
  change(change: QueueChange) {
    for (const one of change.changePortalItems ?? []) {
      const item = this.items.get(one.id);
      if (item === undefined || !(one.from ?? [item.state]).includes(item.state)) continue;
      this.items.set(one.id, {
        ...item,
        state: one.state,
        ...(one.firstReadAt === undefined ? {} : { firstReadAt: one.firstReadAt }),
      });
    }
    const changed = [];
    for (const { key, from, set } of change.recipients ?? []) {
      const at = this.rows.findIndex((row) => row.messageId === key.messageId && row.index === key.index);
      const row = this.rows[at];
      if (row === undefined || !from.includes(row.state)) continue;
      this.rows[at] = { ...row, state: set.state ?? row.state };
      changed.push(key);
    }
    return changed;
  }
  /** Puts message `m<n>` for `patient<n>@mail.test` into the portal, under the link `linkSecret(n)`. */
  add(n: number, change: Partial<PortalItem> = {}): PortalItem {
    const recipient = `patient${n}@mail.test`;
    const item: PortalItem = {
      id: `item${n}`,
      messageId: `m${n}`,
      recipientIndex: 0,
      recipient,
      sender: 'doctor@clinic.example',
      linkHash: sha256(linkSecret(n)),
      createdAt: START,
      expiresAt: START + 14 * 86_400_000,
      state: 'waiting',
      ...change,
    };
    this.items.set(item.id, item);
    this.messages.set(item.messageId, storedMessage(item.messageId));
    this.rows.push({
      messageId: item.messageId,
      index: 0,
      address: recipient,
      domain: 'mail.test',
      state: item.state === 'picked-up' ? 'picked-up' : 'in-portal',
      attempts: 1,
    });
    return item;
  }
}

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
    body: sealed(Buffer.from(`Subject: ${SECRET_SUBJECT}\r\n\r\nhello from ${id}\r\n`)),
  };
}

export const SAMPLE: RenderedMessage = {
  subject: SECRET_SUBJECT,
  from: 'Dr. Doe <doctor@clinic.example>',
  to: 'patient1@mail.test',
  date: '2026-11-02T09:30:00.000Z',
  html: '<p>framed-canary</p>',
  text: 'text-canary',
  attachments: [{ index: 0, fileName: 'result.pdf', mediaType: 'application/pdf', size: 2048 }],
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A browser that keeps cookies. */
export interface Browser {
  cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  head(path: string): Promise<Answer>;
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
}

export interface World {
  readonly store: FakeStore;
  readonly portal: Portal;
  readonly clock: { time: number; now(): number };
  readonly logged: string[];
  rendered: RenderedMessage | Error;
  attachment: { bytes: Uint8Array; fileName: string; mediaType: string } | Error;
  woken: number;
  browser(): Browser;
}

export async function startWorld(
  portalSettings: Readonly<Record<string, string>> = {},
  extra: Partial<Pick<PortalDeps, 'serverCertificate' | 'limits'>> = {},
): Promise<World> {
  const store = new FakeStore();
  const logged: string[] = [];
  const clock = {
    time: START,
    now() {
      return this.time;
    },
  };
  const portal = await startPortal({
    loaded: loadedConfig(portalSettings),
    portal: store.portal,
    queue: store.queue,
    bodies,
    renderer: {
      render: async () => {
        if (world.rendered instanceof Error) throw world.rendered;
        return world.rendered;
      },
      attachment: async () => {
        if (world.attachment instanceof Error) throw world.attachment;
        return world.attachment;
      },
    },
    codeKey: new Uint8Array(32).fill(7),
    serverCertificate: undefined,
    ownMail,
    clock,
    log: createLog(
      { level: 'trace', addresses: 'full' },
      new Writable({
        write(chunk, _encoding, done) {
          logged.push(String(chunk));
          done();
        },
      }),
    ),
    onQueued: () => {
      world.woken++;
    },
    ...extra,
  });
  const world: World = {
    store,
    portal,
    clock,
    logged,
    rendered: SAMPLE,
    attachment: { bytes: Buffer.from('%PDF-canary'), fileName: 'result.pdf', mediaType: 'application/pdf' },
    woken: 0,
    browser: () => createBrowser(portal.port, portal.url.startsWith('https:')),
  };
  return world;
}

function createBrowser(port: number, tls: boolean): Browser {
  const cookies = new Map<string, string>();
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    new Promise<Answer>((resolve, reject) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const request = (tls ? httpsRequest : httpRequest)(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          agent: false,
          rejectUnauthorized: false,
          headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            for (const set of response.headers['set-cookie'] ?? []) {
              const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
              if (/Max-Age=0/.test(set)) cookies.delete(name);
              else cookies.set(name, value);
            }
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            });
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  return {
    cookies,
    get: (path, headers = {}) => send('GET', path, headers),
    head: (path) => send('HEAD', path, {}),
    post: (path, form, headers = {}) =>
      send(
        'POST',
        path,
        { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
        new URLSearchParams(form).toString(),
      ),
  };
}

/** The hidden token of the form with this target. */
export function formToken(page: Answer, action: string): string {
  const match = new RegExp(
    `action="[^"]*/${action}"[^>]*>\\s*<input type="hidden" name="token" value="([^"]+)"`,
  ).exec(page.body);
  return match?.[1] ?? '';
}

/** The code in the newest mail. */
export function mailedCode(store: FakeStore): string {
  return (
    /(\d{4}) (\d{4})/
      .exec(mailText(store.mails.at(-1)))
      ?.slice(1, 3)
      .join('') ?? ''
  );
}

/** Link, code, session: the way of an honest recipient of item `n`. */
export async function signInTo(world: World, n: number, browser = world.browser()): Promise<Browser> {
  const path = `/m/${linkSecret(n)}`;
  const start = await browser.get(path);
  await browser.post(`${path}/code`, { token: formToken(start, 'code') });
  const enter = await browser.get(`${path}/code`);
  await browser.post(`${path}/sign-in`, {
    token: formToken(enter, 'sign-in'),
    code: mailedCode(world.store),
  });
  return browser;
}
