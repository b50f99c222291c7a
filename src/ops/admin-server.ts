import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText } from '../shared/errors.js';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';

/** Serves `/healthz` and Prometheus `/metrics` on a loopback address. */
export async function startAdminServer(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: () => Health;
  /** Brings gauges up to date before a scrape. */
  readonly refresh: () => Promise<void>;
}): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(405, 'text/plain', 'method not allowed\n');
    if (path === '/healthz') {
      const health = options.health();
      return send(health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`);
    }
    if (path !== '/metrics') return send(404, 'text/plain', 'not found\n');
    options
      .refresh()
      .then(() => options.metrics.registry.metrics())
      .then(
        (text) => send(200, options.metrics.registry.contentType, text),
        (error: unknown) => send(503, 'text/plain', `${errorText(error)}\n`),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  const address = server.address();
  return {
    port: isTcp(address) ? address.port : options.port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function isTcp(address: AddressInfo | string | null): address is AddressInfo {
  return address !== null && typeof address !== 'string';
}
