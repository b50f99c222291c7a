import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Writable } from 'node:stream';
import type { LoadedConfig } from '../../../src/config/load.js';
import { parseConfig } from '../../../src/config/load.js';
import { decodeStream } from '../../../src/inspect/decode-stream.js';
import { createLog } from '../../../src/ops/log.js';
import { createMetrics } from '../../../src/ops/metrics.js';
import { type Portal, type PortalDeps, startPortal } from '../../../src/portal/index.js';
import type { OwnMail } from '../../../src/portal/own-mail.js';
import type { Attachment, RenderedMessage, Renderer } from '../../../src/portal/renderer.js';
import { createInTurn, type InTurn } from '../../../src/shared/in-turn.js';
import type { NewMessage } from '../../../src/store/ports.js';
import { linkSecret, MemoryPortal, plainBodies, SECRET_SUBJECT, START } from '../../support/memory-portal.js';

export {
  DAMAGED,
  linkSecret,
  MemoryPortal,
  plainBodies as bodies,
  plainBody,
  SECRET_SUBJECT,
  START,
  storedMessage,
} from '../../support/memory-portal.js';

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

export const SAMPLE: RenderedMessage = {
  subject: SECRET_SUBJECT,
  from: 'Dr. Doe <doctor@clinic.example>',
  to: 'patient1@mail.test',
  date: '2026-11-02T09:30:00.000Z',
  html: '<p>framed-canary</p>',
  text: 'text-canary',
  attachments: [
    { index: 0, fileName: 'result.pdf', mediaType: 'application/pdf', size: 2048, previewable: true },
  ],
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

type Preview = Awaited<ReturnType<Renderer['preview']>>;

export interface World {
  readonly store: MemoryPortal;
  readonly portal: Portal;
  /** Shared with what operators do. */
  readonly inTurn: InTurn;
  readonly clock: { time: number; now(): number };
  readonly logged: string[];
  rendered: RenderedMessage | Error;
  attachment: Attachment | Error;
  preview: Preview | Error;
  woken: number;
  /** Replies to be decided. */
  readonly received: string[];
  browser(): Browser;
}

export async function startWorld(
  portalSettings: Readonly<Record<string, string>> = {},
  extra: Partial<
    Pick<PortalDeps, 'serverCertificate' | 'limits' | 'certificateEveryMs' | 'bodies' | 'renderer'>
  > = {},
): Promise<World> {
  const store = new MemoryPortal();
  const logged: string[] = [];
  const inTurn = createInTurn();
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
    bodies: plainBodies,
    renderer: {
      render: async () => given(world.rendered),
      attachment: async () => given(world.attachment),
      attachments: async () => [given(world.attachment)],
      summary: async () => {
        const { subject, attachments } = given(world.rendered);
        return { subject, hasAttachments: attachments.length > 0 };
      },
      decode: decodeStream,
      preview: async () => given(world.preview),
    },
    codeKey: new Uint8Array(32).fill(7),
    serverCertificate: undefined,
    ownMail,
    inTurn,
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
    metrics: createMetrics(),
    onQueued: () => {
      world.woken++;
    },
    onReceived: (id) => {
      world.received.push(id);
    },
    ...extra,
  });
  const world: World = {
    store,
    portal,
    inTurn,
    clock,
    logged,
    rendered: SAMPLE,
    attachment: { bytes: Buffer.from('%PDF-canary'), fileName: 'result.pdf', mediaType: 'application/pdf' },
    preview: { status: 'unsupported' },
    woken: 0,
    received: [],
    browser: () => createBrowser(portal.port, portal.url.startsWith('https:')),
  };
  return world;
}

function given<T>(value: T | Error): T {
  if (value instanceof Error) throw value;
  return value;
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
export function mailedCode(store: MemoryPortal): string {
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
