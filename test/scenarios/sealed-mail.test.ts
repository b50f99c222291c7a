import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isKnown } from '../../src/audit/logged-event.js';
import { issueCertificate } from '../../src/keys/certificates.js';
import { openReadOnly } from '../../src/store/read-only.js';
import { type Gpg, openGpg, pgpPart } from '../support/gpg.js';
import { type Domains, received, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { openSmimeReader, type SmimeReader } from '../support/smime-reader.js';
import { storyOf, wordsAbout } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { describeWithTools } from '../support/tools.js';
import { untilState } from '../support/until-state.js';
import { makeAuthority, type TestCertificate } from '../support/x509-authority.js';

/*
 * One lab result to people who can open PGP, S/MIME, neither, or nothing that is safe: each gets the copy that is right
 * for them, opened here by GnuPG and OpenSSL.
 */

const DAY = 86_400_000;
const CANARIES = /Roe, Jane|00482913|212-55-0187|02\/11\/1961|Hemoglobin|E11\.65|Zinnober/;
const SUBJECT = 'Zinnober über alles';
const VISIBLE = [
  'ada@keys.example',
  'bob@keys.example',
  'dora@keys.example',
  'emil@keys.example',
  'tess@keys.example',
  'nina@dull.example',
];
/** In the envelope only. */
const HIDDEN = ['cy@keys.example', 'fritz@keys.example'];

const MAIL = [
  'From: Ward 3 <ward3@clinic.example>',
  `To: ${VISIBLE.slice(0, 4).join(', ')}`,
  `Cc: ${VISIBLE.slice(4).join(', ')}`,
  'Subject: =?utf-8?Q?Zinnober_=C3=BCber_alles?=',
  'Date: Mon, 02 Nov 2026 10:00:00 +0000',
  'Message-ID: <sealed-1@clinic.example>',
  'Thread-Topic: Zinnober',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="b1"',
  '',
  '--b1',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  ...LAB_RESULT.trim().split('\n'),
  'Grüße',
  '--b1',
  'Content-Type: text/csv; name="values.csv"',
  'Content-Disposition: attachment; filename="values.csv"',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('date,value\r\n2026-11-02,8.100\r\n').toString('base64'),
  '--b1--',
  '',
].join('\r\n');
const BODY = MAIL.slice(MAIL.indexOf('\r\n\r\n') + 4);

describeWithTools(['gpg', 'gpgconf', 'openssl'], 'sealed mail', (tools) => {
  let domains: Domains;
  let home: RelayHome;
  let relay: RunningRelay;
  let gpg: Gpg;
  let smime: SmimeReader;
  const mailboxes = new Map<string, TestCertificate>();
  let id: string;

  const importKey = async (name: string, bytes: Uint8Array | string, ...args: string[]) => {
    const file = join(home.folder, name);
    writeFileSync(file, bytes);
    const result = await home.run(['keys', 'import', file, ...args]);
    expect(result.status, result.stdout + result.stderr).toBe(0);
    return result.stdout;
  };
  /** What the recipient's server got for this recipient, of the message whose Message-ID is given. */
  const copiesFor = (recipient: string, messageId = '<sealed-1@clinic.example>') =>
    domains
      .peer(recipient.slice(recipient.indexOf('@') + 1))
      .messages.map(received)
      .filter((one) => one.recipients.includes(recipient) && one.text.includes(messageId));
  const copyFor = (recipient: string, messageId?: string) => {
    const [copy, ...more] = copiesFor(recipient, messageId);
    if (copy === undefined || more.length > 0) throw new Error(`${1 + more.length} copies for ${recipient}`);
    return copy;
  };
  const openPgp = (recipient: string, messageId?: string) =>
    gpg.decrypt(pgpPart(copyFor(recipient, messageId).text));
  const openSmime = (recipient: string, messageId?: string) => {
    const mailbox = mailboxes.get(recipient);
    if (mailbox === undefined) throw new Error('no such mailbox');
    return smime.decrypt(Buffer.from(copyFor(recipient, messageId).text), {
      certificatePem: mailbox.pem,
      keyPem: mailbox.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    });
  };
  const send = async (to: readonly string[], messageId: string, raw = MAIL) =>
    submit(relay, { to, raw: raw.replace('<sealed-1@clinic.example>', messageId) });
  const bodyOf = (entity: Buffer) => {
    const text = entity.toString();
    return text.slice(text.indexOf('\r\n\r\n') + 4);
  };

  beforeAll(async () => {
    const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
    const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
    const certificate = await issueCertificate({
      commonName: 'mx1.keys.example',
      names: ['mx1.keys.example'],
      issuer: ca,
      ...valid,
    });
    domains = await startDomains({
      'keys.example': [{ certificate }],
      'busy.example': [
        {
          certificate: await issueCertificate({
            commonName: 'mx1.busy.example',
            names: ['mx1.busy.example'],
            issuer: ca,
            ...valid,
          }),
          // Ends the connection, so that no later attempt uses it again.
          behaviour: { replies: { RCPT: '421 4.3.2 later' } },
        },
      ],
      'dull.example': [{ behaviour: { startTls: 'none' } }],
    });
    home = await relayHome({
      dns: { servers: [domains.dns.address], allow_private_targets: true, timeout: '10s' },
      delivery: { port: domains.port, ca: 'ca.pem', first_retry: '1s', max_retry: '1s' },
      keys: { trust_anchors: [{ file: 'people.pem', revocation: 'not-published' }] },
    });
    writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
    const people = makeAuthority({ name: 'People CA', keyType: 'rsa-2048' });
    writeFileSync(join(home.folder, 'people.pem'), people.pem);
    relay = await home.start();

    gpg = openGpg(tools);
    smime = openSmimeReader(tools.openssl ?? 'openssl');
    for (const [address, algorithm] of [
      ['ada@keys.example', 'rsa3072'],
      ['bob@keys.example', 'cv25519'],
      ['cy@keys.example', 'nistp256'],
    ] as const) {
      const fingerprint = gpg.generate(`Test Person <${address}>`, algorithm);
      await importKey(`${algorithm}.gpg`, gpg.exportPublic(fingerprint));
    }
    for (const [address, keyType] of [
      ['dora@keys.example', 'rsa-2048'],
      ['emil@keys.example', 'p256'],
      ['fritz@keys.example', 'p384'],
    ] as const) {
      const made = people.issue({ name: address, emails: [address], keyType });
      mailboxes.set(address, made);
      await importKey(`${keyType}.pem`, made.pem);
    }
    id = await send([...VISIBLE, ...HIDDEN], '<sealed-1@clinic.example>');
    for (const one of [...VISIBLE, ...HIDDEN].filter((to) => to.endsWith('@keys.example')))
      await untilState(home, id, one, 'delivered');
    await untilState(home, id, 'nina@dull.example', 'in-portal');
  });

  afterAll(async () => {
    gpg?.close();
    smime?.close();
    await home?.remove();
    await domains?.close();
  });

  it.each(['ada@keys.example', 'bob@keys.example', 'cy@keys.example'])(
    'PGP: %s opens it with GnuPG and finds every byte of it',
    (recipient) => {
      const { content, status } = openPgp(recipient);
      expect(status).toContain('DECRYPTION_OKAY');
      expect(status).toContain('GOODMDC');
      expect(bodyOf(content)).toBe(BODY);
      expect(content.toString()).toContain('Subject: =?utf-8?Q?Zinnober_=C3=BCber_alles?=');
      expect(content.toString()).toContain('hp="cipher"');
    },
  );

  it.each(['dora@keys.example', 'emil@keys.example', 'fritz@keys.example'])(
    'S/MIME: %s opens it with OpenSSL and finds every byte of it',
    (recipient) => {
      const content = openSmime(recipient);
      expect(bodyOf(content)).toBe(BODY);
      expect(content.toString()).toContain('Subject: =?utf-8?Q?Zinnober_=C3=BCber_alles?=');
    },
  );

  it('TLS: who has no key gets it as it was, over verified TLS', () => {
    const { text, tls } = copyFor('tess@keys.example');
    expect(tls).toMatch(/^TLSv1\.[23]$/);
    expect(asUtf8(text).endsWith(BODY)).toBe(true);
  });

  it('shows every recipient the same To and Cc, and nobody the hidden ones', () => {
    // Unfolded (RFC 5322 2.2.3).
    const header = (text: string) => text.slice(0, text.indexOf('\r\n\r\n')).replace(/\r\n(?=[ \t])/g, '');
    const field = (text: string, name: string) => new RegExp(`^${name}: .*$`, 'm').exec(header(text))?.[0];
    for (const recipient of [...VISIBLE, ...HIDDEN].filter((to) => to.endsWith('@keys.example'))) {
      const { text, recipients } = copyFor(recipient);
      expect(field(text, 'To')).toBe(`To: ${VISIBLE.slice(0, 4).join(', ')}`);
      expect(field(text, 'Cc')).toBe(`Cc: ${VISIBLE.slice(4).join(', ')}`);
      if (recipient === 'tess@keys.example') continue;
      expect(recipients).toEqual([recipient]);
      expect(field(text, 'Subject')).toBe('Subject: [...]');
      // Neither content nor hidden recipients, outside; nor the Subject in other fields.
      expect(text).not.toMatch(CANARIES);
      for (const hidden of HIDDEN.filter((one) => one !== recipient)) expect(text).not.toContain(hidden);
    }
  });

  it('names one key in each PGP copy', () => {
    for (const recipient of ['ada@keys.example', 'bob@keys.example', 'cy@keys.example']) {
      const packets = gpg.packets(pgpPart(copyFor(recipient).text));
      expect(packets.match(/^:pubkey enc packet:/gm)).toHaveLength(1);
    }
  });

  it('portal: who has neither a key nor TLS gets a notice that says nothing', async () => {
    const words = wordsAbout(home, id, 'nina@dull.example');
    expect(words).toMatch(/the pickup portal/);
    const peer = domains.peer('dull.example');
    expect(peer.clear()).not.toMatch(CANARIES);
  });

  it('puts key, source and the reasons of the others on record', async () => {
    const [decision] = storyOf(home, id)
      .recipients.filter((one) => one.recipient === 'ada@keys.example')
      .flatMap((one) => one.events)
      .flatMap((event) =>
        isKnown(event) && event.type === 'recipient.decided' ? [event.data.decision] : [],
      );
    const pgp = decision?.considered.find((one) => one.method === 'pgp');
    expect(pgp?.key).toMatchObject({ source: 'imported', algorithm: 'RSA 3072', revocation: 'good' });
    expect(decision?.considered.find((one) => one.method === 'smime')?.reason).toMatch(/^no usable key/);
    const shown = await home.run(['audit', 'show', id]);
    expect(shown.stdout).toContain(pgp?.key?.fingerprint);
    expect(shown.stdout).toContain('sealed');
  });

  it('explains the same without sending anything', async () => {
    const file = join(home.folder, 'mail.eml');
    writeFileSync(file, MAIL);
    const explained = await home.run([
      ...[
        'explain',
        file,
        '--from',
        'ward3@clinic.example',
        '--to',
        'dora@keys.example',
        'tess@keys.example',
      ],
    ]);
    expect(explained.status, explained.stderr).toBe(0);
    expect(explained.stdout).toMatch(/dora@keys\.example: goes by S\/MIME/);
    expect(explained.stdout).toContain(mailboxes.get('dora@keys.example')?.fingerprint);
    expect(explained.stdout).toMatch(/tess@keys\.example: goes by TLS/);
    expect(explained.stdout).not.toMatch(CANARIES);
  });

  it('20 MB arrive whole by either', async () => {
    const line = `${'A'.repeat(76)}\r\n`;
    const big = MAIL.replace('text/csv; name="values.csv"', 'application/octet-stream').replace(
      '\r\n--b1--',
      `\r\n${line.repeat(270_000)}--b1--`,
    );
    const sent = await send(['bob@keys.example', 'dora@keys.example'], '<sealed-2@clinic.example>', big);
    await untilState(home, sent, 'bob@keys.example', 'delivered');
    await untilState(home, sent, 'dora@keys.example', 'delivered');
    const body = big.slice(big.indexOf('\r\n\r\n') + 4);
    expect(bodyOf(openPgp('bob@keys.example', '<sealed-2@clinic.example>').content) === body).toBe(true);
    expect(bodyOf(openSmime('dora@keys.example', '<sealed-2@clinic.example>')) === body).toBe(true);
  });

  it('another key waits for a person, and the recipient gets the next method meanwhile', async () => {
    const other = openGpg(tools);
    try {
      const fingerprint = other.generate('Ada Test <ada@keys.example>', 'cv25519');
      const printed = await importKey('ada-2.gpg', other.exportPublic(fingerprint));
      expect(printed).toContain('pending');
      const first = await send(['ada@keys.example'], '<changed-1@clinic.example>');
      await untilState(home, first, 'ada@keys.example', 'delivered');
      const open = copyFor('ada@keys.example', '<changed-1@clinic.example>');
      expect(open.tls).toMatch(/^TLSv1\.[23]$/);
      expect(asUtf8(open.text).endsWith(BODY)).toBe(true);
      expect(wordsAbout(home, first, 'ada@keys.example')).toMatch(/different key/);
      expect((await home.run(['keys', 'list', '--pending'])).stdout).toContain('ada@keys.example');

      expect((await home.run(['keys', 'trust', fingerprint])).status).toBe(0);
      const second = await send(['ada@keys.example'], '<changed-2@clinic.example>');
      await untilState(home, second, 'ada@keys.example', 'delivered');
      const sealed = copyFor('ada@keys.example', '<changed-2@clinic.example>');
      expect(bodyOf(other.decrypt(pgpPart(sealed.text)).content)).toBe(BODY);
    } finally {
      other.close();
    }
  });

  it('a key that goes while the message waits leads to the next method, never to the clear', async () => {
    const fingerprint = gpg.generate('Gus Test <gus@busy.example>', 'cv25519');
    await importKey('gus.gpg', gpg.exportPublic(fingerprint));
    const sent = await send(['gus@busy.example'], '<gone@clinic.example>');
    await untilReason(home, sent, /421/);
    expect((await home.run(['keys', 'remove', fingerprint])).status).toBe(0);
    domains.peer('busy.example').behave({});
    await untilState(home, sent, 'gus@busy.example', 'delivered');
    expect(wordsAbout(home, sent, 'gus@busy.example')).toMatch(
      /Changed from PGP.* to mail over enforced TLS/,
    );
    expect(copyFor('gus@busy.example', '<gone@clinic.example>').tls).toMatch(/^TLSv1\.[23]$/);
  });

  it('what its sender encrypted is not wrapped again, and travels by verified TLS', async () => {
    const sealed = copyFor('bob@keys.example').text;
    const armoured = pgpPart(sealed).toString();
    const raw = [
      'From: ward3@clinic.example',
      'To: bob@keys.example',
      'Subject: Hello',
      'Message-ID: <own-1@clinic.example>',
      'MIME-Version: 1.0',
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="e1"',
      '',
      '--e1',
      'Content-Type: application/pgp-encrypted',
      '',
      'Version: 1',
      '--e1',
      'Content-Type: application/octet-stream',
      '',
      armoured.replace(/\r?\n/g, '\r\n'),
      '--e1--',
      '',
    ].join('\r\n');
    const sent = await submit(relay, { to: ['bob@keys.example'], raw });
    await untilState(home, sent, 'bob@keys.example', 'delivered');
    const copy = copyFor('bob@keys.example', '<own-1@clinic.example>');
    expect(copy.text.endsWith(raw.slice(raw.indexOf('\r\n\r\n')))).toBe(true);
    expect(copy.tls).toMatch(/^TLSv1\.[23]$/);
    expect(wordsAbout(home, sent, 'bob@keys.example')).toMatch(
      /the sender has encrypted the message already/,
    );
  });

  it('signs with the imported key where the configuration says so', async () => {
    const signer = gpg.generate('Clinic Gateway <gateway@clinic.example>', 'cv25519');
    const file = join(home.folder, 'gateway.gpg');
    writeFileSync(file, gpg.exportSecret(signer));
    expect((await home.run(['keys', 'import', file], '\n')).status).toBe(0);
    home.configure({ protect: { pgp: { sign: true } } });
    process.kill(relay.pid, 'SIGHUP');
    await relay.until(/configuration and policies reloaded/);
    const sent = await send(['bob@keys.example'], '<signed-1@clinic.example>');
    await untilState(home, sent, 'bob@keys.example', 'delivered');
    const { status, content } = openPgp('bob@keys.example', '<signed-1@clinic.example>');
    expect(status).toContain(`VALIDSIG`);
    expect(status).toContain(signer);
    expect(bodyOf(content)).toBe(BODY);
  });

  it('leaves nothing of it in log, audit log or queue listing', async () => {
    expect(relay.output()).not.toMatch(CANARIES);
    for (const args of [
      ['audit', 'search', '--json'],
      ['queue', 'list', '--json'],
      ['keys', 'list', '--json'],
    ])
      expect((await home.run(args)).stdout).not.toMatch(CANARIES);
    expect(SUBJECT).toMatch(CANARIES);
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

/** The peer keeps bytes as they came. */
function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString();
}

async function untilReason(home: RelayHome, messageId: string, reason: RegExp): Promise<void> {
  const deadline = Date.now() + 120_000;
  const last = () => openReadOnly(home.dataDir, (store) => store.recipients(messageId)[0]?.lastReason ?? '');
  while (!reason.test(last())) {
    if (Date.now() > deadline) throw new Error(`never ${reason}`);
    await delay(25);
  }
}
