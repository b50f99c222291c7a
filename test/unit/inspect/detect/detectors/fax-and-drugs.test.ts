import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

describe('fax', () => {
  it.each([
    ['Fax: 919-555-0197', [['919-555-0197', 'high']]],
    ['fax no. 1-713-555-0178', [['1-713-555-0178', 'high']]],
    ['please fax the chart to (212) 555-0147', [['(212) 555-0147', 'high']]],
    ['212-555-0147 (fax)', [['212-555-0147', 'high']]],
    ['Fax +44 20 7946 0018', [['+44 20 7946 0018', 'high']]],
    ['Fax: 212-555-0147, phone 212-555-0148', [['212-555-0147', 'high']]],
    ['Phone: 212-555-0147', []],
    ['fax machine, order 2125550147', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('fax', text)).toEqual(expected);
  });

  it('leaves fax numbers to phone as well', () => {
    expect(seen('phone', 'Fax: 919-555-0197')).toEqual([['919-555-0197', 'high']]);
  });
});

describe('ndc', () => {
  it.each([
    ['NDC 0002-1433-80', [['0002-1433-80', 'high']]],
    ['NDC: 99999-123-01', [['99999-123-01', 'high']]],
    ['NDC 99999-1234-1', [['99999-1234-1', 'high']]],
    ['ndc code 99999123401', [['99999123401', 'high']]],
    ['dispensed 99999-1234-01, 30 tablets', [['99999-1234-01', 'medium']]],
    ['SKU 99999-1234-01 is discontinued', [['99999-1234-01', 'low']]],
    ['Order 99999123401', []],
    ['NDC 9999-12-1', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('ndc', text)).toEqual(expected);
  });
});

describe('telephones and numbers of HL7 v2', () => {
  const message =
    'PID|1|EXT7|P100~P200||ROE^JANE||19600102|F||||| (212)555-0147^^PH|^^^^^212^5550148\nIN1|1|||||||||||||||||||||||||||||||||||POL-4471';

  it('reads them by their fields', () => {
    expect(seen('phone', message).map(([text]) => text)).toContain('212^5550148');
    expect(seen('mrn', message).map(([text]) => text)).toEqual(['EXT7', 'P100', 'P200']);
    expect(seen('health-plan-id', message).map(([text]) => text)).toEqual(['POL-4471']);
  });
});
