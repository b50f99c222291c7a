import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEvent } from '../../../../src/audit/events.js';
import type { AuditLog } from '../../../../src/audit/log.js';
import { type AuditReader, openAuditReader } from '../../../../src/audit/reader.js';
import { activityReport } from '../../../../src/audit/report/activity.js';
import { activityDocument } from '../../../../src/audit/report/activity-document.js';
import { reportCsv } from '../../../../src/audit/report/as-csv.js';
import { reportHtml } from '../../../../src/audit/report/as-html.js';
import { reportText } from '../../../../src/audit/report/as-text.js';
import { createCounter, createGroups } from '../../../../src/audit/report/groups.js';
import { parsePeriod } from '../../../../src/audit/report/period.js';
import { shadowReport } from '../../../../src/audit/report/shadow.js';
import { shadowDocument } from '../../../../src/audit/report/shadow-document.js';
import type { Decision } from '../../../../src/model/decision.js';
import { type Bench, bench, decision, failedLogin, messageEvents, NOVEMBER, write } from '../support.js';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e@evil.example';

let log: Bench;
let writer: AuditLog;
let reader: AuditReader;

function accepted(id: string, sender: string, recipients: readonly string[]) {
  return auditEvent('message.accepted', {
    messageId: id,
    identity: 'ward3',
    listener: 'submission',
    clientAddress: '192.0.2.7',
    sender,
    recipients,
    size: 1024,
    headerMessageId: `<${id}@clinic.example>`,
  });
}

function shadowed(id: string, recipient: string, more: Partial<Decision>) {
  return auditEvent('recipient.decided', {
    messageId: id,
    recipient,
    decision: { ...decision(recipient), enforcement: 'shadow', ...more },
  });
}

const rule = (name: string, evidence: readonly string[] = []) => ({
  rule: name,
  at: `hipaa.yaml:${name.length}`,
  outcome: 'true' as const,
  demands: ['require sealed'],
  evidence,
});

beforeAll(() => {
  log = bench();
  log.time = Date.parse('2026-10-31T23:00:00Z');
  writer = log.open();
  write(writer, [accepted('october', 'ward1@clinic.example', ['x@lab.example'])], log.time);
  log.time = NOVEMBER;
  write(writer, messageEvents('m1'), NOVEMBER);
  write(writer, [failedLogin(1), failedLogin(1)], NOVEMBER);
  write(
    writer,
    [
      auditEvent('recipient.held', {
        messageId: 'm1',
        recipient: 'h@lab.example',
        reason: 'a person must look',
        expiresAt: NOVEMBER,
      }),
      auditEvent('recipient.released', {
        messageId: 'm1',
        recipient: 'h@lab.example',
        actor: 'kim',
        method: 'portal',
      }),
      auditEvent('policy.loaded', { policyHash: 'ab', rules: 3, enforcement: 'shadow' }),
      accepted('s1', 'billing@clinic.example', ['a@lab.example', HOSTILE]),
      shadowed('s1', 'a@lab.example', { rules: [rule('phi', ['us-ssn'])] }),
      shadowed('s1', HOSTILE, {
        rules: [rule('phi', ['us-ssn']), rule('many')],
        demand: { ...decision('').demand, disposition: 'reject' },
        order: [],
      }),
      accepted('s2', 'news@clinic.example', ['b@Home.example']),
      shadowed('s2', 'b@Home.example', { rules: [], protected: false, order: ['plain'] }),
      // Of a message that came in the month before.
      shadowed('october', 'x@lab.example', {
        rules: [rule('odd')],
        demand: { ...decision('').demand, disposition: 'hold' },
        order: [],
      }),
    ],
    NOVEMBER,
  );
  reader = openAuditReader(log.dir);
});
afterAll(() => {
  reader.close();
  writer.close();
  log.remove();
});

const november = parsePeriod({ month: '2026-11' }, NOVEMBER);

