import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRead } from '../../../../src/inspect/detect/excerpts.js';
import { detect } from '../../../../src/inspect/detect/index.js';
import type { TextView } from '../../../../src/inspect/text-view.js';
import { watchProcessor } from '../../../support/processor-time.js';

const KEY = new Uint8Array(32);

function view(text: string, where = '1'): TextView {
  return { where, view: 'text', text, toSource: (offset) => offset };
}

const FILLER = Array.from({ length: 120 }, (_, i) => `This is line ${i} of a long and quiet letter.`);

describe('toRead', () => {
  it('reads a further reading of a place only where it is new', () => {
    const changed = [...FILLER];
    changed[60] = 'SSN 321-54-9876';
    const [, ...further] = toRead([view(FILLER.join('\n')), view(changed.join('\n'))]);
    expect(further).toHaveLength(1);
    expect(further[0]?.text).toContain('SSN 321-54-9876');
    expect(further[0]?.text.length).toBeLessThan(changed.join('\n').length * 0.6);
  });

  it('ends no excerpt within a number, which would be another one', () => {
    const line = Array.from({ length: 40 }, (_, i) => `no ${1_000_000_000 + i}`).join(' ');
    for (let more = 0; more < 30; more++) {
      const changed = [
        ...FILLER.slice(0, 60),
        `changed ${'x'.repeat(more)}`,
        `${line} ${line} ${line}`,
        ...FILLER,
      ];
      const known = changed.filter((one) => !one.startsWith('changed'));
      const [, further] = toRead([view(known.join('\n')), view(changed.join('\n'))]);
      expect(further?.text).toMatch(/(?:^|\s)(?:no|\d{10})$/);
    }
  });

  it('begins and ends none within a number of an endless line', () => {
    const line = Array.from({ length: 2000 }, (_, i) => `no ${1_000_000_000 + i}`).join(' ');
    for (let more = 0; more < 30; more++) {
      const lines = [line, `changed ${'x'.repeat(more)}`, line, ...FILLER];
      const [, further] = toRead([view(lines.toSpliced(1, 1).join('\n')), view(lines.join('\n'))]);
      expect(further?.text).toMatch(/^(?:no|\d{10})\s/);
      expect(further?.text).toMatch(/\s(?:no|\d{10})$/);
    }
  });

  it('takes time linear in the text, with a line of megabytes beside a hundred thousand empty ones', () => {
    const views = [view('x'.repeat(16_000_000)), view(`${'words\n'.repeat(300)}${'\n'.repeat(99_000)}`)];
    const work = watchProcessor();
    expect(toRead(views)).toHaveLength(2);
    work.expectBelow(4000);
  });

  it('reads nothing of one that has the same lines', () => {
    expect(toRead([view(FILLER.join('\n')), view(FILLER.join('\n'))])).toHaveLength(1);
  });

  it('reads both of different places', () => {
    expect(toRead([view(FILLER.join('\n'), '1'), view(FILLER.join('\n'), '2')])).toHaveLength(2);
  });

  it('finds what only the order of known lines shows', () => {
    const first = ['SSN is', ...FILLER, '321549876'];
    const second = [...FILLER.slice(0, 50), 'SSN is', '321549876', ...FILLER.slice(50)];
    const { findings } = detect([view(first.join('\n')), view(second.join('\n'))], { fingerprintKey: KEY });
    expect(findings.map(({ detector }) => detector)).toContain('us-ssn');
  });

  it('covers each place that is new, with its surroundings', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', '', 'x'.repeat(400), 'SSN', 'y'.repeat(90)), {
      minLength: 30,
      maxLength: 80,
    });
    fc.assert(
      fc.property(lines, lines, (one, other) => {
        const [first, second] = [one.join('\n'), other.join('\n')];
        const further = toRead([view(first), view(second)]).slice(1);
        // Whatever isn't read stands in the first reading just so.
        const windows =
          second.length < 300 ? [] : [...Array(20).keys()].map((i) => i * Math.floor(second.length / 20));
        for (const from of windows) {
          const window = second.slice(from, from + 300);
          expect(first.includes(window) || further.some(({ text }) => text.includes(window))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
