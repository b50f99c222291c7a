import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { testDkimKey, verifyDkim } from '../support/dkim.js';
import { makeKey } from '../support/openpgp-keys.js';
import { isCodeFor, isNoticeFor, pickupLink, portalVisitor } from '../support/portal-visitor.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, type Sunk, startSink, testCa } from '../support/sink.js';
import { submit } from '../support/submit.js';
import { describeWithTools } from '../support/tools.js';
import { untilState } from '../support/until-state.js';
import { makeAuthority } from '../support/x509-authority.js';

/*
 * Two DKIM keys of the organisation, made by command while the relay runs: everything that it makes or changes carries two
 * signatures that dkimpy accepts, and what it passes on keeps those of others and gets none.
 */

const POLICY = `version: 1
rules:
  - id: mask-outside
    when: { recipient: partner.example }
    demand: { redact: [us-ssn] }
  - id: by-pgp
    when: { recipient: pgp.example }
    demand: { require: [pgp] }
  - id: by-smime
    when: { recipient: smime.example }
    demand: { require: [smime] }
  - id: by-portal
    when: { recipient: portal.example }
    demand: { require: [portal] }
  - id: wait
    when: { recipient: waiting.example }
    demand: { disposition: hold, hold_reason: a person looks at it }
`;
const SSN = '536-90-4399';
const WARD = 'ward3@clinic.example';
const INSIDE = 'ward4@clinic.example';
const UPSTREAM = testDkimKey('rsa', 'clinic.example', 'ehr');
/** As an EHR would sign; whether it fits does not matter here. */
const FOREIGN =
  'DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=clinic.example; s=ehr; h=from; bh=AAAA; b=BBBB\r\n';

