import { describe, expect, it } from 'vitest';
import { contrast } from '../../../src/config/contrast.js';
import { parseConfig } from '../../../src/config/load.js';

const config = (organisations: string) => `
hostname: gateway.clinic.example
organisation:
  name: Clinic
  domains: [clinic.example]
  postmaster: postmaster@clinic.example
listeners:
  - { name: submission, address: "127.0.0.1:2587", mode: submission, accounts: true }
portal:
  address: 127.0.0.1:8443
  url: http://127.0.0.1:8443
  sender: pickup@clinic.example
  organisations:
${organisations}`;

const one = (more: string) =>
  config(`    - domains: [a.example]\n      name: A\n      contact: Call us.\n${more}`);

describe('contrast', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#767676', '#ffffff', 4.54],
    ['#0000ff', '#ffffff', 8.59],
  ])('of %s on %s is %d', (a, b, ratio) => {
    expect(contrast(a, b)).toBeCloseTo(ratio, 1);
    expect(contrast(b, a)).toBe(contrast(a, b));
  });
});

describe('the looks of organisations', () => {
  it('take colours that can be read', () => {
    expect(() =>
      parseConfig(one("      colour: '#0a5c36'\n      colour_dark: '#7fd6a8'\n"), 'c.yaml'),
    ).not.toThrow();
  });

  it.each([
    [
      "      colour: '#7fd6a8'\n",
      /c\.yaml:17:15: portal\.organisations\.0\.colour: #7fd6a8 has a contrast of 1\.\d\d:1 .*darker/,
    ],
    ["      colour_dark: '#0a5c36'\n", /c\.yaml:17:20: portal\.organisations\.0\.colour_dark: .*lighter/],
  ])('refuse, with the place: %s', (more, problem) => {
    expect(() => parseConfig(one(more), 'c.yaml')).toThrow(problem);
  });

  it('refuse a domain that two have', () => {
    const both = `${one('')}    - domains: [b.example, a.example]\n      name: B\n      contact: Call us.\n`;
    expect(() => parseConfig(both, 'c.yaml')).toThrow(/c\.yaml:17:28: .*a\.example is also a domain of A/);
  });
});
