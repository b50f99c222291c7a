import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { generate } from 'otplib';
import { type Agent, type Answer, type Fields, portalAgent, tokenOf } from './portal-agent.js';
import { isCodeFor, isNoticeFor, mailedCode, pickupLink, readMail } from './portal-visitor.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from './relay-process.js';
import { type Sink, type Sunk, startSink, testCa } from './sink.js';
import { type SoftAuthenticator, softAuthenticator } from './soft-authenticator.js';
import { submit } from './submit.js';
import { untilState } from './until-state.js';

export const HOST = 'pickup.clinic.example';
export const ORIGIN = `https://${HOST}`;
export const SENDER = 'ward3@clinic.example';
/** In every message that is placed, and nowhere else. */
export const SECRET_TEXT = 'canary-body-of-zebedee-quux';
export const SECRET_SUBJECT = 'canary-subject-of-zebedee-quux';
export const PASSWORD = 'plum violin harbour nine';

const POLICY = `version: 1
rules:
  - { id: by-code, when: { subject: "[code]", recipient: external }, demand: { require: [portal] } }
  - { id: by-telephone, when: { subject: "[telephone]", recipient: external }, demand: { require: [portal], portal: shared-secret } }
  - { id: with-account, when: { subject: "[account]", recipient: external }, demand: { require: [portal], portal: account } }
  - { id: second-factor, when: { subject: "[factor]", recipient: external }, demand: { require: [portal], portal: account-second-factor } }
`;

export type Demand = 'code' | 'telephone' | 'account' | 'factor';

/** A message that waits, as its recipient knows it. */
export interface Placed {
  readonly id: string;
  readonly item: string;
  readonly recipient: string;
  /** `/m/<secret>` */
  readonly link: string;
}

