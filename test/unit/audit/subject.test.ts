import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../../../src/audit/events.js';
import { openAuditReader } from '../../../src/audit/reader.js';
import { searchAudit } from '../../../src/audit/search.js';
import { normalisedSubject, subjectFingerprint } from '../../../src/audit/subject-fingerprint.js';
import { bench, NOVEMBER, verify, write } from './support.js';

const KEY = Buffer.alloc(32, 7);

describe('the fingerprint of a Subject', () => {
  it.each([
    ['Lab result', 'lab result'],
    ['RE: Fwd: [2] Lab result', '[2] lab result'],
    ['Re[3]: AW:  Lab\r\n\tresult ', 'lab result'],
    ['ＬＡＢ re\u00adsult\u200b', 'lab result'],
    ['Re:', ''],
    [' \t', ''],
  ])('%j is taken as %j', (subject, normal) => {
    expect(normalisedSubject(subject)).toBe(normal);
  });

  it('is the same for what is taken as the same, and another with another key', () => {
    expect(subjectFingerprint(KEY, 'Re: LAB  result')).toBe(subjectFingerprint(KEY, 'Lab result'));
    expect(subjectFingerprint(KEY, 'Lab result')).toMatch(/^[0-9a-f]{32}$/);
    expect(subjectFingerprint(Buffer.alloc(32, 8), 'Lab result')).not.toBe(
      subjectFingerprint(KEY, 'Lab result'),
    );
    expect(subjectFingerprint(KEY, 'Re: ')).toBeUndefined();
  });

  it('never shows the Subject, takes any text, and is settled after one step', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (subject) => {
        const normal = normalisedSubject(subject);
        expect(normalisedSubject(normal)).toBe(normal);
        expect(subjectFingerprint(KEY, subject) ?? '').toMatch(/^(?:[0-9a-f]{32})?$/);
      }),
      { numRuns: 200 },
    );
    expect(normalisedSubject('re:'.repeat(100_000)).length).toBeLessThan(2_001);
  });
});

it('finds the message and what became of it; older events have none and still verify', () => {
  const log = bench();
  const writer = log.open();
  const inspected = (messageId: string, fingerprint?: string) =>
    auditEvent('message.inspected', {
      messageId,
      parts: [],
      ambiguities: [],
      findings: [],
      classifications: [],
      ...(fingerprint === undefined ? {} : { subjectFingerprint: fingerprint }),
      durationMs: 1,
    });
  write(
    writer,
    [
      inspected('old'),
      inspected('m1', subjectFingerprint(KEY, 'Lab result')),
      auditEvent('recipient.bounced', {
        messageId: 'm1',
        recipient: 'a@lab.example',
        status: '5.1.1',
        reason: 'answer 550',
      }),
      inspected('m2', subjectFingerprint(KEY, 'Lunch')),
    ],
    NOVEMBER,
  );
  writer.close();
  const reader = openAuditReader(log.dir);
  const found = searchAudit(reader, {
    subjectFingerprint: subjectFingerprint(KEY, 're: lab RESULT') ?? '',
    limit: 10,
  });
  expect(found.events.map(({ type, seq }) => [type, seq])).toEqual([
    ['message.inspected', 2],
    ['recipient.bounced', 3],
  ]);
  reader.close();
  expect(verify(log.dir)).toMatchObject({ ok: true });
  log.remove();
});
