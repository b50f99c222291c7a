import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** An answer as it came; redirections are not followed. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export type Fields = Readonly<Record<string, string>>;

/** A client that follows no rule but its own: it keeps cookies, and sends whatever it is told, from an address of its choice. */
export interface Agent {
  /** The loopback address that it comes from, which is its network for the portal. */
  readonly network: string;
  readonly cookies: Map<string, string>;
  /** The same browser in another network. */
  moved(): Agent;
  /** Another browser in the same network. */
  fresh(): Agent;
  send(
    method: string,
    path: string,
    more?: { readonly headers?: Fields; readonly body?: string | Buffer },
  ): Promise<Answer>;
  get(path: string, headers?: Fields): Promise<Answer>;
  /** As a browser sends a form of the site's own page. */
  post(path: string, fields: Fields | URLSearchParams, headers?: Fields): Promise<Answer>;
  /** Opens a page and sends a form to `target` with its token. */
  fill(page: string, target: string, fields?: Fields): Promise<Answer>;
}

let networks = 0;

/** @param port of the portal on 127.0.0.1, which takes connections from all of 127.0.0.0/8 */
export function portalAgent(port: number, host: string): Agent {
  return agent(port, host, nextNetwork(), new Map());
}

/** An address that nobody has come from before. */
export function nextNetwork(): string {
  networks += 1;
  return `127.${10 + (networks >> 16)}.${(networks >> 8) & 255}.${networks & 255}`;
}

function agent(port: number, host: string, network: string, cookies: Map<string, string>): Agent {
  const send: Agent['send'] = (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          localAddress: network,
          method,
          path,
          agent: false,
          rejectUnauthorized: false,
          headers: {
            host,
            ...(cookie === '' ? {} : { cookie }),
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
            ...headers,
          },
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
            const bytes = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes,
              text: bytes.toString('utf8'),
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const self: Agent = {
    network,
    cookies,
    moved: () => agent(port, host, nextNetwork(), cookies),
    fresh: () => agent(port, host, network, new Map()),
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (path, fields, headers = {}) =>
      send('POST', path, {
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
        body: (fields instanceof URLSearchParams ? fields : new URLSearchParams({ ...fields })).toString(),
      }),
    fill: async (page, target, fields = {}) => {
      const shown = await self.get(page);
      if (!shown.text.includes(`action="${target}"`))
        throw new Error(`no form ${target} on ${page}: ${shown.status}\n${shown.text}`);
      return self.post(target, { token: tokenOf(shown), ...fields });
    },
  };
  return self;
}

/** The hidden token of a page's forms. */
export function tokenOf({ text }: Answer): string {
  return /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** A connection from a network, over which anything can be sent. */
export function connectFrom(port: number, network: string): TLSSocket {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress: network });
  return connect({ socket, rejectUnauthorized: false });
}

/** Sends bytes as they are and gives everything that comes back until the connection ends, or the time is over. */
export function rawRequest(port: number, bytes: string | Buffer, network = nextNetwork()): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const done = () => {
      clearTimeout(late);
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('latin1'));
    };
    const socket = connectFrom(port, network);
    const late = setTimeout(done, 120_000);
    socket.on('secureConnect', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', done);
    socket.on('error', done);
  });
}

/** A form with files (RFC 7578), written by hand so that anything can be in it. */
export function multipart(
  fields: readonly (readonly [string, string])[],
  files: readonly { readonly disposition: string; readonly content: string }[] = [],
): { readonly headers: Fields; readonly body: string } {
  const boundary = 'xxBOUNDARYxx';
  const parts = [
    ...fields.map(([name, value]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`),
    ...files.map(
      ({ disposition, content }) =>
        `Content-Disposition: form-data; name="files"; ${disposition}\r\nContent-Type: text/html\r\n\r\n${content}`,
    ),
  ];
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'sec-fetch-site': 'same-origin',
    },
    body: `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`,
  };
}
