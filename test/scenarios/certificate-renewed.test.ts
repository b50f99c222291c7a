import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CertificateAndKey } from '../../src/keys/certificates.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink, testCa } from '../support/sink.js';

/*
 * A certificate is renewed while clients send: nothing is refused, nothing is sent twice, new sessions see the new one,
 * a session that was open goes on; and a renewal that went wrong changes nothing but is said aloud.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;
let folder: string;
let ca: Awaited<ReturnType<typeof testCa>>;
let first: CertificateAndKey;
let second: CertificateAndKey;

/** Puts files into place right behind each other: the relay takes certificate and key for a pair that come within moments. */
const put = (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.new`), text);
  for (const name of Object.keys(files)) renameSync(join(folder, `${name}.new`), join(folder, name));
};
const renew = ({ certificatePem, keyPem }: CertificateAndKey) =>
  put({ 'cert.pem': certificatePem, 'key.pem': keyPem });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-renewed-'));
  ca = await testCa();
  first = await ca.issue('relay.clinic.example');
  second = await ca.issue('relay.clinic.example');
  renew(first);
  sink = await startSink({});
  const tls = () => ({ certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') });
  home = await relayHome({
    listeners: [
      { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true, tls: tls() },
      { name: 'submissions', address: '127.0.0.1:0', mode: 'submissions', accounts: true, tls: tls() },
    ],
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
  rmSync(folder, { recursive: true, force: true });
});

const client = (options: { readonly pool?: true } = {}) =>
  createTransport({
    host: '127.0.0.1',
    port: relay.port('submission'),
    requireTLS: true,
    // Verified as clients do: a moment without a good certificate would be a refusal here.
    tls: { ca: ca.pem, servername: 'relay.clinic.example' },
    auth: { user: relay.account?.name ?? '', pass: relay.account?.password ?? '' },
    ...options,
  });
const mail = (subject: string) => ({
  from: 'ward3@clinic.example',
  to: 'orders@shop.example',
  subject,
  text: 'Twelve boxes of paper.',
});

function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { host: '127.0.0.1', port: relay.port('submissions'), ca: ca.pem, servername: 'relay.clinic.example' },
      () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.destroy();
      },
    );
    socket.once('error', reject);
  });
}
const fingerprint = ({ certificatePem }: CertificateAndKey) =>
  new X509Certificate(certificatePem).fingerprint256;
const audited = async (type: string) =>
  (await home.run(['audit', 'search', '--type', type, '--json'])).stdout;

it('is renewed under load', async () => {
  const open = client({ pool: true });
  await open.sendMail(mail('open 1'));
  expect(await shown()).toBe(fingerprint(first));

  let sent = 0;
  let stop = false;
  const send = async () => {
    while (!stop && sent < 200) {
      const one = client();
      sent += 1;
      await one.sendMail(mail(`load ${sent}`));
      one.close();
    }
  };
  const load = Promise.all([send(), send()]);
  renew(second);
  await expect.poll(shown, { interval: 200 }).toBe(fingerprint(second));
  stop = true;
  await load;
  await open.sendMail(mail('open 2'));
  open.close();

  const subjects = Array.from({ length: sent }, (_, i) => `Subject: load ${i + 1}\r\n`);
  await Promise.all(
    [...subjects, 'Subject: open 2\r\n'].map((subject) => sink.next((one) => one.text.includes(subject))),
  );
  expect(sink.messages).toHaveLength(sent + 2);
  expect(await audited('certificate.changed')).toContain('listener submissions');
  expect(await audited('certificate.rejected')).not.toContain('listener');
});

it('keeps the old one when the new one is broken, and says so', async () => {
  put({ 'cert.pem': first.certificatePem });
  await relay.until(/"part":"listener submission".*the one in use stays/);
  await relay.until(/"part":"listener submissions".*the one in use stays/);
  expect(await shown()).toBe(fingerprint(second));
  const one = client();
  await one.sendMail(mail('after a broken renewal'));
  one.close();
  expect(await audited('certificate.rejected')).toContain('listener submission');
  const metrics = await (await fetch(`http://127.0.0.1:${relay.adminPort}/metrics`)).text();
  expect(metrics).toContain('sallyport_certificate_refused{part="listener submission"} 1');
  expect(relay.output()).not.toContain('PRIVATE KEY');
});
