import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Readable, Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import type { AuditEvent } from '../../../../src/audit/events.js';
import { parseConfig } from '../../../../src/config/load.js';
import { createLog } from '../../../../src/ops/log.js';
import { createMetrics } from '../../../../src/ops/metrics.js';
import type { ReviewApi } from '../../../../src/review/api.js';
import { startReviewPage } from '../../../../src/review/site/index.js';
import { UserError } from '../../../../src/shared/errors.js';
import { StoreUnavailable } from '../../../../src/store/ports.js';
import type { WebSite } from '../../../../src/web/start.js';

/* Every route of the review page, as the web server itself tells, and what failing parts behind it make of content. */

const CANARY = 'canary-of-zebedee-quux';
const RITA = { kind: 'operator', name: 'rita', roles: ['reviewer'] } as const;
const ID = '1m81a9jgavrjxvrqrwxwd6';

const HELD = {
  messageId: ID,
  receivedAt: 0,
  sender: 'ward3@clinic.example',
  recipient: 'sam@institute.example',
  reason: 'figures leave the house',
  rules: ['figures'],
  expiresAt: undefined,
  release: 'one-person',
} as const;

let site: WebSite | undefined;
afterEach(async () => site?.close());

interface Stage {
  readonly url: string;
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  readonly events: AuditEvent[];
  /** What was asked of the API. */
  readonly calls: string[];
  readonly log: string[];
  now: number;
  /** How many are held. */
  held: number;
  contentFails?: Error;
  renderFails?: Error;
}

async function stage(): Promise<Stage> {
  const routes: { method: string; path: string }[] = [];
  const listen = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.push({ method: one, path: url });
    });
  };
  const on: Stage = { url: '', routes, events: [], calls: [], log: [], now: Date.UTC(2026, 10, 22), held: 1 };
  const asked = <T>(name: string, answer: T): T => {
    on.calls.push(name);
    return answer;
  };
  const api: ReviewApi = {
    logIn: async ({ name }) =>
      asked('logIn', name === 'rita' ? { ok: true, actor: RITA } : { ok: false, refusal: 'wrong' }),
    operatorNow: async () => RITA,
    held: async ({ offset, limit }) =>
      asked('held', {
        rows: Array(on.held)
          .fill(HELD)
          .slice(offset, offset + limit),
        total: on.held,
      }),
    message: async (id) =>
      asked(
        'message',
        id === ID
          ? {
              ...HELD,
              identity: 'ward3',
              headerMessageId: '<1@clinic.example>',
              size: 4,
              recipients: [{ ...HELD, methods: ['tls'] }],
            }
          : undefined,
      ),
    content: async (_actor, _id, _client, prepare) => {
      on.calls.push('content');
      const prepared = await prepare({ size: 4, stream: Readable.from([Buffer.from('mail')]) });
      if (on.contentFails !== undefined) throw on.contentFails;
      on.calls.push('viewed');
      return prepared;
    },
    release: async () => asked('release', { released: 1, approved: 0 }),
    reject: async () => asked('reject', {}),
    redecide: async () => asked('redecide', {}),
  };
  const config = parseConfig(
    `
hostname: gateway.clinic.example
organisation: { name: Willow <Clinic>, domains: [clinic.example], postmaster: postmaster@clinic.example }
listeners: [{ name: submission, address: 127.0.0.1:2587, mode: submission, accounts: true }]
review: { url: "http://127.0.0.1:8444", address: "127.0.0.1:0" }
`,
    'test.yaml',
  );
  subscribe('fastify.initialization', listen);
  try {
    site = await startReviewPage({
      loaded: {
        config,
        file: '/nowhere/test.yaml',
        dataDir: '/nowhere/data',
        policyDir: '/nowhere/policies',
        hash: '00',
        path: (relative) => relative,
      },
      api,
      renderer: {
        render: async () => {
          on.calls.push('render');
          if (on.renderFails !== undefined) throw on.renderFails;
          return { subject: CANARY, from: 'a', to: 'b', html: CANARY, text: CANARY, attachments: [] };
        },
        attachment: async () => {
          on.calls.push('attachment');
          throw new Error(CANARY);
        },
      },
      serverCertificate: undefined,
      record: async (events) => void on.events.push(...events),
      clock: { now: () => on.now },
      log: createLog(
        { level: 'trace', addresses: 'full' },
        new Writable({
          write: (chunk, _, done) => {
            on.log.push(String(chunk));
            done();
          },
        }),
      ),
      metrics: createMetrics(),
    });
  } finally {
    unsubscribe('fastify.initialization', listen);
  }
  return Object.assign(on, { url: `http://127.0.0.1:${site.port}` });
}

