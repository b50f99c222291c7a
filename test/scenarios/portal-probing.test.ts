import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, connectFrom, nextNetwork, rawRequest, tokenOf } from '../support/portal-agent.js';
import {
  type AttackCast,
  anySecret,
  expectNoSecretLeft,
  expectNothingOf,
  NOT_VALID,
  pathTo,
  SESSION,
  startAttackCast,
  times,
} from '../support/portal-attack-cast.js';
import { HOST } from '../support/portal-attack-stage.js';

/*
 * Whoever asks the portal what it shouldn't tell, or in a way that no browser would: scanners, guesses at addresses,
 * malformed and endless requests, and readers who never read.
 */

let cast: AttackCast;
let stage: AttackCast['stage'];
let itemPages: AttackCast['itemPages'];
let routes: AttackCast['routes'];
let vera: AttackCast['vera'];
let veras: AttackCast['veras'];
let ada: AttackCast['ada'];
let refusals: AttackCast['refusals'];
let slow: Promise<number>;
/** More than any test waits for. */
const SLOW_BYTES = 4000;

beforeAll(async () => {
  cast = await startAttackCast();
  ({ stage, itemPages, routes, vera, veras, ada, refusals } = cast);
  slow = slowBody();
});

afterAll(async () => {
  await stage?.close();
});

/** The connection of a body that comes a byte a second; resolves with how much of it came until it was cut. */
async function slowBody(): Promise<number> {
  return new Promise((resolve) => {
    let sent = 0;
    const socket = connectFrom(stage.port, nextNetwork());
    const drip = setInterval(() => {
      if (socket.writable) socket.write('a');
      sent += 1;
    }, 1000);
    socket.on('error', () => undefined);
    socket.on('secureConnect', () =>
      socket.write(
        `POST /sign-in HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${SLOW_BYTES}\r\n\r\n`,
      ),
    );
    socket.on('close', () => {
      clearInterval(drip);
      resolve(sent);
    });
  });
}

describe('mail scanners and browsers that look ahead', () => {
  it('change nothing by opening links, however often', async () => {
    const item = await stage.place('scan@patient.example', 'code');
    const before = stage.kept();
    const mails = stage.sink.messages.length;
    for (const headers of [
      {},
      { purpose: 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { 'x-moz': 'prefetch' },
    ])
      for (const path of routes.filter(({ path }) => path.startsWith('/m/')).map(({ path }) => path))
        for (const method of ['HEAD', 'GET', 'OPTIONS']) {
          const answer = await stage.agent().send(method, pathTo(path, item), { headers });
          expect(answer.status).toBeLessThan(500);
          expectNothingOf(answer);
        }
    expect(stage.kept() === before).toBe(true);
    expect(stage.sink.messages.length).toBe(mails);
  });

  it('do not make a message read that waits in a signed-in browser', async () => {
    const first = await stage.place('ahead@patient.example', 'code');
    const agent = await stage.signedIn(first);
    const waiting = await stage.place('ahead@patient.example', 'code');
    const before = stage.kept();
    for (const path of itemPages) {
      for (const headers of [
        { purpose: 'prefetch' },
        { 'sec-purpose': 'prefetch' },
        { 'sec-purpose': 'prefetch;anonymous-client-ip' },
      ]) {
        const answer = await agent.moved().get(pathTo(path, waiting), headers);
        expect([path, answer.status]).toEqual([path, 503]);
        expectNothingOf(answer);
      }
      expect((await agent.moved().send('HEAD', pathTo(path, waiting))).status).toBe(404);
    }
    expect(stage.kept() === before).toBe(true);
  });

  it('change nothing on any page of the account', async () => {
    const before = stage.kept();
    const pages = routes.filter(
      ({ method, path }) => method === 'GET' && /^\/(?:account|lost|sign-in)/.test(path),
    );
    for (const { path } of pages)
      expect([path, (await ada.agent.moved().get(pathTo(path, vera))).status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status < 400),
      ]);
    expect(stage.kept() === before).toBe(true);
  });
});