describe('the report of a period', () => {
  it('counts mail, protection, holds and who decided, failures, log-ins and changes', () => {
    const report = activityReport(reader, november, { top: 10 });
    expect(report).toMatchObject({
      unreadable: 0,
      mail: { accepted: 3, recipients: 5, senders: { keys: 3 } },
      decisions: { recipients: 6, shadow: 4 },
      // The notice that was delivered is none of them.
      delivered: { recipients: 0 },
      holds: { held: 1, decidedBy: { top: [{ key: 'released by kim', count: 1 }] } },
      failures: { bounced: 1, deferrals: 1, reasons: { top: [{ key: '5.1.1 answer 550', count: 1 }] } },
      access: { failed: 2, failures: { top: [{ key: '(no such account) from 192.0.2.7', count: 2 }] } },
      portal: { items: 1, outcomes: { top: [{ key: 'read', count: 1 }] } },
      changeCount: 1,
    });
    expect(report.decisions.rules.top[0]).toEqual({ key: 'phi', count: 2 });
    expect(report.mail.notices.top).toEqual([{ key: 'pickup-notice', count: 1 }]);
  });

  it('has nothing of other months', () => {
    const report = activityReport(reader, parsePeriod({ month: '2026-10' }, NOVEMBER), { top: 10 });
    expect(report).toMatchObject({ events: 1, mail: { accepted: 1 }, decisions: { recipients: 0 } });
    expect(activityReport(reader, parsePeriod({ month: '2027-01' }, NOVEMBER), { top: 1 }).events).toBe(0);
  });

  it('says what it leaves out of a list', () => {
    const report = activityReport(reader, november, { top: 1 });
    expect(report.mail.senders).toMatchObject({ keys: 3, rest: 2, uncounted: 0 });
    expect(reportText(activityDocument(report)).join('\n')).toContain('2 more, together 2');
  });
});

describe('the report of shadow mode', () => {
  it('tells by rule, sender and domain what would have been', () => {
    const report = shadowReport(reader, november, { top: 10 });
    expect(report).toMatchObject({ recipients: 4, protected: 1, held: 1, rejected: 1, enforced: 2 });
    expect(report.rules).toMatchObject([
      {
        rule: 'phi',
        recipients: 2,
        alone: 1,
        rejected: 1,
        examples: ['s1'],
        evidence: { top: [{ key: 'us-ssn', count: 2 }] },
      },
      { rule: 'many', recipients: 1, alone: 0 },
      { rule: 'odd', recipients: 1, held: 1, alone: 1 },
    ]);
    // The sender of mail that came before the period is looked up.
    expect(report.senders.map(({ key, held, rejected }) => [key, held, rejected])).toEqual([
      ['billing@clinic.example', 0, 1],
      ['ward1@clinic.example', 1, 0],
      ['news@clinic.example', 0, 0],
    ]);
    expect(report.recipientDomains.map(({ key }) => key)).toContain('home.example');
  });

  it('tells which mail over enforced TLS would have gone elsewhere, because the server could not do it', () => {
    const own = bench();
    own.time = NOVEMBER;
    const writing = own.open();
    const tls = (recipient: string, order: Decision['order'], level: 'none' | 'encrypted' | 'verified') => [
      shadowed('t', recipient, {
        order,
        protected: true,
        rules: [rule('phi')],
        demand: { ...decision('').demand, methods: ['tls', 'portal'] },
      }),
      auditEvent('recipient.delivered', {
        messageId: 't',
        recipient,
        method: 'plain',
        host: 'mx.test',
        hostAddress: '192.0.2.1',
        replyCode: 250,
        tls: { level, ...(level === 'none' ? { shortfall: 'no STARTTLS' } : {}) },
        attempt: 1,
      }),
    ];
    const [late] = tls('late@slow.example', ['tls', 'portal'], 'none');
    write(
      writing,
      [
        accepted('t', 'ward1@clinic.example', []),
        ...tls('a@old.example', ['tls', 'portal'], 'none'),
        ...tls('b@old.example', ['tls'], 'encrypted'),
        ...tls('c@good.example', ['tls', 'portal'], 'verified'),
        ...(late === undefined ? [] : [late]),
        // Decided anew: it counts once.
        ...(late === undefined ? [] : [late]),
      ],
      NOVEMBER,
    );
    const reading = openAuditReader(own.dir);
    const report = shadowReport(reading, november, { top: 10 });
    reading.close();
    writing.close();
    own.remove();
    expect(report.tls).toMatchObject({
      recipients: 4,
      reached: 1,
      short: 2,
      unknown: 1,
      instead: {
        top: [
          { key: 'hold', count: 1 },
          { key: 'portal', count: 1 },
        ],
      },
      domains: [{ key: 'old.example', recipients: 2, lowest: 'none' }],
    });
    // What has no other way left is held, in all the figures.
    expect(report.held).toBe(1);
    expect(report.rules).toMatchObject([{ rule: 'phi', held: 1 }]);
    expect(report.recipientDomains[0]).toMatchObject({ key: 'old.example', held: 1, protected: 1 });
    const document = shadowDocument(report);
    const words = reportText(document).join('\n');
    expect(words).toContain('Of these, 2 to servers without the TLS that the policies demand');
    expect(words).toMatch(/old\.example +2 +none .*held for a person: 1; placed in the pickup portal: 1/);
    expect(reportHtml(document)).toContain('placed in the pickup portal');
    expect(reportCsv(document)).toContain('Domains whose servers fell short');
  });

  it('says so where nothing was decided in shadow mode', () => {
    const document = shadowDocument(
      shadowReport(reader, parsePeriod({ month: '2026-10' }, NOVEMBER), { top: 1 }),
    );
    expect(document.notes.join()).toContain('Nothing was decided in shadow mode');
  });
});