const pathOf = (path: string) =>
  path.replace(':id', ID).replace(':recipient', 'all').replace(':index', '0').replace(':number', '1');

const cookiesOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');

const post = (url: string, cookie: string, fields: Record<string, string>) =>
  fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });

const tokenOf = (text: string) => /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';

async function signIn(url: string): Promise<string> {
  const page = await fetch(`${url}/sign-in`);
  const fields = { token: tokenOf(await page.text()), name: 'rita', secret: 'x', code: '1' };
  return cookiesOf(await post(`${url}/sign-in`, cookiesOf(page), fields));
}

it('gives visitors without a session nothing, on any route, and asks nothing for them', async () => {
  const { url, routes, calls } = await stage();
  const open = new Set(['/', '/sign-in', '/review.css']);
  const closed = routes.filter(({ method, path }) => method === 'GET' && !open.has(path));
  expect(closed.length).toBeGreaterThan(10);
  for (const { path } of closed) {
    const answer = await fetch(`${url}${pathOf(path)}`, { redirect: 'manual' });
    expect([path, answer.status]).toEqual([path, 403]);
  }
  expect(calls).toEqual([]);
});

it('does nothing for a form without its token, on any route that takes one', async () => {
  const on = await stage();
  const cookie = await signIn(on.url);
  on.calls.length = 0;
  const forms = on.routes.filter(({ method }) => method === 'POST');
  expect(forms.length).toBe(6);
  for (const { path } of forms) {
    const answer = await post(`${on.url}${pathOf(path)}`, cookie, {
      method: 'tls',
      reason: 'x',
      name: 'rita',
    });
    expect([path, answer.status]).toEqual([path, 403]);
  }
  expect(on.calls.filter((name) => !['message'].includes(name))).toEqual([]);
  expect(on.events.map(({ type }) => type)).toEqual(forms.map(() => 'review.refused'));
});

it('shows no content where the look can’t be recorded', async () => {
  const on = await stage();
  const cookie = await signIn(on.url);
  const get = (path: string) => fetch(`${on.url}${path}`, { headers: { cookie }, redirect: 'manual' });
  const token = tokenOf(await (await get(`/held/${ID}`)).text());
  on.contentFails = new StoreUnavailable('the disk is full');
  const pressed = await post(`${on.url}/held/${ID}/open`, cookie, { token });
  expect([pressed.status, (await pressed.text()).includes(CANARY)]).toEqual([503, false]);
  // The button counts for nothing then.
  expect((await get(`/held/${ID}/content`)).status).toBe(303);
  delete on.contentFails;
  expect((await post(`${on.url}/held/${ID}/open`, cookie, { token })).status).toBe(303);
  expect(await (await get(`/held/${ID}/html`)).text()).toContain(CANARY);
  on.contentFails = new StoreUnavailable('the disk is full');
  const file = await get(`/held/${ID}/message.eml`);
  expect([file.status, file.headers.get('content-disposition')]).toEqual([503, null]);
  delete on.contentFails;
  expect((await get(`/held/${ID}/attachments/0`)).status).toBe(404);
  expect(on.log.join('')).not.toContain(CANARY);
});