describe('finding out who has an account or a message', () => {
  it('links: unknown, malformed, foreign paths and ended ones have one answer', async () => {
    const ended = await stage.place('ended@patient.example', 'code');
    await stage.home.run(['portal', 'revoke', ended.item, '--reason', 'a mistake']);
    const answers = await Promise.all(
      [
        ended.link,
        `${ended.link}/code`,
        `/m/${anySecret()}`,
        '/m/x',
        `/m/${anySecret()}/nothing`,
        '/m/%00',
        '/m/..%2f..',
      ].map((path) => stage.agent().get(path)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.text).toContain(NOT_VALID);
  });

  it('addresses: signing in and a lost password answer alike, in comparable time', async () => {
    const known = 'kim@patient.example';
    await stage.holder(known);
    const took = { known: [] as number[], unknown: [] as number[] };
    const bare = ({ status, headers, text }: Answer) =>
      `${status} ${headers.location} ${text.replace(/(?:value|nonce)="[^"]*"|data-options="[^"]*"|nonce-[^']*/g, '')}`;
    for (const path of ['/sign-in', '/lost']) {
      const said = new Set<string>();
      // Few enough to lock nobody.
      for (let i = 0; i < 4; i++)
        for (const who of ['known', 'unknown'] as const) {
          const agent = stage.agent();
          const token = tokenOf(await agent.get(path));
          const began = performance.now();
          const answer = await agent.post(path, {
            token,
            address: who === 'known' ? known : `nobody${i}@patient.example`,
            password: 'wrong wrong wrong',
          });
          took[who].push(performance.now() - began);
          said.add(bare(answer));
        }
      expect([path, said.size]).toEqual([path, 1]);
    }
    const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1] ?? 0;
    const ratio = median(took.known) / median(took.unknown);
    expect(ratio).toBeGreaterThan(0.2);
    expect(ratio).toBeLessThan(5);
  });

  it('addresses: writing one in another case finds nothing out by the limit of codes', async () => {
    const ask = async (addresses: readonly string[]) => {
      const statuses: number[] = [];
      for (const address of addresses)
        statuses.push((await stage.agent().fill('/lost', '/lost', { address })).status);
      return statuses;
    };
    await stage.holder('case@patient.example');
    const spelled = (name: string) =>
      ['', 'A', 'AB', 'ABC', 'D', 'E', 'F'].map((_, i) => {
        const letters = [...name];
        letters[i % 4] = letters[i % 4]!.toUpperCase();
        return `${letters.join('')}@patient.example`;
      });
    expect(await ask(spelled('case'))).toEqual(await ask(spelled('none')));
  });
});

