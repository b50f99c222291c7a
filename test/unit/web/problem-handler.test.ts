import { afterEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../../src/store/ports.js';
import { createProblemHandler } from '../../../src/web/problem-handler.js';
import { createServer, type WebServer } from '../../../src/web/server.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const LIMITS = { requestsPerNetwork: 100, refusalsPerNetwork: 2, formsPerLink: 100 };

async function site(options: { limits?: Partial<typeof LIMITS>; recording?: () => Promise<void> } = {}) {
  const limits = { ...LIMITS, ...options.limits };
  const server: WebServer = await createServer({ hsts: false, trustedProxies: ['127.0.0.1'] }, limits);
  closers.push(() => server.close());
  const reasons: string[] = [];
  const logged: string[] = [];
  server.setErrorHandler(
    createProblemHandler(
      {
        name: 'the site',
        log: { error: (...given: unknown[]) => void logged.push(JSON.stringify(given)) },
        record: async (_request, reason) => {
          await options.recording?.();
          reasons.push(reason);
        },
        answer: (_request, reply, status, problem) => reply.code(status).send(problem),
      },
      server,
      limits,
    ),
  );
  server.post('/form', async () => 'taken');
  server.get('/bug', async (_request, reply) => {
    reply.header('content-disposition', 'attachment').header('content-length', '9999');
    throw new TypeError('CANARY-4 at <script>');
  });
  server.get('/full', async () => {
    throw new StoreUnavailable('the disk is full');
  });
  const base = await server.listen({ host: '127.0.0.1', port: 0 });
  const answered = async (url: string, from: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, 'x-forwarded-for': from };
    const answer = await fetch(base + url, { ...init, headers });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };
  const ask = (url: string, from = '192.0.2.1') => answered(url, from);
  /** A form of a type that nobody takes. */
  const wrong = (from = '192.0.2.1') =>
    answered('/form', from, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"CANARY-5":1}',
    });
  return { ask, wrong, reasons, logged };
}

const seen = ({ status, body }: { status: number; body: string }) => [status, body];

describe('what went wrong on a site', () => {
  it('is answered without a word of it, and logged by its kind and place', async () => {
    const { ask, logged, reasons } = await site();
    const answer = await ask('/bug');
    expect(seen(answer)).toEqual([500, 'unavailable']);
    expect(answer.headers.get('content-disposition')).toBeNull();
    expect(logged).toEqual([expect.stringMatching(/TypeError.*the site failed/)]);
    expect(logged.join('')).not.toContain('CANARY-4');
    expect(reasons).toEqual([]);
  });

  it('is told apart where the records cannot be written', async () => {
    const { ask, logged } = await site();
    expect(seen(await ask('/full'))).toEqual([503, 'unavailable']);
    expect(logged).toEqual([expect.stringContaining('the site cannot write its records')]);
  });

  it('is on record in our words where the visitor did it', async () => {
    const { wrong, reasons } = await site();
    expect(seen(await wrong())).toEqual([415, 'bad-request']);
    expect(reasons).toEqual(['a request of another type than a form']);
  });

  it('is refused even where that cannot be recorded', async () => {
    const { wrong, logged } = await site({
      recording: async () => {
        throw new StoreUnavailable('CANARY-6');
      },
    });
    expect(seen(await wrong())).toEqual([415, 'bad-request']);
    expect(logged).toEqual([expect.stringContaining('the site could not record a refusal')]);
    expect(logged.join('')).not.toContain('CANARY-6');
  });
});

describe('a flood', () => {
  it.each([
    ['one address', () => '192.0.2.1'],
    ['many addresses of one network', (i: number) => `2001:db8::${i + 1}`],
  ])('of wrong requests from %s is told once', async (_, address) => {
    const { wrong, reasons } = await site();
    const answers = [];
    for (let i = 0; i < 6; i += 1) answers.push((await wrong(address(i))).status);
    expect(answers).toEqual([415, 415, 429, 429, 429, 429]);
    expect(reasons.slice(2)).toEqual(['too many refusals']);
  });

  it('of requests from many addresses of one network is told once', async () => {
    const { ask, reasons } = await site({ limits: { requestsPerNetwork: 1 } });
    await ask('/full', '2001:db8::1');
    for (let i = 2; i < 6; i += 1)
      expect(seen(await ask('/full', `2001:db8::${i}`))).toEqual([429, 'too-many']);
    expect(reasons).toEqual(['too many requests']);
  });

  it('from one network leaves others their answers', async () => {
    const { wrong, reasons } = await site();
    for (let i = 0; i < 4; i += 1) await wrong('2001:db8::1');
    expect((await wrong('2001:db8:0:1::1')).status).toBe(415);
    expect(reasons.at(-1)).toBe('a request of another type than a form');
  });
});