export interface AuditRow {
  readonly seq: number;
  readonly type: string;
  readonly recipient?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Somebody with an account that the organisation stands behind: password, authenticator app and passkey. */
export interface Holder {
  readonly agent: Agent;
  readonly totpSecret: string;
  readonly passkey: SoftAuthenticator;
}

/** A relay with the portal, mailboxes that can be read, a gateway for codes, and what an attacker may get hold of. */
export interface AttackStage {
  readonly home: RelayHome;
  readonly sink: Sink;
  readonly port: number;
  relay(): RunningRelay;
  /** A browser in a network of its own. */
  agent(): Agent;
  /** Puts a message into the portal. */
  place(to: string, demand: Demand, raw?: (headers: string) => string): Promise<Placed>;
  /** The next mailed code for this address that nobody has taken yet. */
  code(address: string): Promise<string>;
  /** The code in the next mail about the account of this address. */
  accountCode(address: string): Promise<string>;
  /** The passphrase for a recipient that the sender was told. */
  passphrase(recipient: string): Promise<string>;
  /** The newest code that the gateway was given. */
  smsCode(): string;
  /** Proves the mailbox by a mailed code. */
  proveMailbox(agent: Agent, placed: Placed, fields?: Fields): Promise<Answer>;
  /** A browser in which the mailbox was proved. */
  signedIn(placed: Placed): Promise<Agent>;
  /** Gives somebody an account, by mailbox and passphrase. */
  holder(address: string): Promise<Holder>;
  /** All events, or those of one network, oldest first. */
  events(network?: string): Promise<readonly AuditRow[]>;
  /** All that the portal keeps, as one text. */
  kept(): string;
  /** Ends the relay and starts it with other settings of the portal. */
  restart(portal: Readonly<Record<string, unknown>>): Promise<void>;
  /** Everything secret that came by. */
  readonly secrets: Set<string>;
  close(): Promise<void>;
}

export async function startAttackStage(): Promise<AttackStage> {
  const secrets = new Set<string>([SECRET_TEXT, SECRET_SUBJECT, PASSWORD]);
  const gateway = await startGateway(secrets);
  const ca = await testCa();
  const sink = await startSink({ certificate: await ca.issue('mx.patient.example') });
  const port = await freePort();
  const portal = {
    address: `127.0.0.1:${port}`,
    url: ORIGIN,
    sender: 'pickup@clinic.example',
    remember_device: '1d',
    sms: { url: `http://127.0.0.1:${gateway.port}/send` },
  };
  const home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
        first_retry: '1s',
        max_retry: '1s',
      },
      portal,
    },
    { policies: { 'portal.yaml': POLICY } },
  );
  let relay = await home.start();
  const { account } = relay;
  const seen = new Set<Sunk>();
  const next = async (fits: (mail: Sunk) => boolean): Promise<Sunk> => {
    const mail = await sink.next((one) => !seen.has(one) && fits(one));
    seen.add(mail);
    return mail;
  };
  const secret = (value: string): string => {
    if (value.length < 8) throw new Error('a secret is missing');
    secrets.add(value);
    secrets.add(value.replace(' ', ''));
    return value;
  };
  const digits = async (mail: Sunk) =>
    secret(/\d{4} \d{4}/.exec((await readMail(mail)).text ?? '')?.[0] ?? '');

  const stage: AttackStage = {
    home,
    sink,
    port,
    secrets,
    relay: () => relay,
    agent: () => portalAgent(port, HOST),
    place: async (to, demand, raw = plain) => {
      const headers = `From: Ward 3 <${SENDER}>\r\nTo: ${to}\r\nSubject: ${SECRET_SUBJECT} [${demand}]\r\nMIME-Version: 1.0\r\nMessage-ID: <${Math.random()}@clinic.example>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0000\r\n`;
      const id = await submit(relay, { from: SENDER, to: [to], raw: raw(headers) }, account);
      await untilState(home, id, to, 'in-portal', 'held', 'bounced');
      const link = new URL(await pickupLink(await next(isNoticeFor(to)))).pathname;
      secret(link.slice('/m/'.length));
      const item = openDb(home, (db) =>
        String(db.prepare('SELECT id FROM portal_items WHERE message_id = ?').pluck().get(id)),
      );
      return { id, item, recipient: to, link };
    },
    code: async (address) => secret(await mailedCode(await next(isCodeFor(address)))),
    accountCode: async (address) =>
      digits(
        await next((mail) => mail.recipients.includes(address) && /^Subject: Your code for/m.test(mail.text)),
      ),
    passphrase: async (recipient) =>
      digits(
        await next(
          (mail) =>
            mail.recipients.includes(SENDER) &&
            /^Subject: A passphrase to tell/m.test(mail.text) &&
            mail.text.includes(recipient),
        ),
      ),
    smsCode: gateway.code,
    proveMailbox: async (agent, placed, fields = {}) => {
      await agent.fill(placed.link, `${placed.link}/code`);
      return agent.fill(`${placed.link}/code`, `${placed.link}/sign-in`, {
        code: await stage.code(placed.recipient),
        ...fields,
      });
    },
    signedIn: async (placed) => {
      const agent = stage.agent();
      await stage.proveMailbox(agent, placed);
      return agent;
    },
    holder: async (address) => {
      const placed = await stage.place(address, 'telephone');
      const passphrase = await stage.passphrase(address);
      const agent = await stage.signedIn(placed);
      await agent.fill(`${placed.link}/passphrase`, `${placed.link}/passphrase`, { passphrase });
      await agent.fill('/account/password', '/account/password', { password: PASSWORD, again: PASSWORD });
      const app = await agent.get('/account/authenticator');
      const totpSecret = secret(
        /class="secret">([A-Z2-7 ]+)</.exec(app.text)?.[1]?.replaceAll(' ', '') ?? '',
      );
      await agent.post('/account/authenticator', {
        token: tokenOf(app),
        code: await generate({ secret: totpSecret }),
      });
      const page = await agent.get('/account/passkey');
      const passkey = softAuthenticator(ORIGIN);
      const added = await agent.post('/account/passkey', {
        token: tokenOf(page),
        name: 'Key',
        answer: passkey.create(passkeyOptions(page)),
      });
      if (added.headers.location !== '/account')
        throw new Error(`no passkey: ${added.status}\n${added.text}`);
      return { agent, totpSecret, passkey };
    },
    events: async (network) => {
      const { stdout } = await home.run(['audit', 'search', '--json', '--limit', '100000']);
      const rows: AuditRow[] = JSON.parse(stdout);
      return rows
        .filter((row) => network === undefined || row.data.clientAddress === network)
        .sort((a, b) => a.seq - b.seq);
    },
    kept: () =>
      openDb(home, (db) => {
        const tables = db
          .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'portal_%' ORDER BY name",
          )
          .pluck()
          .all();
        return tables.map((table) => JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all())).join('\n');
      }),
    restart: async (changes) => {
      await relay.kill('SIGTERM');
      home.configure({ portal: { ...portal, ...changes } });
      relay = await home.start();
    },
    close: async () => {
      await home.remove();
      await sink.close();
      gateway.close();
    },
  };
  return stage;
}

/** The options in a page's passkey form. */
export function passkeyOptions(page: Answer): string {
  return (/data-options="([^"]*)"/.exec(page.text)?.[1] ?? '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function plain(headers: string): string {
  return `${headers}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\n${SECRET_TEXT}\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>${SECRET_TEXT}</p>\r\n--c--\r\n--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="values.csv"\r\n\r\n${SECRET_TEXT}\r\n--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="more.csv"\r\n\r\n${SECRET_TEXT}\r\n--b--\r\n`;
}

function openDb<T>(home: RelayHome, use: (db: Database.Database) => T): T {
  const db = new Database(join(home.dataDir, 'relay.db'), { readonly: true });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

/** The organisation's gateway for codes. */
async function startGateway(
  secrets: Set<string>,
): Promise<{ readonly port: number; code(): string; close(): void }> {
  let last = '';
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const sent = JSON.parse(Buffer.concat(chunks).toString()) as { readonly code: string };
      last = sent.code;
      secrets.add(last);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    code: () => last,
    close: () => server.close(),
  };
}
