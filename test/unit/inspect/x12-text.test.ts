import { describe, expect, it } from 'vitest';
import { x12Text } from '../../../src/inspect/x12-text.js';

const HEADER = `ISA*${'0'.repeat(100)}:~`;

describe('X12 as text', () => {
  it.each(['~', 'PER~', `HI${'*'.repeat(1500)}~`])('is little more than its source: %j', (segment) => {
    const source = HEADER + segment.repeat(20);
    expect(x12Text(source)?.length).toBeLessThan(2 * source.length);
  });

  it('calls codes and ways to be reached by what they are', () => {
    const text = x12Text(`${HEADER}HI*ABK:E119**ABF:I10~PER*IC*JANE DOE*TE*2025550143~`);
    expect(text).toContain('Diagnosis: E11.9\nDiagnosis: I10\nPhone: 2025550143\nContact: JANE DOE');
  });
});
