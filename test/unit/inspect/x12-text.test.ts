import { describe, expect, it } from 'vitest';
import { x12Text } from '../../../src/inspect/x12-text.js';

const header = (element: string, ends: string): string =>
  `ISA${[element, '00', element, ' '.repeat(10), element, '0'.repeat(86)].join('')}${ends}`;
const HEADER = header('*', ':~');

describe('X12 as text', () => {
  it.each(['~', 'PER~', `HI${'*'.repeat(1500)}~`])('is little more than its source: %j', (segment) => {
    const source = HEADER + segment.repeat(20);
    expect(x12Text(source)?.length).toBeLessThan(2 * source.length);
  });

  it('has the delimiters of each interchange', () => {
    const other = `${header('#', ':!')}REF#SY#123456789!`;
    for (const between of ['', '\n', '\n> ']) {
      expect(x12Text(`${HEADER}REF*EA*42~${between}${other}`)).toContain('MRN: 42\n');
      expect(x12Text(`${HEADER}REF*EA*42~${between}${other}`)).toContain('SSN: 123456789');
    }
  });

  it('has what segments are that others have made long', () => {
    expect(x12Text(`${HEADER}REF*SY*123456789*${'x'.repeat(3000)}~`)).toContain('SSN: 123456789');
  });

  it('is known behind the marks of a reply', () => {
    expect(x12Text(`> ${HEADER}\n> REF*SY*123456789~\n> N4*TOWN~`)).toContain('SSN: 123456789');
  });

  it('is nothing else that has those letters', () => {
    expect(x12Text(`The norm ISA-84 ${'is about plants '.repeat(20)}`)).toBeUndefined();
  });

  it('calls codes and ways to be reached by what they are', () => {
    const text = x12Text(`${HEADER}HI*ABK:E119**ABF:I10~PER*IC*JANE DOE*TE*2025550143~`);
    expect(text).toContain('Diagnosis: E11.9\nDiagnosis: I10\nPhone: 2025550143\nContact: JANE DOE');
  });
});
