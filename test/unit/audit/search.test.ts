import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEvent } from '../../../src/audit/events.js';
import { type AuditReader, openAuditReader } from '../../../src/audit/reader.js';
import { type SearchQuery, searchAudit } from '../../../src/audit/search.js';
import { parseSearch } from '../../../src/audit/search-options.js';
import { type Bench, bench, failedLogin, messageEvents, write } from './support.js';

/*
 * Events 1–10 are message m1 of ward3 (August), 11–20 m2 of ward4 (September), 21 a failed log-in, 22 a refused
 * session of ward3, 23 (October) the expiry of m2's portal item.
 */
let log: Bench;
let reader: AuditReader;
const SEPTEMBER = Date.parse('2026-09-15T12:00:00Z');

beforeAll(() => {
  log = bench();
  const writer = log.open();
  log.time = Date.parse('2026-08-15T12:00:00Z');
  write(writer, messageEvents('m1'), log.time);
  log.time = SEPTEMBER;
  write(writer, messageEvents('m2', 'Ward4@clinic.example'), log.time);
  write(
    writer,
    [
      failedLogin(1),
      auditEvent('session.refused', {
        listener: 'submission',
        clientAddress: '192.0.2.7',
        stage: 'rcpt',
        code: 550,
        status: '5.1.3',
        reason: 'no such domain',
        sender: 'ward3@clinic.example',
        recipient: 'x@nowhere.example',
      }),
    ],
    log.time + 3_600_000,
  );
  log.time = Date.parse('2026-10-01T00:00:00Z');
  write(
    writer,
    [auditEvent('portal.expired', { messageId: 'm2', recipient: 'Bob@lab.example', item: 'm2-item' })],
    log.time,
  );
  writer.close();
  reader = openAuditReader(log.dir);
});
afterAll(() => {
  reader.close();
  log.remove();
});

const seqs = (query: Partial<SearchQuery>) =>
  searchAudit(reader, { limit: 100, ...query }).events.map((event) => event.seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('searchAudit', () => {
  it.each<[string, Partial<SearchQuery>, number[]]>([
    ['nothing: everything', {}, range(1, 23)],
    ['a type', { type: 'login.failed' }, [21]],
    ['an outcome', { outcome: 'bounced' }, [8, 18]],
    ['a method', { method: 'portal' }, [3, 4, 13, 14]],
    ['a method that was put off', { method: 'tls' }, [6, 7, 16, 17]],
    ['a message, over all months', { messageId: 'm2' }, [...range(11, 18), 20, 23]],
    ['a notice', { messageId: 'm1-notice' }, [5, 9]],
    ['a Message-ID header', { headerMessageId: '<m1@clinic.example>' }, [...range(1, 8), 10]],
    [
      'a sender, with the refusals without a message',
      { sender: 'ward3@clinic.example' },
      [...range(1, 8), 10, 22],
    ],
    ['a sender in other case', { sender: 'WARD4@clinic.example' }, [...range(11, 18), 20, 23]],
    [
      'a recipient: no event of another one',
      { recipient: 'eve@home.example' },
      [1, 2, 6, 7, 8, 11, 12, 16, 17, 18],
    ],
    ['a sender and an outcome', { sender: 'ward4@clinic.example', outcome: 'bounced' }, [18]],
    [
      'a sender and an outcome of another month',
      { sender: 'ward4@clinic.example', outcome: 'expired' },
      [23],
    ],
    ['a rule: events of its recipient only', { rule: 'phi-sealed', messageId: 'm1' }, [1, 2, 3, 4, 5, 10]],
    ['a detector and a type', { detector: 'us-ssn', type: 'recipient.bounced' }, [8, 18]],
    ['a classification', { detector: 'phi', outcome: 'picked-up' }, [10, 20]],
    [
      'a recipient, a rule that was not his',
      { recipient: 'eve@home.example', rule: 'phi-sealed' },
      [1, 2, 11, 12],
    ],
    ['a time', { since: SEPTEMBER, until: SEPTEMBER + 1 }, range(11, 20)],
    ['a time and a sender', { since: SEPTEMBER + 1, sender: 'ward4@clinic.example' }, [23]],
    ['a time and an outcome', { until: SEPTEMBER, outcome: 'in-portal' }, [4]],
    ['no such sender', { sender: 'nobody@clinic.example' }, []],
    ['criteria that no message meets together', { sender: 'ward3@clinic.example', messageId: 'm2' }, []],
  ])('finds by %s', (_name, query, expected) => {
    expect(seqs(query)).toEqual(expected);
  });

  it('gives the newest when there are more than asked for', () => {
    const byEvent = searchAudit(reader, { outcome: 'bounced', limit: 1 });
    expect(byEvent.events.map((event) => event.seq)).toEqual([18]);
    expect(byEvent.more).toBe(true);
    const byMessage = searchAudit(reader, { recipient: 'bob@lab.example', limit: 3 });
    expect(byMessage.events.map((event) => event.seq)).toEqual([15, 20, 23]);
    expect(byMessage.more).toBe(true);
    expect(searchAudit(reader, { type: 'login.failed', limit: 1 }).more).toBe(false);
  });

  it('looks messages and recipients up in an index', () => {
    const plans = ['message', 'recipient'].map(() =>
      reader.months[0]?.db
        .prepare<[number, string], { detail: string }>(
          'EXPLAIN QUERY PLAN SELECT e.seq FROM term t JOIN event e ON e.seq = t.seq WHERE t.kind = ? AND t.value = ? ORDER BY t.seq DESC',
        )
        .all(1, 'm1')
        .map((step) => step.detail),
    );
    for (const plan of plans) {
      expect(plan).toEqual([
        'SEARCH t USING PRIMARY KEY (kind=? AND value=?)',
        'SEARCH e USING INTEGER PRIMARY KEY (rowid=?)',
      ]);
    }
  });
});

describe('parseSearch', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  it.each([
    [{ since: '2026-11-01' }, { since: Date.parse('2026-11-01T00:00:00Z') }],
    [{ until: '2026-11-01' }, { until: Date.parse('2026-11-02T00:00:00Z') }],
    [{ since: '2026-11-01T10:30' }, { since: Date.parse('2026-11-01T10:30:00Z') }],
    [{ until: '2026-11-01 10:30:15+02:00' }, { until: Date.parse('2026-11-01T08:30:15Z') }],
    [{ since: '24h' }, { since: now - 86_400_000 }],
    [{ sender: '<>' }, { sender: '' }],
    [{ recipient: 'Bob@LAB.example' }, { recipient: 'Bob@lab.example' }],
    [{ messageId: 'a@b' }, { headerMessageId: '<a@b>' }],
    [{ messageId: '<a@b>' }, { headerMessageId: '<a@b>' }],
    [{ id: ' m1 ' }, { messageId: 'm1' }],
  ])('reads %j', (options, expected) => {
    expect(parseSearch({ limit: '5', ...options }, now)).toEqual({ limit: 5, ...expected });
  });

  it.each([
    [{ since: 'yesterday' }, /--since yesterday is no time/],
    [{ until: '2026-13-01' }, /--until/],
    [{ sender: 'nobody' }, /--sender must be a mail address; "nobody" has no @/],
    [{ outcome: 'gone' }, /unknown --outcome gone; one of received, pending/],
    [{ method: 'fax' }, /unknown --method fax/],
    [{ type: 'login' }, /unknown --type login/],
    [{ limit: '0' }, /--limit/],
    [{ limit: 'x' }, /--limit/],
  ])('refuses %j', (options, message) => {
    expect(() => parseSearch({ limit: '5', ...options }, now)).toThrow(message);
  });
});
