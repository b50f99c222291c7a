import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { hash } from '@node-rs/argon2';
import { pino } from 'pino';
import type { AuditEvent, AuditEventData, AuditEventType } from '../../../src/audit/events.js';
import { type LoadedConfig, parseConfig } from '../../../src/config/load.js';
import { type Intake, type IntakeDeps, startIntake } from '../../../src/intake/index.js';
import { type CertificateAndKey, issueCertificate } from '../../../src/keys/certificates.js';
import type { Account } from '../../../src/model/account.js';
import type { SealedBody } from '../../../src/model/message.js';
import { createMetrics } from '../../../src/ops/metrics.js';
import { type NewMessage, StoreUnavailable } from '../../../src/store/ports.js';

export const PASSWORD = 'made-up password 1';
export const DAY = 86_400_000;
export const LOOP_KEY = Buffer.alloc(32, 7);

const hashes = new Map<string, Promise<string>>();
function hashOf(password: string): Promise<string> {
  const known = hashes.get(password) ?? hash(password);
  hashes.set(password, known);
  return known;
}

let own: Promise<CertificateAndKey> | undefined;
/** The relay's certificate, made once for all tests of a file. */
export function serverCertificate(): Promise<CertificateAndKey> {
  const now = Date.now();
  own ??= issueCertificate({
    commonName: 'relay.clinic.example',
    names: ['relay.clinic.example', '127.0.0.1'],
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + DAY),
  });
  return own;
}

/** A loaded configuration from listeners and identities in YAML (JSON is YAML). */
export function loadedOf(parts: {
  readonly listeners: readonly object[];
  readonly identities?: readonly object[];
  readonly rest?: object;
}): LoadedConfig {
  const config = parseConfig(
    JSON.stringify({
      hostname: 'relay.clinic.example',
      organisation: {
        name: 'Example Clinic',
        domains: ['clinic.example'],
        postmaster: 'postmaster@clinic.example',
      },
      listeners: parts.listeners,
      identities: parts.identities ?? [],
      ...parts.rest,
    }),
    'test.yaml',
  );
  return {
    config,
    file: '/nonexistent/test.yaml',
    dataDir: '/nonexistent',
    policyDir: '/nonexistent',
    hash: createHash('sha256').update(JSON.stringify(config)).digest('hex'),
    path: (relative) => relative,
  };
}

export const SUBMISSION = {
  name: 'submission',
  address: '127.0.0.1:0',
  mode: 'submission',
  accounts: true,
};
/** A listener and an identity that take everything on this machine, without TLS. */
export const OPEN_LISTENER = {
  name: 'inside',
  address: '127.0.0.1:0',
  mode: 'relay',
  identities: ['ehr'],
  tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
};
export const EHR = { name: 'ehr', networks: ['127.0.0.0/8'], senders: ['clinic.example'] };

export interface World {
  readonly intake: Intake;
  readonly port: number;
  readonly messages: NewMessage[];
  readonly events: AuditEvent[];
  readonly accepted: string[];
  readonly accounts: Map<string, Account>;
  readonly logged: string[];
  /** Recipients of messages that the relay sent before, by its IDs. */
  readonly sent: Map<string, readonly string[]>;
  /** Bodies created and neither finished nor aborted. */
  openBodies(): number;
  eventsOf<T extends AuditEventType>(type: T): AuditEventData[T][];
  bodyText(index?: number): string;
  /** Faults to be switched on. */
  readonly faults: {
    insert: boolean;
    read: boolean;
    write: boolean;
    audit: boolean;
    storeFailed: boolean;
    free: number;
  };
  now: number;
  close(): Promise<void>;
}

export async function startWorld(
  loaded: LoadedConfig,
  change: Partial<IntakeDeps> = {},
  accounts: readonly { name: string; senders: string[]; disabled?: boolean }[] = [],
): Promise<World> {
  const messages: NewMessage[] = [];
  const events: AuditEvent[] = [];
  const accepted: string[] = [];
  const logged: string[] = [];
  const open = new Set<object>();
  const sent = new Map<string, readonly string[]>();
  const faults = { insert: false, read: false, write: false, audit: false, storeFailed: false, free: 1e12 };
  const table = new Map<string, Account>();
  for (const one of accounts) {
    table.set(one.name, {
      name: one.name,
      passwordHash: await hashOf(PASSWORD),
      senders: one.senders,
      disabled: one.disabled ?? false,
      createdAt: 0,
      changedAt: 0,
    });
  }
  const time = { now: Date.now() };
  const clock = { now: () => time.now };
  const intake = await startIntake({
    loaded,
    queue: {
      insert: async (message, more) => {
        if (faults.insert) throw new StoreUnavailable('insert fails');
        messages.push(message);
        events.push(...more);
      },
      recipients: async (id) => {
        if (faults.read) throw new StoreUnavailable('read fails');
        return (sent.get(id) ?? []).map((address, index) => ({
          messageId: id,
          index,
          address,
          domain: address.slice(address.indexOf('@') + 1),
          state: address.startsWith('bounced') ? 'bounced' : 'delivered',
          attempts: 1,
        }));
      },
    },
    loopKey: LOOP_KEY,
    bodies: {
      create: () => {
        const chunks: Buffer[] = [];
        const token = {};
        open.add(token);
        return {
          write: async (chunk) => {
            if (faults.write) throw new StoreUnavailable('write fails');
            chunks.push(Buffer.from(chunk));
          },
          finish: async (): Promise<SealedBody> => {
            open.delete(token);
            const bytes = Buffer.concat(chunks);
            return { wrappedKey: Buffer.alloc(0), size: bytes.length, content: { kind: 'inline', bytes } };
          },
          abort: async () => {
            open.delete(token);
          },
        };
      },
      open: () => Readable.from([]),
      seal: async (bytes) => ({
        wrappedKey: Buffer.alloc(0),
        size: bytes.length,
        content: { kind: 'inline', bytes },
      }),
      remove: async () => undefined,
    },
    accounts: {
      account: async (name) => table.get(name),
      accounts: async () => [...table.values()],
      put: async (account) => {
        table.set(account.name, account);
      },
    },
    audit: {
      record: async (more) => {
        if (faults.audit) throw new StoreUnavailable('audit fails');
        events.push(...more);
      },
    },
    serverCertificate: await serverCertificate(),
    clock,
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    metrics: createMetrics(),
    freeSpace: async () => faults.free,
    onAccepted: (id) => void accepted.push(id),
    storeFailed: () => faults.storeFailed,
    ...change,
  });
  const world: World = {
    intake,
    port: intake.listeners[0]!.port,
    messages,
    events,
    accepted,
    accounts: table,
    logged,
    sent,
    faults,
    get now() {
      return time.now;
    },
    set now(at) {
      time.now = at;
    },
    openBodies: () => open.size,
    eventsOf: (type) =>
      events.filter((one) => one.type === type).map((one) => one.data) as AuditEventData[typeof type][],
    bodyText: (index = 0) => {
      const content = messages[index]!.message.body.content;
      return content.kind === 'inline' ? Buffer.from(content.bytes).toString('latin1') : '';
    },
    close: () => intake.close(0),
  };
  return world;
}

