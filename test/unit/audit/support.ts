import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { readEvidence } from '../../../src/audit/checkpoint-evidence.js';
import { type AuditEvent, auditEvent } from '../../../src/audit/events.js';
import { type AuditLog, openAuditLog } from '../../../src/audit/log.js';
import { loadOrCreateSigningKey, readPublicKey, type SigningKey } from '../../../src/audit/signing-key.js';
import { verifyAuditLog } from '../../../src/audit/verify.js';
import type { Decision } from '../../../src/model/decision.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';

export const NOVEMBER = Date.parse('2026-11-21T14:03:11.000Z');

/** A log in a folder of its own, with a clock that the test moves. */
export interface Bench {
  readonly dataDir: string;
  readonly dir: string;
  readonly key: SigningKey;
  readonly lines: string[];
  /** Checkpoints as soon as they were signed. */
  readonly signed: string[];
  time: number;
  open(options?: { everyEvents?: number; everyMs?: number }): AuditLog;
  remove(): void;
}

export function bench(): Bench {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-audit-'));
  const key = loadOrCreateSigningKey(dataDir, { createIfMissing: true });
  const made: Bench = {
    dataDir,
    dir: join(dataDir, 'audit'),
    key,
    lines: [],
    signed: [],
    time: NOVEMBER,
    open: (options = {}) =>
      openAuditLog({
        dir: made.dir,
        signingKeyPem: key.privateKeyPem,
        now: () => made.time,
        checkpointEveryEvents: options.everyEvents ?? 1000,
        checkpointEveryMs: options.everyMs ?? 300_000,
        onCheckpoint: (line) => made.lines.push(line),
        onSigned: (line) => made.signed.push(line),
      }),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
  return made;
}

/** Appends events in one transaction. */
export function write(log: AuditLog, events: readonly AuditEvent[], at: number): void {
  log.begin();
  for (const event of events) log.append(event, at);
  log.commit();
}

export function failedLogin(n: number): AuditEvent {
  return auditEvent('login.failed', {
    listener: 'submission',
    clientAddress: '192.0.2.7',
    reason: `try ${n}`,
  });
}

export function verify(dir: string, checkpoint?: string, publicKeyFile = join(dir, 'public-key.pem')) {
  return verifyAuditLog({
    dir,
    publicKey: readPublicKey(publicKeyFile),
    ...(checkpoint === undefined ? {} : { evidence: readEvidence(checkpoint) }),
  });
}

/** Does to a file what somebody with all rights could do: triggers are taken off and put back. */
export function tamper(dir: string, name: string, work: (db: Database.Database) => void): void {
  const db = openSqlite(join(dir, name));
  db.pragma('synchronous = OFF');
  const triggers = db
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const trigger of triggers) db.exec(`DROP TRIGGER ${trigger.name}`);
  work(db);
  for (const trigger of triggers) db.exec(trigger.sql);
  db.close();
}

/** Puts into the search index what its types forbid, and leaves no trace of how. */
export function tamperIndexTypes(dir: string, name: string, sql: string): void {
  const path = join(dir, name);
  const declare = (table: string) => {
    const db = openSqlite(path);
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    db.prepare("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'term'").run(table);
    db.close();
  };
  const db = openSqlite(path);
  const own = db
    .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'term'")
    .pluck()
    .get();
  db.close();
  declare('CREATE TABLE term (kind, value, seq, PRIMARY KEY (kind, value, seq)) WITHOUT ROWID');
  tamper(dir, name, (open) => open.exec(sql));
  declare(own ?? '');
}

/** A copy of a closed log, to be tampered with. */
export function copyOf(dir: string): { dir: string; remove: () => void } {
  const copy = mkdtempSync(join(tmpdir(), 'sallyport-audit-copy-'));
  cpSync(dir, copy, { recursive: true });
  return { dir: copy, remove: () => rmSync(copy, { recursive: true, force: true }) };
}

export function decision(recipient: string): Decision {
  return {
    recipient,
    demand: { methods: ['pgp', 'smime', 'portal'], tls: 'verified', portal: 'code', disposition: 'send' },
    protected: true,
    order: ['portal'],
    rules: [
      {
        rule: 'phi-sealed',
        at: 'hipaa.yaml:12',
        outcome: 'true',
        demands: ['require sealed'],
        evidence: ['phi', 'us-ssn'],
      },
    ],
    considered: [
      { method: 'smime', verdict: 'refused', reason: 'no certificate is known for this recipient' },
      { method: 'tls', verdict: 'refused', reason: 'not allowed by phi-sealed' },
      {
        method: 'portal',
        verdict: 'chosen',
        reason: 'the first allowed method that this recipient can receive',
      },
    ],
    tags: [],
    policyHash: 'ab'.repeat(32),
    enforcement: 'enforce',
  };
}

/** The events of one message to two recipients: one by the portal, one refused by its server. */
export function messageEvents(id: string, sender = 'ward3@clinic.example'): readonly AuditEvent[] {
  const bob = 'Bob@lab.example';
  const eve = 'eve@home.example';
  return [
    auditEvent('message.accepted', {
      messageId: id,
      identity: 'ward3',
      listener: 'submission',
      clientAddress: '192.0.2.7',
      clientTls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
      sender,
      recipients: [bob, eve],
      size: 4321,
      headerMessageId: `<${id}@clinic.example>`,
    }),
    auditEvent('message.inspected', {
      messageId: id,
      parts: [
        { path: '1', mediaType: 'text/plain', status: 'read', size: 900 },
        { path: '2', mediaType: 'application/pdf', status: 'unsupported', size: 3000 },
      ],
      ambiguities: [],
      findings: [
        {
          detector: 'us-ssn',
          class: 'identifier',
          confidence: 'high',
          count: 2,
          distinct: 1,
          masked: ['***-**-1234'],
          fingerprints: ['00'.repeat(16)],
          where: ['1'],
        },
      ],
      classifications: ['phi'],
      durationMs: 7,
    }),
    auditEvent('recipient.decided', { messageId: id, recipient: bob, decision: decision(bob) }),
    auditEvent('portal.item-created', {
      messageId: id,
      recipient: bob,
      item: `${id}-item`,
      expiresAt: NOVEMBER,
    }),
    auditEvent('notice.queued', {
      messageId: id,
      noticeId: `${id}-notice`,
      kind: 'pickup-notice',
      recipient: bob,
    }),
    auditEvent('recipient.decided', {
      messageId: id,
      recipient: eve,
      decision: { ...decision(eve), order: ['tls'], rules: [], protected: false },
    }),
    auditEvent('recipient.deferred', {
      messageId: id,
      recipient: eve,
      method: 'tls',
      attempt: 1,
      nextAttemptAt: NOVEMBER + 120_000,
      status: '4.7.5',
      reason: 'the server offers no TLS',
      host: 'mx.home.example',
    }),
    auditEvent('recipient.bounced', {
      messageId: id,
      recipient: eve,
      status: '5.1.1',
      reason: 'answer 550',
      host: 'mx.home.example',
    }),
    auditEvent('recipient.delivered', {
      messageId: `${id}-notice`,
      recipient: bob,
      method: 'plain',
      host: 'mx.lab.example',
      hostAddress: '198.51.100.9',
      replyCode: 250,
      tls: {
        level: 'verified',
        protocol: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        fingerprint: 'cd'.repeat(32),
      },
      attempt: 1,
    }),
    auditEvent('portal.message-read', {
      messageId: id,
      recipient: bob,
      item: `${id}-item`,
      clientAddress: '203.0.113.5',
    }),
  ];
}
