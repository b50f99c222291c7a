import { describe, expect, it } from 'vitest';
import { bytesFields } from '../../../src/inspect/base64-fields.js';

describe('fields of bytes', () => {
  it('cost no more than their text where none of them ends', () => {
    const started = performance.now();
    expect(bytesFields('representation="B64">'.repeat(50_000))).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each([
    { contentType: 'html', content: 'Thank you for the news' },
    { contentType: 'application/json', content: 'none' },
  ])('are no words of other records: %j', (record) => {
    expect(bytesFields(JSON.stringify(record))).toEqual([]);
  });

  it('are short texts as well', () => {
    const data = Buffer.from('417-83').toString('base64');
    expect(bytesFields(JSON.stringify({ contentType: 'text/plain', data }))).toHaveLength(1);
  });

  it('are read one after the other', () => {
    const field = '<text mediaType="text/plain" representation="B64">YWJj</text>';
    expect(bytesFields(`${field}\n${field}`).map(({ type, bytes }) => [type, String(bytes)])).toEqual([
      ['text/plain', 'abc'],
      ['text/plain', 'abc'],
    ]);
  });
});
