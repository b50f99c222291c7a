import { describe, expect, it } from 'vitest';
import { docxOf, packageOf, readOffice, view, xlsxOf } from './reading.js';

const rtf = (body: string): Buffer => Buffer.from(`{\\rtf1\\ansi\\ansicpg1252 ${body}}`, 'latin1');
const NS =
  'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"';
const odf = (type: string, styles: string, body: string): Buffer =>
  packageOf({
    mimetype: `application/vnd.oasis.opendocument.${type}`,
    'content.xml': `<office:document-content ${NS}><office:automatic-styles>${styles}</office:automatic-styles><office:body>${body}</office:body></office:document-content>`,
  });
const odt = (body: string): Buffer => odf('text', '', `<office:text><text:p>${body}</text:p></office:text>`);

describe('a piece of RTF within a number that looks otherwise', () => {
  it.each([
    ['nearly white', '{\\colortbl;\\red240\\green240\\blue240;}', '\\cf1'],
    ['of its ground', '{\\colortbl;\\red1\\green2\\blue3;}', '\\cf1\\cb1'],
    ['small', '', '\\fs6'],
    ['narrow', '', '\\charscalex1'],
    ['over its neighbours', '', '\\expndtw-200'],
    ['off the line', '', '\\up200'],
    ['crossed out', '', '\\striked1'],
  ])('is left out in a further reading: %s', async (_name, head, words) => {
    const result = await readOffice(rtf(`${head}SSN 212{${words} 9}-55-0187, hers\\par`));
    expect(result.status).toBe('read');
    expect(view(result, 'text')).toContain('SSN 2129-55-0187');
    expect(view(result, 'styled')).toContain('SSN 212-55-0187, hers');
  });

  it('is read with what is white, and without what else looks otherwise', async () => {
    const head = '{\\colortbl;\\red255\\green255\\blue255;}';
    const result = await readOffice(rtf(`${head}SSN 212{\\cf1 -55-}{\\up200 9}0187\\par`));
    expect(view(result, 'styled').split('\n')).toContain('SSN 212-55-0187');
  });

  it('is nothing where words are whole', async () => {
    expect(view(await readOffice(rtf('Please {\\b note} this 212\\par')), 'styled')).toBe('');
  });

  it('is one of two texts for older and newer programs', async () => {
    const result = await readOffice(rtf('SSN 212{\\upr{9}{\\*\\ud{-55-}}}0187\\par'));
    expect(view(result, 'styled').split('\n')).toEqual(
      expect.arrayContaining(['SSN 21290187', 'SSN 212-55-0187']),
    );
  });

  it('is what a field makes, or what was stored of it', async () => {
    const result = await readOffice(
      rtf('SSN 212{\\field{\\*\\fldinst QUOTE "-55-"}{\\fldrslt 99}}0187\\par'),
    );
    expect(view(result, 'styled').split('\n')).toEqual(
      expect.arrayContaining(['SSN 212-55-0187', 'SSN 212990187']),
    );
  });
});

describe('a piece of OpenDocument within a number that looks otherwise', () => {
  it('is left out in a further reading', async () => {
    const result = await readOffice(odt('SSN 212<text:span text:style-name="T1">9</text:span>-55-0187'));
    expect(result.status).toBe('read');
    expect(view(result, 'styled').split('\n')).toContain('SSN 212-55-0187');
  });

  it('may be a reading above a word', async () => {
    const ruby =
      '<text:ruby><text:ruby-base>-55-</text:ruby-base><text:ruby-text>9</text:ruby-text></text:ruby>';
    const result = await readOffice(odt(`SSN 212${ruby}0187`));
    expect(view(result, 'styled').split('\n')).toContain('SSN 212-55-0187');
  });

  it('is nothing where words are whole', async () => {
    const result = await readOffice(odt('Please <text:span text:style-name="T1">note</text:span> this'));
    expect(view(result, 'styled')).toBe('');
  });
});

describe('fields and readings of words in WordprocessingML', () => {
  const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`;
  const mark = (type: string) => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;

  it('leaves readings above words out', async () => {
    const ruby = `<w:r><w:ruby><w:rt>${run('9')}</w:rt><w:rubyBase>${run('-55-')}</w:rubyBase></w:ruby></w:r>`;
    const result = await readOffice(docxOf(`<w:p>${run('SSN 212')}${ruby}${run('0187')}</w:p>`));
    expect(view(result, 'styled').split('\n')).toContain('SSN 212-55-0187');
  });

  it('reads what a field makes in the place of its result', async () => {
    const field = `${mark('begin')}<w:r><w:instrText>QUOTE "-55-"</w:instrText></w:r>${mark('separate')}${run('9')}${mark('end')}`;
    const result = await readOffice(docxOf(`<w:p>${run('SSN 212')}${field}${run('0187')}</w:p>`));
    expect(view(result, 'styled').split('\n')).toContain('SSN 212-55-0187');
  });

  it('makes nothing of links and page numbers', async () => {
    const field = `${mark('begin')}<w:r><w:instrText>HYPERLINK "http://x.example"</w:instrText></w:r>${mark('separate')}${run('here')}${mark('end')}`;
    const result = await readOffice(docxOf(`<w:p>${run('look ')}${field}${run('!')}</w:p>`));
    expect(view(result, 'styled')).toBe('');
  });
});

describe('sheets whose first column is at the right', () => {
  const cells = (list: readonly string[]) =>
    list.map((text, at) => `<c r="${'ABC'[at]}1" t="inlineStr"><is><t>${text}</t></is></c>`).join('');

  it('are read in the order in which they are seen', async () => {
    const sheet = (view: string) =>
      `<worksheet>${view}<sheetData><row r="1">${cells(['0187', '-55-', '212'])}</row></sheetData></worksheet>`;
    const turned = xlsxOf('', {
      'xl/worksheets/sheet1.xml': sheet('<sheetViews><sheetView rightToLeft="1"/></sheetViews>'),
    });
    expect(view(await readOffice(turned), 'turned')).toContain('212-55-0187');
    const plain = xlsxOf('', { 'xl/worksheets/sheet1.xml': sheet('') });
    expect(view(await readOffice(plain), 'turned')).toBe('');
  });

  it('are read so in OpenDocument', async () => {
    const style =
      '<style:style style:name="ta1" style:family="table"><style:table-properties style:writing-mode="rl-tb"/></style:style>';
    const row = ['0187', '-55-', '212']
      .map((text) => `<table:table-cell><text:p>${text}</text:p></table:table-cell>`)
      .join('');
    const ods = odf(
      'spreadsheet',
      style,
      `<office:spreadsheet><table:table table:name="One" table:style-name="ta1"><table:table-row>${row}</table:table-row></table:table></office:spreadsheet>`,
    );
    expect(view(await readOffice(ods), 'turned')).toContain('212-55-0187');
  });
});