it.each([
  ['a renderer’s words for people', new UserError(`this message cannot be displayed: ${CANARY}`)],
  ['any other error', new Error(CANARY)],
])('offers the original of what can’t be rendered, and tries it once: %s', async (_, error) => {
  const on = await stage();
  const cookie = await signIn(on.url);
  const get = (path: string) => fetch(`${on.url}${path}`, { headers: { cookie }, redirect: 'manual' });
  const token = tokenOf(await (await get(`/held/${ID}`)).text());
  on.renderFails = error;
  on.calls.length = 0;
  const pressed = await post(`${on.url}/held/${ID}/open`, cookie, { token });
  expect([pressed.status, pressed.headers.get('location')]).toEqual([303, `/held/${ID}/content`]);
  const page = await get(`/held/${ID}/content`);
  const text = await page.text();
  expect([page.status, text.includes(`href="/held/${ID}/message.eml"`)]).toEqual([200, true]);
  expect(text).toContain('can&#39;t be shown');
  expect(text).not.toContain('not held any more');
  expect((await post(`${on.url}/held/${ID}/open`, cookie, { token })).status).toBe(303);
  // Nothing was shown, so no look is on record, and nobody waits for it again.
  expect(on.calls.filter((name) => name !== 'message')).toEqual(['content', 'render']);
  const original = await get(`/held/${ID}/message.eml`);
  expect([original.status, await original.text()]).toEqual([200, 'mail']);
  expect(on.calls.at(-1)).toBe('viewed');
  const file = await get(`/held/${ID}/attachments/3`);
  expect([file.status, (await file.text()).includes('/message.eml')]).toEqual([404, true]);
  await get(`/held/${ID}/attachments/3`);
  expect(on.calls.filter((name) => name === 'attachment')).toHaveLength(1);
  expect(on.log.join('')).not.toContain(CANARY);
});

it('tells what was decided while it was being rendered from what can’t be rendered', async () => {
  const on = await stage();
  const cookie = await signIn(on.url);
  const get = (path: string) => fetch(`${on.url}${path}`, { headers: { cookie }, redirect: 'manual' });
  const token = tokenOf(await (await get(`/held/${ID}`)).text());
  on.contentFails = new UserError('no message with this ID is held any more');
  const pressed = await post(`${on.url}/held/${ID}/open`, cookie, { token });
  const text = await pressed.text();
  expect([pressed.status, text.includes('not held any more'), text.includes(CANARY)]).toEqual([
    404,
    true,
    false,
  ]);
});

it.each(['not \u202edewolla', 'al\u200blowed', 'one\ntwo'])(
  'takes no reason that reads as another: %j',
  async (reason) => {
    const on = await stage();
    const cookie = await signIn(on.url);
    const page = await fetch(`${on.url}/held/${ID}/to/all`, { headers: { cookie } });
    const token = tokenOf(await page.text());
    for (const act of ['reject', 'release']) {
      const answer = await post(`${on.url}/held/${ID}/to/all/${act}`, cookie, {
        token,
        reason,
        method: 'tls',
      });
      expect([act, answer.status]).toEqual([act, 400]);
    }
    expect(on.calls).not.toContain('reject');
    expect(on.calls).not.toContain('release');
  },
);

it('asks for the button again after a while, and for everything after the session', async () => {
  const on = await stage();
  const cookie = await signIn(on.url);
  const get = (path: string) => fetch(`${on.url}${path}`, { headers: { cookie }, redirect: 'manual' });
  const token = tokenOf(await (await get(`/held/${ID}`)).text());
  await post(`${on.url}/held/${ID}/open`, cookie, { token });
  on.now += 10 * 60_000;
  expect((await get(`/held/${ID}/content`)).status).toBe(200);
  on.now += 6 * 60_000;
  expect((await get(`/held/${ID}/content`)).status).toBe(303);
  on.now += 15 * 60_000;
  expect((await get('/held')).status).toBe(403);
});

it('lists fifty on a page', async () => {
  const on = await stage();
  on.held = 120;
  const cookie = await signIn(on.url);
  const rows = async (path: string) => {
    const answer = await fetch(`${on.url}${path}`, { headers: { cookie } });
    const text = await answer.text();
    return [answer.status, text.split('class="note"').length - 1, [...text.matchAll(/rel="(\w+)"/g)].length];
  };
  // The style sheet's link is one of the last.
  expect(await rows('/held')).toEqual([200, 50, 2]);
  expect(await rows('/held/page/2')).toEqual([200, 50, 3]);
  expect(await rows('/held/page/3')).toEqual([200, 20, 2]);
  expect((await rows('/held/page/4'))[0]).toBe(404);
});
