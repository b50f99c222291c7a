import { describe, expect, it } from 'vitest';
import { auditedInspection } from '../../../src/decide/inspection-record.js';
import type { Inspection } from '../../../src/model/inspection.js';

const CANARY = 'jane-roe-212-55-0187';

function recordOf(mediaType: string, where: readonly string[]) {
  const inspection: Inspection = {
    parts: [
      {
        path: '1',
        mediaType,
        fileName: `${CANARY}.pdf`,
        disposition: 'attachment',
        status: 'unsupported',
        size: 4,
      },
    ],
    ambiguities: [],
    findings: [
      {
        detector: 'us-ssn',
        class: 'identifier',
        confidence: 'high',
        count: 1,
        distinct: { low: 1, medium: 1, high: 1 },
        masked: ['***-**-0187'],
        fingerprints: ['00'],
        where,
      },
    ],
    classifications: [],
    headers: [{ name: `x-${CANARY}`, value: CANARY }],
    subject: CANARY,
    size: 4,
  };
  return auditedInspection('m1', inspection, 1);
}

describe('what the log keeps of an inspection', () => {
  it.each([
    ['text/plain', 'text/plain'],
    ['application/vnd.ms-excel', 'application/vnd.ms-excel'],
    ['message/rfc822', 'message/rfc822'],
    [`text/${CANARY}`, 'text/(other)'],
    [`${CANARY}/plain`, '(other)'],
    [CANARY, '(other)'],
    ['__proto__/plain', '(other)'],
    ['', '(other)'],
  ])('of the media type %j: %j', (given, kept) => {
    expect(recordOf(given, []).parts[0]?.mediaType).toBe(kept);
  });

  it('names common header fields and parts, and of other fields only that it was one', () => {
    const where = ['1.2', 'name:1', 'header:subject', `header:x-${CANARY}`, `header:y-${CANARY}`];
    expect(recordOf('text/plain', where).findings[0]?.where).toEqual([
      '1.2',
      'name:1',
      'header:subject',
      'header:(other)',
    ]);
  });

  it('has nothing else that the sender chose', () => {
    expect(JSON.stringify(recordOf(`text/${CANARY}`, [`header:${CANARY}`]))).not.toContain('roe');
  });
});
