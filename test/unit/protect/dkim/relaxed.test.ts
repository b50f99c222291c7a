import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { relaxedBodyHash } from '../../../../src/protect/dkim/relaxed-body.js';
import { relaxedField } from '../../../../src/protect/dkim/relaxed-field.js';

/** As RFC 6376 3.4.4 says it, in one piece. */
function relaxedBody(body: string): string {
  const lines = body.replace(/[ \t]+(?=\r\n|$)/g, '').replace(/[ \t]+/g, ' ');
  const whole = lines.replace(/(?:\r\n)*$/, '');
  return whole === '' ? '' : `${whole}\r\n`;
}

describe('the relaxed form', () => {
  // RFC 6376 3.4.5.
  it.each([
    ['A: X', 'a:X'],
    ['B : Y\t\r\n\tZ  ', 'b:Y Z'],
    ['Subject:', 'subject:'],
    ['SUBJect:  \t ', 'subject:'],
    ['X:a:b : c', 'x:a:b : c'],
    ['X: ends in \xa0', 'x:ends in \xa0'],
  ])('of field %j', (raw, relaxed) => {
    expect(relaxedField(raw)).toBe(relaxed);
  });

  it.each([
    ['RFC 6376 3.4.5', ' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n'],
    ['nothing', '', ''],
    ['only empty lines', '\r\n\r\n \r\n', ''],
    ['only a blank', ' ', ''],
    ['no end of line', 'a', 'a\r\n'],
    ['empty lines first', '\r\n\r\na\r\n', '\r\n\r\na\r\n'],
    ['blanks at the very end', 'a \t', 'a\r\n'],
    ['many empty lines within', `a${'\r\n'.repeat(9000)}b`, `a${'\r\n'.repeat(9000)}b\r\n`],
  ])('of a body: %s', (_, body, relaxed) => {
    expect(relaxedBody(body)).toBe(relaxed);
    const hash = relaxedBodyHash();
    hash.update(Buffer.from(body, 'latin1'));
    expect(hash.digest().toString('hex')).toBe(createHash('sha256').update(relaxed, 'latin1').digest('hex'));
  });
});