const mail = (subject: string, body: string) =>
  [
    'From: =?utf-8?Q?Station_f=C3=BCr_Innere?=',
    ` <${WARD}>`,
    'To: somebody@partner.example,',
    '\tsomebody.else@partner.example',
    `Subject:   ${subject} `,
    'Date: Mon, 02 Nov 2026 10:00:00 +0000',
    `Message-ID: <${subject.replaceAll(' ', '-')}@clinic.example>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    body,
  ].join('\r\n');

describeWithTools(['dkimverify'], 'DKIM', ({ dkimverify = '' }) => {
  let home: RelayHome;
  let relay: RunningRelay;
  let sink: Sink;
  let records: { readonly name: string; readonly value: string }[] = [];
  let reloads = 0;

  const dkimOf = (sign: 'changed' | 'all') => [
    { domain: 'clinic.example', selector: 's2026a', sign },
    { domain: 'clinic.example', selector: 's2026b' },
  ];
  const reload = async (dkim: unknown) => {
    home.configure({ dkim });
    reloads += 1;
    relay.kill('SIGHUP');
    await relay.until(new RegExp(`(?:policies reloaded[^]*){${reloads}}`));
  };
  const next = (recipient: string, word: string) =>
    sink.next((one) => one.recipients.includes(recipient) && one.text.includes(word));
  const send = (to: string, subject: string, body: string, before = '') =>
    submit(relay, { to: [to], raw: Buffer.from(before + mail(subject, body)) });
  const verified = (sunk: Sunk) => verifyDkim(dkimverify, Buffer.from(sunk.text, 'utf8'), records);
  const importKey = async (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(home.folder, name), bytes);
    const result = await home.run(['keys', 'import', join(home.folder, name)]);
    expect(result.status, result.stdout + result.stderr).toBe(0);
  };

  beforeAll(async () => {
    const ca = await testCa();
    sink = await startSink({
      certificate: await ca.issue('mx.partner.example'),
      refuse: (recipient) => (recipient === 'gone@partner.example' ? 550 : undefined),
    });
    const people = makeAuthority({ name: 'People CA', keyType: 'rsa-2048' });
    home = await relayHome(
      {
        delivery: {
          routes: [
            { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
          ],
          first_retry: '1s',
          max_retry: '1s',
        },
        keys: { trust_anchors: [{ file: 'people.pem', revocation: 'not-published' }] },
      },
      { policies: { 'rules.yaml': POLICY } },
    );
    writeFileSync(join(home.folder, 'people.pem'), people.pem);
    relay = await home.start();
    const ada = await makeKey({ userIds: ['Ada <ada@pgp.example>'], type: 'curve25519legacy' });
    await importKey('ada.gpg', ada.publicBinary);
    const dora = people.issue({ name: 'Dora', emails: ['dora@smime.example'], keyType: 'rsa-2048' });
    await importKey('dora.pem', dora.pem);
  });

  afterAll(async () => {
    await home?.remove();
    await sink?.close();
  });

  it('is not there before a key is made and named', async () => {
    expect((await home.run(['keys', 'dkim', 'list'])).stdout).toBe('no DKIM keys\n');
    const rsa = await home.run(['keys', 'dkim', 'clinic.example', '--selector', 's2026a']);
    expect([rsa.status, rsa.stderr]).toEqual([0, '']);
    expect(rsa.stdout).toMatch(/^ {2}name {3}s2026a\._domainkey\.clinic\.example$/m);
    expect(rsa.stdout).toMatch(/^s2026a\._domainkey\.clinic\.example\. IN TXT \($/m);
    expect(rsa.stdout).toContain('dkim:\n  - domain: clinic.example\n    selector: s2026a\n');
    const other = await home.run([
      'keys',
      'dkim',
      'clinic.example',
      '--type',
      'ed25519',
      '--selector',
      's2026b',
      '--json',
    ]);
    expect(JSON.parse(other.stdout)).toMatchObject({ algorithm: 'Ed25519', selector: 's2026b' });
    records = JSON.parse((await home.run(['keys', 'dkim', 'record', 'clinic.example', '--json'])).stdout).map(
      (one: { record: { name: string; value: string } }) => one.record,
    );
    expect(records.map((one) => one.name)).toEqual([
      's2026a._domainkey.clinic.example',
      's2026b._domainkey.clinic.example',
    ]);

    await send('roe@partner.example', 'Before', `Her SSN: ${SSN}.\r\n`);
    expect((await next('roe@partner.example', 'Before')).text).not.toMatch(/DKIM-Signature/i);
    const check = await home.run(['check']);
    expect(check.stdout).toMatch(
      /warning: .*no DKIM key signs mail of clinic\.example.*the key s2026a was made/,
    );
    await reload(dkimOf('changed'));
    expect((await home.run(['check'])).stdout).not.toMatch(/DKIM/);
    const listed = JSON.parse((await home.run(['keys', 'dkim', 'list', '--json'])).stdout);
    expect(listed).toMatchObject([
      { selector: 's2026a', kept: 'sealed', signs: 'changed', algorithm: 'RSA 2048', record: records[0] },
      { selector: 's2026b', kept: 'sealed', signs: 'changed', algorithm: 'Ed25519', record: records[1] },
    ]);
  });

  it('leaves alone what leaves as it came, with the signatures of others', async () => {
    await send(INSIDE, 'Unchanged', 'Grüße  \r\n\r\n\r\n', FOREIGN);
    const { text } = await next(INSIDE, 'Unchanged');
    expect(text).toContain(FOREIGN);
    expect(text.match(/^DKIM-Signature:/gim)).toHaveLength(1);
    expect(text.endsWith('\r\n\r\nGrüße  \r\n\r\n\r\n')).toBe(true);
  });

  it('signs what was masked, twice, in place of a signature that fits no more', async () => {
    await send(
      'roe@partner.example',
      'Masked',
      `Grüße  \t an alle \r\n\r\nHer SSN: ${SSN}.\r\n\r\n\r\n`,
      FOREIGN,
    );
    const masked = await next('roe@partner.example', 'Masked');
    expect(masked.text).toContain('[redacted]');
    expect(masked.text).not.toContain('s=ehr');
    expect(masked.text).toMatch(
      /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed;\r\n\td=clinic\.example;/m,
    );
    expect(await verified(masked)).toEqual(['good', 'good']);
  });

  it.each([
    ['PGP', 'ada@pgp.example', 'application/pgp-encrypted'],
    ['S/MIME', 'dora@smime.example', 'enveloped-data'],
  ])('signs what is sealed with %s', async (_, recipient, type) => {
    await send(recipient, `Sealed for ${recipient}`, 'Grüße\r\n', FOREIGN);
    const sealed = await next(recipient, type);
    expect(await verified(sealed)).toEqual(['good', 'good']);
  });

  it('signs what the portal writes', async () => {
    const recipient = 'sam@portal.example';
    const id = await send(recipient, 'By portal', 'Hello\r\n');
    await untilState(home, id, recipient, 'in-portal');
    const notice = await sink.next(isNoticeFor(recipient));
    expect(await verified(notice)).toEqual(['good', 'good']);
    const link = await pickupLink(notice);
    const visitor = portalVisitor(new URL(link).origin);
    await visitor.submit(await visitor.open(link), 'Send me a code');
    expect(await verified(await sink.next(isCodeFor(recipient)))).toEqual(['good', 'good']);
  });

  it('signs notices and delivery reports of its own', async () => {
    await send('gone@partner.example', 'Refused', 'Hello\r\n');
    const dsn = await next(WARD, 'multipart/report');
    expect(dsn.sender).toBe('');
    expect(await verified(dsn)).toEqual(['good', 'good']);
    await send('pat@waiting.example', 'Waiting', 'Hello\r\n');
    expect(await verified(await next(WARD, 'held'))).toEqual(['good', 'good']);
  });

  it('signs everything where the configuration says so, and only with that key', async () => {
    await reload(dkimOf('all'));
    await send(INSIDE, 'All of it', 'Grüße \r\n\r\n', FOREIGN);
    const sunk = await next(INSIDE, 'All of it');
    expect(sunk.text).toContain(FOREIGN);
    expect((await verified(sunk)).slice(0, 1)).toEqual(['good']);
    expect(sunk.text.match(/^DKIM-Signature:/gim)).toHaveLength(2);
  });

  it('lets mail wait whose signature can’t be made, and refuses a configuration without the key', async () => {
    const db = new Database(join(home.dataDir, 'relay.db'), { timeout: 120_000 });
    const sealed = db
      .prepare("SELECT sealed_secret FROM own_keys WHERE address LIKE 's2026b.%'")
      .pluck()
      .get();
    const put = (secret: unknown) =>
      db.prepare("UPDATE own_keys SET sealed_secret = ? WHERE address LIKE 's2026b.%'").run(secret);
    try {
      put(Buffer.alloc(64, 1));
      const id = await send('roe@partner.example', 'Waits', `Her SSN: ${SSN}.\r\n`);
      await relay.until(/could not be signed with DKIM/);
      const row = () => openReadOnly(home.dataDir, (store) => store.recipients(id)[0]);
      while (row()?.lastReason === undefined) await delay(25);
      expect(row()).toMatchObject({
        state: 'pending',
        lastStatus: '4.3.5',
        lastReason: 'the DKIM signature could not be made',
      });
      expect(sink.messages.some((one) => one.text.includes('Waits'))).toBe(false);
      const metrics = await (await fetch(`http://127.0.0.1:${relay.adminPort}/metrics`)).text();
      expect(metrics).toMatch(/^sallyport_dkim_total\{result="failed"\} [1-9]/m);
      put(sealed);
      await untilState(home, id, 'roe@partner.example', 'delivered');
      expect(await verified(await next('roe@partner.example', 'Waits'))).toEqual(['good', 'good']);
    } finally {
      db.close();
    }
    const removed = await home.run(['keys', 'dkim', 'remove', 'clinic.example', '--selector', 's2026b']);
    expect([removed.status, removed.stderr]).toEqual([
      1,
      expect.stringContaining('has mail signed with s2026b._domainkey.clinic.example'),
    ]);
    home.configure({ dkim: [{ domain: 'clinic.example', selector: 'nowhere' }] });
    relay.kill('SIGHUP');
    await relay.until(/reload refused/);
    const check = await home.run(['check']);
    expect([check.status, check.stdout]).toEqual([
      2,
      expect.stringContaining('dkim: nowhere of clinic.example: it is not kept'),
    ]);
  });

  it('signs with a key of a file, and removes one that is no longer named', async () => {
    writeFileSync(join(home.folder, 'ehr.pem'), UPSTREAM.pem, { mode: 0o600 });
    await reload([{ domain: 'clinic.example', selector: 'ehr', key: 'ehr.pem' }]);
    await send('roe@partner.example', 'By file', `Her SSN: ${SSN}.\r\n`);
    records = [...records, UPSTREAM.record];
    expect(await verified(await next('roe@partner.example', 'By file'))).toEqual(['good']);
    const removed = await home.run(['keys', 'dkim', 'remove', 'clinic.example', '--selector', 's2026b']);
    expect(removed.stdout).toContain('removed: s2026b._domainkey.clinic.example');
    const events = JSON.parse(
      (await home.run(['audit', 'search', '--type', 'dkim-key.removed', '--json'])).stdout,
    );
    expect(events).toMatchObject([
      { data: { domain: 'clinic.example', selector: 's2026b', algorithm: 'Ed25519' } },
    ]);
  });
});
