import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../src/inspect/structure.js';
import { watchProcessor } from '../../support/processor-time.js';
import { END, MARKUPS, STRUCTURES, TEXTS } from './bomb-messages.js';
import { allText, HEADER, isClean, LIMITS, mail, read } from './limits.js';

/** Of the processor, on any machine that tests run on. What takes time in proportion to its length takes far less. */
const MOST_MILLISECONDS = 12_000;

describe.each([
  ['of structure', STRUCTURES],
  ['of text', TEXTS],
  ['of markup', MARKUPS],
])('bombs %s', (_kind, bombs) => {
  it.each(bombs)('$name', ({ message }) => {
    const bytes = mail(message());
    const work = watchProcessor();
    const reading = read(bytes);
    work.expectBelow(MOST_MILLISECONDS);
    const seen = allText(reading).includes(END);
    expect(seen || !isClean(reading)).toBe(true);
  });
});

describe('limits', () => {
  it('reads what lies beyond a limit raw, and says so', () => {
    const message = mail(
      `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\n${END}\n--b--\n`,
    );
    const parts = readMessage(message, { ...LIMITS, max_parts: 2 });
    expect(parts.parts[0]).toMatchObject({ path: '0', status: 'too-large' });
    expect(allText(parts)).toContain(END);
    const text = readMessage(mail(`${HEADER}\n${END}${'.'.repeat(100)}\n`), { ...LIMITS, max_part_text: 50 });
    expect(text.parts).toContainEqual(expect.objectContaining({ path: '1', status: 'too-large' }));
    expect(allText(text)).toContain(END);
  });

  it('says which container was too deep', () => {
    const level = 'MIME-Version: 1.0\nContent-Type: message/rfc822\n\n';
    const nested = `${level.repeat(5)}\n${END}\n`;
    const reading = readMessage(mail(nested), { ...LIMITS, max_depth: 2 });
    expect(reading.parts.map((part) => part.status)).toContain('too-deep');
    expect(allText(reading)).toContain(END);
  });
});
