import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/keys/certificates.js';
import { openReadOnly } from '../../src/store/read-only.js';
import { type Domains, startDomains } from '../support/hostile-domains.js';
import { makeKey } from '../support/openpgp-keys.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';
import { ambiguousBytes, readContent, undoubledDots } from '../support/wire-bytes.js';
import { makeAuthority } from '../support/x509-authority.js';

/*
 * What leaves is one message, also where the relay wrote it anew: masked, rebuilt, sealed by PGP or S/MIME, announced by a
 * notice or a report, signed with DKIM. No bare CR or LF, no NUL, every dot doubled, the SIZE that was declared, no octet
 * above 127 that BODY=8BITMIME did not announce (RFC 5321 2.3.8 and 4.5.2, RFC 1870 6, RFC 6152 3).
 */

const POLICY = `version: 1
rules:
  - id: masked
    when: { recipient: masked.example }
    demand: { redact: [us-ssn] }
  - id: rebuilt
    when: { recipient: rebuilt.example }
    demand: { canonicalise: true, redact: [us-ssn] }
  - id: by-pgp
    when: { recipient: pgp.example }
    demand: { require: [pgp] }
  - id: by-smime
    when: { recipient: smime.example }
    demand: { require: [smime] }
  - id: by-portal
    when: { recipient: portal.example }
    demand: { require: [portal] }
`;
const SSN = '536-90-4399';
const WAYS = ['plain', 'masked', 'rebuilt', 'pgp', 'smime', 'portal'] as const;
const SMUGGLED =
  'MAIL FROM:<boss@clinic.example>\nRCPT TO:<v@victim.example>\nDATA\nFrom: boss@clinic.example\n\npay';

const head = (subject: string, ...more: readonly string[]) =>
  [
    'From: Ward Three <ward3@clinic.example>',
    'To: somebody@plain.example',
    `Subject: ${subject}`,
    'Date: Mon, 02 Nov 2026 10:00:00 +0000',
    `Message-ID: <${subject.replaceAll(' ', '-')}@clinic.example>`,
    // A dot may begin a field's name (RFC 5322 2.2).
    '.field: one',
    'MIME-Version: 1.0',
    ...more,
    '',
  ].join('\r\n');
const text = (newline: string) =>
  ['.', '..', '.5 mg', '', `Her SSN: ${SSN}.`, '.', SMUGGLED.replaceAll('\n', newline), '.', ''].join(
    newline,
  );
const encoded = (content: string) =>
  Buffer.from(content)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\r\n');

/** Each holds lines that begin with dots, and ends of the data where only a decoder sees them. */
const MESSAGES: Readonly<Record<string, string>> = {
  'as it is': `${head('as it is', 'Content-Type: text/plain')}\r\n${text('\r\n')}`,
  '8bit': `${head('eight bit', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit')}\r\nGrüße\r\n${text('\r\n')}`,
  'base64 of LF': `${head('base64 of LF', 'Content-Type: text/plain', 'Content-Transfer-Encoding: base64')}\r\n${encoded(text('\n'))}`,
  'base64 of CR': `${head('base64 of CR', 'Content-Type: text/plain', 'Content-Transfer-Encoding: base64')}\r\n${encoded(text('\r'))}`,
  'quoted-printable': `${head('quoted-printable', 'Content-Type: text/html', 'Content-Transfer-Encoding: quoted-printable')}\r\n=\r\n.=\r\n.=0A.=0A${SMUGGLED.replaceAll('=', '=3D').replaceAll('\n', '=0A')}\r\n<p>Her SSN: ${SSN}.</p>\r\n.=0D\r\n`,
  multipart: `${head('multipart', 'Content-Type: multipart/mixed; boundary=".b"')}\r\n.\r\n\r\n--.b\r\n.x: y\r\n\r\n${text('\r\n')}\r\n--.b\r\nContent-Type: message/rfc822\r\n\r\n.x: y\r\nSubject: inner\r\n\r\n.\r\n..\r\n${text('\r\n')}\r\n--.b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded(text('\n'))}\r\n--.b--\r\n.\r\n..\r\n`,
};

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  const DAY = 86_400_000;
  const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
  const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  const names = [...WAYS.map((way) => `${way}.example`), 'clinic.example', 'victim.example'];
  const certificate = await issueCertificate({
    commonName: 'mx1.clinic.example',
    names: names.map((name) => `mx1.${name}`),
    issuer: ca,
    ...valid,
  });
  domains = await startDomains(Object.fromEntries(names.map((name) => [name, [{ certificate }]])));
  domains.peer('plain.example').behave({
    replies: { RCPT: (line) => (line.includes('<gone@') ? '550 5.1.1 no such mailbox' : '250 2.1.5 fine') },
  });
  const people = makeAuthority({ name: 'People CA', keyType: 'rsa-2048' });
  home = await relayHome(
    {
      dns: { servers: [domains.dns.address] },
      delivery: { port: domains.port, ca: 'ca.pem' },
      keys: { trust_anchors: [{ file: 'people.pem', revocation: 'not-published' }] },
    },
    { policies: { 'rules.yaml': POLICY } },
  );
  writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
  writeFileSync(join(home.folder, 'people.pem'), people.pem);
  relay = await home.start();
  const ada = await makeKey({ userIds: ['Ada <ada@pgp.example>'], type: 'curve25519legacy' });
  writeFileSync(join(home.folder, 'ada.gpg'), ada.publicBinary);
  const dora = people.issue({ name: 'Dora', emails: ['ada@smime.example'], keyType: 'rsa-2048' });
  writeFileSync(join(home.folder, 'dora.pem'), dora.pem);
  const commands = [
    ['keys', 'import', join(home.folder, 'ada.gpg')],
    ['keys', 'import', join(home.folder, 'dora.pem')],
    ['keys', 'dkim', 'clinic.example', '--selector', 's1'],
  ];
  for (const args of commands) {
    const done = await home.run(args);
    expect(done.status, done.stdout + done.stderr).toBe(0);
  }
  home.configure({ dkim: [{ domain: 'clinic.example', selector: 's1', sign: 'all' }] });
  relay.kill('SIGHUP');
  await relay.until(/policies reloaded/);
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