describe('forms', () => {
  it('HTML takes nothing from outside as markup, and loads nothing', () => {
    const report = activityReport(reader, november, { top: 10 });
    const html = reportHtml(activityDocument(report, `Clinic "A" & ${HOSTILE}`));
    expect(html).not.toContain('<img');
    expect(html).toContain(
      'Clinic &quot;A&quot; &amp; &lt;img src=x onerror=alert(1)&gt;\uFFFD@evil.example',
    );
    expect(html).not.toMatch(/<(?:script|link|iframe|object)|url\(|https?:/);
    expect(html.match(/<caption>/g)?.length).toBe(html.match(/<table>/g)?.length);
  });

  it("CSV is read as it is meant by Python's reader", () => {
    const csv = reportCsv(shadowDocument(shadowReport(reader, november, { top: 10 })));
    const read = spawnSync(
      'python3',
      ['-c', 'import csv,json,sys; print(json.dumps(list(csv.DictReader(sys.stdin))))'],
      { input: csv, encoding: 'utf8' },
    );
    expect(read.stderr).toBe('');
    const rows: Record<string, string>[] = JSON.parse(read.stdout);
    expect(rows).toContainEqual({
      section: 'By rule',
      table: 'Rules that matched',
      row: 'phi',
      column: 'Alone',
      value: '1',
    });
    for (const row of rows) expect(Object.keys(row)).toHaveLength(5);
  });
});

describe('bounds', () => {
  it('counters stay exact for the keys they hold, and say what they do not', () => {
    const counter = createCounter(2);
    for (const key of ['a', 'b', 'c', 'a', 'd']) counter.add(key);
    expect(counter.ranking(1)).toEqual({ top: [{ key: 'a', count: 2 }], keys: 2, rest: 1, uncounted: 2 });
    const groups = createGroups(() => ({ n: 0 }), 1);
    expect([groups.of('a'), groups.of('b'), groups.uncounted()]).toEqual([{ n: 0 }, undefined, 1]);
  });

  it.each([
    [{ month: '2026-13' }],
    [{ month: '2026-11', from: '7d' }],
    [{ from: '2026-11-02', to: '2026-11-01' }],
    [{ from: 'yesterday' }],
  ])('refuses %j', (options) => {
    expect(() => parsePeriod(options, NOVEMBER)).toThrow();
  });

  it('a day of --to counts as a whole', () => {
    expect(parsePeriod({ from: '2026-11-01', to: '2026-11-30' }, NOVEMBER)).toEqual(november);
  });
});
