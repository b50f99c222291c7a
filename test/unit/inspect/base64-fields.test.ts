import { describe, expect, it } from 'vitest';
import { bytesFields } from '../../../src/inspect/base64-fields.js';
import { watchProcessor } from '../../support/processor-time.js';

describe('fields of bytes', () => {
  it('cost no more than their text where none of them ends', () => {
    const work = watchProcessor();
    expect(bytesFields('representation="B64">'.repeat(50_000))).toEqual([]);
    expect(bytesFields('representation="B64" '.repeat(50_000))).toEqual([]);
    expect(bytesFields(`contentType${'<data value  '.repeat(50_000)}`)).toEqual([]);
    const types = `"contentType":"a/b"${'"data":"AAAA",'.repeat(280)}`;
    expect(bytesFields(`${types}${' '.repeat(4000)}`.repeat(120))).toEqual([]);
    work.expectBelow(2000);
  });

  it.each([
    { contentType: 'html', content: 'Thank you for the news' },
    { contentType: 'application/json', content: 'none' },
  ])('are no words of other records: %j', (record) => {
    expect(bytesFields(JSON.stringify(record))).toEqual([]);
  });

  it.each([
    ['JSON', (url: string, data: string) => JSON.stringify({ contentType: 'image/heic', url, data })],
    [
      'JSON, the type behind it',
      (url: string, data: string) => JSON.stringify({ data, url, contentType: 'image/heic' }),
    ],
    [
      'XML',
      (url: string, data: string) =>
        `<contentType value="image/heic"/><url value="${url}"/><data value="${data}"/>`,
    ],
  ])('have their type behind a long address, too: %s', (_name, record) => {
    const data = Buffer.alloc(60, 7).toString('base64');
    const url = `https://files.example/${'a'.repeat(1500)}`;
    expect(bytesFields(record(url, data)).map(({ type }) => type)).toEqual(['image/heic']);
  });

  it.each([
    ['JSON with many blanks', `{"contentType"${' '.repeat(50)}:"image/heic","data":${' '.repeat(50)}"DATA"}`],
    [
      'XML with other attributes',
      `<contentType id="a" value="image/heic"/><data id="${'b'.repeat(150)}" value="DATA"/>`,
    ],
    ['XML with a prefix', '<f.x:contentType value="image/heic"/><f.x:data value="DATA"/>'],
    [
      'CDA with other attributes',
      `<text representation="B64" ID="${'b'.repeat(5000)}" mediaType="image/heic">DATA</text>`,
    ],
  ])('are known however they are written: %s', (_name, text) => {
    const fields = bytesFields(text.replace('DATA', Buffer.alloc(60, 7).toString('base64')));
    expect(fields.map(({ type, bytes }) => [type, bytes.length])).toEqual([['image/heic', 60]]);
  });

  it.each([
    [
      [
        { contentType: 'text/plain', data: 'A' },
        { data: 'B', contentType: 'text/html' },
      ],
      ['text/html'],
    ],
    [
      [
        { data: 'B', contentType: 'text/html' },
        { contentType: 'text/plain', data: 'A' },
      ],
      ['text/html'],
    ],
    [
      [
        { contentType: 'text/html', data: 'B' },
        { contentType: 'text/plain', data: 'A' },
      ],
      ['text/html'],
    ],
    [
      [
        { contentType: 'text/plain', data: 'A' },
        { contentType: 'text/html', extension: [{ url: 'x' }], data: 'B' },
      ],
      ['text/html'],
    ],
    [[{ contentType: 'text/html', x: { contentType: 'text/plain' }, data: 'B' }], ['text/html']],
  ])('have the type of their own object: %j', (records, types) => {
    const bytes = (letter: string) => Buffer.alloc(60, letter).toString('base64');
    const text = JSON.stringify(records).replaceAll(
      /"data":"(.)"/g,
      (_, letter: string) => `"data":"${bytes(letter)}"`,
    );
    const found = bytesFields(text).filter(({ bytes: [first] }) => first === 0x42);
    expect(found.map(({ type }) => type)).toEqual(types);
  });

  it('have a type whose slash is a reference', () => {
    const data = Buffer.from('>>>???~~~ words of somebody');
    const text = `<contentType value="text&#47;html"/><data value="${data.toString('base64')}"/>`;
    expect(bytesFields(text)).toMatchObject([{ type: 'text/html', bytes: data }]);
  });

  it('have the type of their own element', () => {
    const value = (letter: string) => Buffer.alloc(60, letter).toString('base64');
    const text = `<a><contentType value="text/plain"/><data value="${value('A')}"/></a><a><data value="${value('B')}"/><contentType value="text/html"/></a>`;
    expect(bytesFields(text).map(({ type }) => type)).toEqual(['text/plain', 'text/html']);
  });

  it('have each of two types of their object', () => {
    const text = `{"contentType":"text/html","data":"${Buffer.alloc(60, 'B').toString('base64')}","contentType":"text/plain"}`;
    expect(bytesFields(text).map(({ type }) => type)).toEqual(['text/html', 'text/plain']);
  });

  it('have no type of another object', () => {
    const data = Buffer.alloc(60, 7).toString('base64');
    const records = [{ contentType: 'image/heic', url: 'a'.repeat(1500) }, { data }];
    expect(bytesFields(JSON.stringify(records))).toEqual([]);
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
