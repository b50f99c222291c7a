import { describe, expect, it } from 'vitest';
import { htmlTexts } from '../../../src/inspect/html-text.js';
import { delimitedTable } from '../../../src/inspect/table-text.js';

const tidy = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('HTML to text', () => {
  it.each([
    ['inline tags', '<b>000</b><i>-12</i>-<span>3456</span>', '000-12-3456'],
    ['comments', '000-<!-- x -->12', '000-12'],
    ['entities', '&#48;&#x30;0&hyphen;&ndash;1', '000‐–1'],
    ['wbr and soft hyphens', '00<wbr>0&shy;1', '000\u00ad1'],
    ['block tags', '<div>000</div><p>12', '000 12'],
    ['br', '000<br>12', '000 12'],
    ['line ends in the source', '000\r\n12', '000 12'],
    ['hidden text left out', '00<span style="display:none">x</span>0', '000'],
    ['unknown tags', '0<x-y>0</x-y>0', '000'],
    ['unclosed tags', '<p>000<b>-12', '000-12'],
    ['CDATA and odd markup', '<p>0<![endif]>0</p', '00'],
  ])('%s', (_name, html, text) => {
    expect(tidy(htmlTexts(html).visible)).toBe(text);
  });

  it.each([
    '<div style="display: none">MRN</div>',
    '<div hidden>MRN</div>',
    '<div aria-hidden="true">MRN</div>',
    '<span style="FONT-SIZE:0px">MRN</span>',
    '<span style="opacity:0;">MRN</span>',
    '<p style="visibility:hidden">MRN</p>',
    '<p style="mso-hide:all">MRN</p>',
    '<div hidden><div>x</div>MRN</div>',
    '<style>MRN</style>',
    '<script>var x = "MRN"</script>',
    '<title>MRN</title>',
  ])('hidden: %s', (html) => {
    const texts = htmlTexts(html);
    expect(texts.hidden).toContain('MRN');
    // Whoever knows no style sheets sees it in its place; of scripts and titles nobody does.
    if (!/^<(?:style|script|title)/.test(html)) expect(texts.all).toContain('MRN');
    expect(texts.visible).not.toContain('MRN');
  });

  it.each([
    '<img alt="MRN 1">',
    '<a title="MRN 1">',
    '<a aria-label="MRN 1">',
    '<input value="MRN 1">',
    '<input placeholder="MRN 1">',
    '<meta name=description content="MRN 1">',
    '<a href="https://clinic.example/?q=MRN%201">',
    '<a href="mailto:a@clinic.example?subject=MRN+1">',
    '<img src="https://clinic.example/x.png#MRN%201">',
    '<p data-note="MRN 1">',
    '<p title="&#77;RN 1">',
    '<p title="x" title="MRN 1">',
  ])('attributes: %s', (html) => {
    expect(htmlTexts(html).attributes).toContain('MRN 1');
  });

  it('keeps comments as a reading of their own', () => {
    expect(htmlTexts('<!--[if mso]><b>MRN</b><![endif]-->').comments).toContain('<b>MRN</b>');
  });

  it('joins cells with the headers of their columns', () => {
    const html =
      '<table><tr><th>Name</th><th>MRN</th></tr><tr><td>Ada <b>Test</b></td><td>1</td></tr><tr><td colspan=2>x</td></tr></table>';
    expect(htmlTexts(html).table).toBe('Name: Ada Test; MRN: 1\nName: x');
  });

  it('joins cells of nested tables', () => {
    const inner = '<table><tr><td>MRN<td>DOB<tr><td>1<td>2</table>';
    expect(htmlTexts(`<table><tr><td>${inner}</td></tr></table>`).table).toContain('MRN: 1; DOB: 2');
  });
});

describe('delimited tables', () => {
  it.each([
    ['commas', 'name,mrn\r\nAda,1\r\nBob,2\r\n', 'name: Ada; mrn: 1\nname: Bob; mrn: 2'],
    ['semicolons', 'name;mrn\nAda;1\n', 'name: Ada; mrn: 1'],
    ['tabs', 'name\tmrn\nAda\t1\n', 'name: Ada; mrn: 1'],
    ['quotation marks', '"na,me",mrn\n"A ""d"" a\nb",1\n', 'na,me: A "d" a\nb; mrn: 1'],
    ['an unclosed quotation mark', 'a,b\n1,2\n3,4\n"x', 'a: 1; b: 2\na: 3; b: 4\na: x'],
    ['a longer row', 'a,b\n1,2\n3,4\n5,6,7\n', 'a: 1; b: 2\na: 3; b: 4\na: 5; b: 6; 7'],
  ])('%s', (_name, text, table) => {
    expect(delimitedTable(text).trim()).toBe(table);
  });

  it('takes prose for no table', () => {
    expect(delimitedTable('Dear Ada,\n\nthank you, Bob, for that.\n')).toBe('');
  });
});
