import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../../src/keys/certificates.js';
import {
  type Client,
  DAY,
  dial,
  dialAs,
  loadedOf,
  PASSWORD,
  plain,
  SUBMISSION,
  startWorld,
  type World,
} from './harness.js';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const ACCOUNTS = [{ name: 'ward3', senders: ['clinic.example'] }];

async function world(listener: object, change: { readonly ticketKeysEveryMs?: number } = {}): Promise<World> {
  const started = await startWorld(loadedOf({ listeners: [listener] }), change, ACCOUNTS);
  open.push(() => started.close());
  return started;
}

/** A client that may take up a TLS session, and gives the one that it got. */
async function visit(port: number, version: 'TLSv1.2' | 'TLSv1.3', session?: Buffer) {
  const client: Client = await dial(port);
  open.push(() => client.end());
  await client.reply();
  await client.say('EHLO client.example');
  await client.say('STARTTLS');
  let given: Buffer | undefined;
  await client.startTls({
    secureContext: createSecureContext({ minVersion: version, maxVersion: version }),
    ...(session === undefined ? {} : { session }),
  });
  if (!(client.socket instanceof TLSSocket)) throw new Error('no TLS');
  const { socket } = client;
  socket.on('session', (one: Buffer) => {
    given = one;
  });
  // Tickets of TLS 1.3 come before the first reply.
  const hello = await client.say('EHLO client.example');
  return {
    client,
    hello,
    reused: socket.isSessionReused(),
    session: given ?? socket.getSession(),
  };
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a client that takes up its session of %s', (version) => {
  it('may, and has to log in all the same', async () => {
    const { port, messages } = await world(SUBMISSION);
    const first = await visit(port, version);
    expect(first.reused).toBe(false);
    await first.client.say(plain('ward3', PASSWORD));
    const again = await visit(port, version, first.session);
    expect(again.reused).toBe(true);
    expect(await again.client.say('MAIL FROM:<a@clinic.example>')).toContain('530 5.7.0');
    expect(await again.client.say(plain('ward3', PASSWORD))).toContain('235');
    await again.client.say('MAIL FROM:<a@clinic.example>');
    await again.client.say('RCPT TO:<b@partner.example>');
    await again.client.say('DATA');
    expect(await again.client.say('From: a@clinic.example\r\n\r\nhello\r\n.')).toContain('250 2.0.0');
    expect(messages[0]?.message.clientTls?.protocol).toBe(version);
  });

  it('may not where client certificates are asked for', async () => {
    const now = Date.now();
    const ca = await issueCertificate({
      commonName: 'Clients CA',
      names: [],
      isCa: true,
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + DAY),
    });
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-resumption-'));
    open.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, ca.certificatePem);
    const started = await startWorld(
      loadedOf({
        listeners: [{ ...SUBMISSION, identities: ['ehr'] }],
        identities: [
          { name: 'ehr', certificates: [{ ca: file, subject: 'ehr' }], senders: ['clinic.example'] },
        ],
      }),
      {},
      ACCOUNTS,
    );
    open.push(() => started.close());
    const first = await visit(started.port, version);
    const again = await visit(started.port, version, first.session);
    expect(again.hello).toContain('250');
    expect(again.reused).toBe(false);
  });

  it('may not when the configuration was loaded again', async () => {
    const { port, intake } = await world(SUBMISSION);
    const first = await visit(port, version);
    (await intake.prepare(loadedOf({ listeners: [SUBMISSION] })))();
    const again = await visit(port, version, first.session);
    expect(again.hello).toContain('250');
    expect(again.reused).toBe(false);
  });

  it('may not when the keys of tickets were made anew', async () => {
    const { port } = await world(SUBMISSION, { ticketKeysEveryMs: 5 });
    const first = await visit(port, version);
    await expect.poll(async () => (await visit(port, version, first.session)).reused).toBe(false);
  });
});

it('takes log-ins over a session that was taken up only from who knows the password', async () => {
  const { port } = await world(SUBMISSION);
  const client = await dialAs(port, 'ward3');
  open.push(() => client.end());
  const { session } = await visit(port, 'TLSv1.3');
  const again = await visit(port, 'TLSv1.3', session);
  expect(await again.client.say(plain('ward3', 'another password'))).toContain('535');
});