describe('requests that no browser makes', () => {
  const form = (extra: string, body: string) =>
    `POST /sign-in HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n${extra}\r\n${body}`;
  const inner = `GET ${'/inbox'} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;

  it.each([
    ['length and chunks', form('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${inner}`)],
    ['two lengths', form('Content-Length: 0\r\nContent-Length: 44\r\n', inner)],
    ['a list of lengths', form('Content-Length: 0, 44\r\n', inner)],
    ['a signed length', form('Content-Length: +0\r\n', inner)],
    ['an unknown coding', form('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${inner}`)],
    ['chunks twice', form('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${inner}`)],
    ['a space before the colon', form('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${inner}`)],
    ['a folded header', form('Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${inner}`)],
    ['a bad chunk size', form('Transfer-Encoding: chunked\r\n', `0x0\r\n\r\n${inner}`)],
    ['a bare line feed', `GET /sign-in HTTP/1.1\nHost: ${HOST}\nContent-Length: 0\n\n${inner}`],
    ['no host', `GET /sign-in HTTP/1.1\r\n\r\n${inner}`],
    [
      'a header of 64 kB',
      `GET /sign-in HTTP/1.1\r\nHost: ${HOST}\r\nX: ${'x'.repeat(65_536)}\r\n\r\n${inner}`,
    ],
  ])('%s: one refusal and no second answer', async (_, bytes) => {
    const answer = await rawRequest(stage.port, bytes);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([expect.stringMatching(/ 4(?:00|31|13|08)$/)]);
    expect(answer).not.toContain('canary');
  });

  it('bodies beyond the limit are refused by a page that says nothing', async () => {
    const agent = stage.agent();
    for (const [path, size] of [
      ['/sign-in', 5000],
      ['/lost', 1_000_000],
      [`${vera.link}/code`, 1_000_000],
      ['/account/passkey', 20_000],
    ] as const) {
      const answer = await agent.fresh().post(path, { token: 'x'.repeat(size) });
      expect([path, answer.status]).toEqual([path, 413]);
    }
    const refused = (await stage.events(agent.network)).filter(({ type }) => type === 'portal.refused');
    expect(refused.map(({ data }) => data.reason)).toEqual(Array(4).fill('a request that is too large'));
  });

  it('deep, long and odd paths are answered like what is not there', async () => {
    const nothing = await stage.agent().get('/nothing');
    for (const path of [
      `/${'a/'.repeat(3000)}`,
      `/m/${'a'.repeat(5000)}`,
      '/..%2f..%2f..%2fetc/passwd',
      '/inbox/../../../../etc/passwd',
      '//evil.example/%2e%2e',
      '/portal.css/../../../package.json',
      '/%c0%ae%c0%ae/',
      '/__proto__',
      '/inbox%00',
    ]) {
      const answer = await stage.agent().get(path);
      expect([path.slice(0, 40), answer.status, answer.text === nothing.text]).toEqual([
        path.slice(0, 40),
        404,
        true,
      ]);
    }
  });

  it('a body that comes a byte a second is cut long before its end', async () => {
    expect(await slow).toBeLessThan(SLOW_BYTES);
  });

  it('other methods reach nothing', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND'])
      for (const path of ['/sign-in', `/inbox/${vera.item}`, vera.link]) {
        const answer = await veras.moved().send(method, path);
        expect([method, path, answer.status]).toEqual([method, path, 404]);
        expectNothingOf(answer);
      }
  });

  it('a network that floods is not listened to for a while, and the log stays small', async () => {
    const flood = stage.agent();
    const statuses: number[] = [];
    // They are counted by the minute, which a slow machine may need for less than so many.
    while (!statuses.includes(429))
      statuses.push(
        ...(await Promise.all(Array.from({ length: 20 }, () => flood.fresh().get('/portal.css')))).map(
          ({ status }) => status,
        ),
      );
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(300);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await flood.get('/portal.css')).text).toContain('Too many requests');
    expect(await refusals(flood.network)).toEqual(['portal.refused: too many requests']);
  });
});

describe('headers', () => {
  it('fence the answer of every route, to visitors and strangers', async () => {
    const gets = routes.filter(({ method }) => method === 'GET');
    for (const { path } of gets)
      for (const agent of [stage.agent(), veras.moved(), ada.agent.moved()]) {
        const { status, headers } = await agent.get(pathTo(path, vera));
        const at = `${path} ${status}`;
        const csp = String(headers['content-security-policy']);
        expect([at, csp]).toEqual([at, expect.stringContaining("default-src 'none'")]);
        expect([at, csp]).toEqual([at, expect.stringMatching(/frame-ancestors '(?:none|self)'/)]);
        expect([at, csp]).toEqual([at, expect.stringMatching(/form-action '(?:none|self)'/)]);
        expect([at, csp]).not.toEqual([
          at,
          expect.stringMatching(/unsafe-eval|script-src[^;]*unsafe|https?:|\*/),
        ]);
        expect([at, headers['x-content-type-options']]).toEqual([at, 'nosniff']);
        expect([at, headers['referrer-policy']]).toEqual([at, 'no-referrer']);
        expect([at, headers['strict-transport-security']]).toEqual([at, 'max-age=31536000']);
        expect([at, headers['cross-origin-resource-policy']]).toEqual([at, 'same-origin']);
        expect([at, headers['x-powered-by'], headers.server]).toEqual([at, undefined, undefined]);
        const ours = /^\/(?:portal\.css|passkey\.js|brand\/)/.test(path) && status === 200;
        expect([at, headers['cache-control']]).toEqual([at, ours ? 'public, max-age=3600' : 'no-store']);
        const content = /\/(?:html|print|message\.eml|attachments\.zip|attachments\/:index)$/.test(path);
        if (content && status === 200)
          expect([at, csp.split(';')]).toEqual([at, expect.arrayContaining(['sandbox'])]);
        const script = /script-src ([^;]*)/.exec(csp)?.[1];
        expect([at, script ?? '']).toEqual([at, expect.stringMatching(/^$|^'nonce-[A-Za-z0-9+/=]{24}'$/)]);
      }
  });
});

describe('whoever reads too slowly', () => {
  it('has so many files waiting and no more, and nobody else waits for him', async () => {
    const item = await stage.place(
      'slow@patient.example',
      'code',
      (headers) =>
        `${headers}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(200_000)}--b--\r\n`,
    );
    const reader = await stage.signedIn(item);
    const path = `/inbox/${item.item}/attachments/0`;
    const cookie = `${SESSION}=${reader.cookies.get(SESSION)}`;
    const sockets = await Promise.all(
      times(6, path).map(async () => {
        const socket = connectFrom(stage.port, nextNetwork());
        await once(socket, 'secureConnect');
        socket.on('error', () => undefined);
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nCookie: ${cookie}\r\n\r\n`);
        await once(socket, 'readable');
        return socket;
      }),
    );
    const more = reader.moved();
    expect((await more.get(path)).status).toBe(429);
    expect(await refusals(more.network)).toEqual(['portal.refused: too many downloads at once']);
    expect((await veras.moved().get(`/inbox/${vera.item}/attachments/0`)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await reader.moved().get(path)).status).toBe(200);
  });
});

describe('at the end', () => {
  it('there is no secret in the logs, and the audit log is whole', () => expectNoSecretLeft(cast));
});