/** A client that speaks by hand, and sees each reply as it came. */
export interface Client {
  socket: Socket | TLSSocket;
  /** The next whole reply, its lines joined by `\n`; `''` when the connection ended. */
  reply(): Promise<string>;
  write(bytes: string | Buffer): void;
  /** Sends a line with CRLF and gives the reply. */
  say(line: string | Buffer): Promise<string>;
  /** STARTTLS after the 220 was read, or implicit TLS at once. */
  startTls(options?: ConnectionOptions): Promise<void>;
  closed(): Promise<void>;
  end(): void;
}

export async function dial(
  port: number,
  options: { readonly tls?: ConnectionOptions } = {},
): Promise<Client> {
  let lines: string[] = [];
  let partial = '';
  let ended = false;
  let wake: () => void = () => undefined;
  const listen = (socket: Socket) => {
    socket.on('data', (chunk: Buffer) => {
      const parts = (partial + chunk.toString('latin1')).split('\r\n');
      partial = parts.pop() ?? '';
      lines.push(...parts);
      wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      ended = true;
      wake();
    });
  };
  const client: Client = {
    socket: connect(port, '127.0.0.1'),
    async reply() {
      for (;;) {
        const last = lines.findIndex((line) => /^\d{3}(?: |$)/.test(line));
        if (last >= 0) {
          const reply = lines.slice(0, last + 1).join('\n');
          lines = lines.slice(last + 1);
          return reply;
        }
        if (ended) return '';
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    write: (bytes) => void client.socket.write(bytes),
    say(line) {
      client.write(Buffer.concat([Buffer.from(line), Buffer.from('\r\n')]));
      return client.reply();
    },
    async startTls(tls = {}) {
      const raw = client.socket;
      raw.removeAllListeners('data');
      raw.removeAllListeners('close');
      const secure = connectTls({ socket: raw, rejectUnauthorized: false, ...tls });
      client.socket = secure;
      listen(secure);
      await once(secure, 'secureConnect');
    },
    async closed() {
      while (!ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    end: () => void client.socket.destroy(),
  };
  if (options.tls === undefined) listen(client.socket);
  else await client.startTls(options.tls);
  return client;
}

export const plain = (user: string, password: string) =>
  `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`;

/** Connects, greets, takes TLS and logs in. */
export async function dialAs(
  port: number,
  user: string,
  password = PASSWORD,
  tls: ConnectionOptions = {},
): Promise<Client> {
  const client = await dial(port);
  await client.reply();
  await client.say('EHLO client.example');
  await client.say('STARTTLS');
  await client.startTls(tls);
  await client.say('EHLO client.example');
  const reply = await client.say(plain(user, password));
  if (!reply.startsWith('235')) throw new Error(`log-in refused: ${reply}`);
  return client;
}

/** Connects and greets, on a listener without TLS. */
export async function dialPlain(port: number): Promise<Client> {
  const client = await dial(port);
  await client.reply();
  await client.say('EHLO client.example');
  return client;
}

export const HEADER =
  'From: Ward 3 <ward3@clinic.example>\r\nTo: someone@lab.example\r\nSubject: made up\r\n';

/** Sends one message whole; gives the reply to its end. */
export async function submit(
  client: Client,
  content: string | Buffer,
  options: { readonly mail?: string; readonly rcpt?: readonly string[] } = {},
): Promise<string> {
  const mail = await client.say(options.mail ?? 'MAIL FROM:<ward3@clinic.example>');
  if (!mail.startsWith('250')) return mail;
  for (const one of options.rcpt ?? ['<someone@lab.example>']) await client.say(`RCPT TO:${one}`);
  const data = await client.say('DATA');
  if (!data.startsWith('354')) return data;
  client.write(content);
  client.write('\r\n.\r\n');
  return client.reply();
}
