import { createServer, type Server } from 'node:net';
import { Parser } from 'htmlparser2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HtmlTooComplex } from '../../src/inspect/html-bounds.js';
import { sanitiseHtml } from '../../src/inspect/sanitise.js';
import { CONTENT, contentDocument } from '../../src/web/content-page.js';
import { createServer as createPortalServer, DEFAULT_LIMITS, type WebServer } from '../../src/web/server.js';
import { type BrowserVisitor, startBrowser, type TestBrowser } from '../support/browser.js';
import { HOSTILE_HTML } from '../support/hostile-html.js';
import { freePort } from '../support/relay-process.js';
import { describeWithTools } from '../support/tools.js';

/*
 * Hostile mails in a browser, with the headers and the frame that the portal gives them: sanitised as they are shown, and
 * not sanitised at all, to see that the fence holds by itself.
 */

/** Long enough for what comes by itself a little later: refreshes, animations, focus. */
const SETTLE_MS = 100;

describeWithTools(['chromium'], 'hostile HTML in the portal', () => {
  let evil: Server;
  let evilUrl: string;
  let connections = 0;
  let requests = 0;
  let server: WebServer;
  let url: string;
  let browser: TestBrowser;
  let visitor: BrowserVisitor;

  beforeAll(async () => {
    evil = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.once('data', () => {
        requests += 1;
        socket.destroy();
      });
    });
    await new Promise<void>((done) => evil.listen(0, '127.0.0.1', done));
    const bound = evil.address();
    evilUrl = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;

    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    server = await createPortalServer(
      {
        hsts: false,
        trustedProxies: [],
      },
      { ...DEFAULT_LIMITS, requestsPerNetwork: 1_000_000 },
    );
    const mail = (params: unknown, raw: boolean): string => {
      const [, html = ''] = HOSTILE_HTML[Number(Object(params).index)] ?? [];
      const aimed = html.replaceAll('EVIL', evilUrl);
      return contentDocument(raw ? aimed : sanitiseHtml(aimed), 'en', 'The message');
    };
    for (const way of ['safe', 'raw'] as const) {
      server.get(`/${way}/:index/html`, CONTENT, async ({ params }, reply) =>
        reply.type('text/html; charset=utf-8').send(mail(params, way === 'raw')),
      );
      server.get(`/${way}/:index`, async ({ url: path }, reply) =>
        reply
          .type('text/html; charset=utf-8')
          .send(`<!doctype html><title>page</title><iframe sandbox src="${path}/html"></iframe>`),
      );
    }
    await server.listen({ host: '127.0.0.1', port });
    browser = await startBrowser([url]);
    visitor = await browser.visitor();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await new Promise((done) => evil?.close(done));
  });

  const cases = [
    // All of these first: a connection that the browser makes ahead for one of the others may come a moment later.
    // The frame only adds to the fence that a page to print has, too.
    ...HOSTILE_HTML.map(([name], index) => [name, 'safe', 'by itself', `/safe/${index}/html`] as const),
    ...HOSTILE_HTML.flatMap(([name], index) => [
      [name, 'raw', 'in the frame', `/raw/${index}`] as const,
      [name, 'raw', 'by itself', `/raw/${index}/html`] as const,
    ]),
  ];

  it.each(cases)('does nothing: %s (%s, %s)', async (_name, way, _where, path) => {
    const { page, strayRequests, surprises } = visitor;
    const before = { stray: strayRequests.length, surprises: surprises.length, connections, requests };
    await page.goto(url + path, { waitUntil: 'load' });
    await page.waitForTimeout(SETTLE_MS);
    expect(page.url()).toBe(url + path);
    expect(surprises.slice(before.surprises)).toEqual([]);
    expect(requests).toBe(before.requests);
    // Browsers connect ahead of requests that the fence then stops; a sanitised mail doesn't even make them try.
    if (way === 'safe') {
      expect(connections).toBe(before.connections);
      expect(strayRequests.slice(before.stray)).toEqual([]);
    }
    expect(visitor.context.pages()).toHaveLength(1);
  });

  it('leaves no way to act, load or lead elsewhere in what is shown', () => {
    for (const [name, html] of HOSTILE_HTML) {
      const found: string[] = [];
      const parser = new Parser({
        onopentag: (tag, attributes) => {
          if (!/^(?:a|b|blockquote|br|div|h\d|img|p|pre|span|table|tbody|td|tr|text)$/.test(tag))
            found.push(tag);
          for (const [key, value] of Object.entries(attributes)) {
            if (!/^(?:align|alt|border|height|href|rel|src|style|target|title|width)$/.test(key))
              found.push(key);
            if (key === 'href' && !/^(?:https?:|mailto:)/.test(value)) found.push(value);
            if (key === 'src' && !value.startsWith('data:image/png;base64,')) found.push(value);
            if (key === 'style' && /url|position|expression|[\\(@]/i.test(value)) found.push(value);
          }
        },
      });
      parser.end(shownOf(html.replaceAll('EVIL', 'https://evil.example')));
      expect([name, found]).toEqual([name, []]);
    }
  });

  it('gives the same when it is sanitised again', () => {
    for (const [name, html] of HOSTILE_HTML) {
      const once = shownOf(html);
      expect([name, shownOf(once)]).toEqual([name, once]);
    }
  });
});

/** What is shown of HTML; nothing of what is beyond its bounds. */
function shownOf(html: string): string {
  try {
    return sanitiseHtml(html);
  } catch (error) {
    if (error instanceof HtmlTooComplex) return '';
    throw error;
  }
}