describe.each(Object.entries(MESSAGES))('%s', (_name, raw) => {
  it('reaches each by the way decided, and a report comes back', async () => {
    const to = WAYS.map((way) => `ada@${way}.example`);
    const id = await submit(relay, { to: [...to, 'gone@plain.example'], raw: Buffer.from(raw) });
    for (const recipient of to) await untilState(home, id, recipient, 'delivered', 'in-portal', 'held');
    await untilState(home, id, 'gone@plain.example', 'bounced');
  });
});

describe('on the wire', () => {
  const all = () =>
    [...WAYS.map((way) => `${way}.example`), 'clinic.example'].map((name) => domains.peer(name));

  it('every way was used, and everything is signed', async () => {
    // Reports and notices, too: what is on its way has begun, and is not there.
    await expect
      .poll(() => openReadOnly(home.dataDir, (store) => store.counts()))
      .toMatchObject({ received: 0, pending: 0 });
    for (const way of WAYS) {
      const wanted = Object.keys(MESSAGES).length;
      await expect
        .poll(() => domains.peer(`${way}.example`).messages.length, { message: way })
        .toBeGreaterThanOrEqual(way === 'masked' || way === 'rebuilt' ? 1 : wanted);
    }
    for (const { messages } of all())
      for (const { content } of messages) expect(content).toMatch(/^DKIM-Signature: /m);
    expect(
      domains
        .peer('masked.example')
        .messages.map((one) => one.content)
        .join(),
    ).not.toContain(SSN);
  });

  it('nothing can be read in two ways', () => {
    for (const peer of all()) {
      expect(ambiguousBytes(peer.clear() + peer.secured())).toEqual([]);
      expect(peer.messages.flatMap((one) => undoubledDots(one.content))).toEqual([]);
      expect(peer.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(peer.messages.length);
    }
    expect(domains.peer('victim.example').commands).toEqual([]);
  });

  it('each message has the size that was declared, and 8-bit octets only where they were announced', () => {
    for (const { mail, content } of all().flatMap((peer) => peer.messages)) {
      const read = readContent(content);
      expect(/ SIZE=(\d+)/.exec(mail)?.[1]).toBe(String(read.length));
      if (/[^\x00-\x7f]/.test(read)) expect(mail).toContain(' BODY=8BITMIME');
      expect(mail).not.toContain('SMTPUTF8');
    }
  });

  it('no line is longer than 998 characters where the relay wrote it', () => {
    const longest = Math.max(
      ...all().flatMap((peer) =>
        peer.messages.flatMap((one) => one.content.split('\r\n').map((line) => line.length)),
      ),
    );
    expect(longest).toBeLessThanOrEqual(998);
  });
});
