import { describe, expect, it } from 'vitest';
import { styledReadings } from '../../../../../src/inspect/documents/office/styled-text.js';
import { docxOf, readOffice, view, W, xlsxOf } from './reading.js';

const run = (text: string, properties = '') =>
  `<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`;
const split = (properties: string) =>
  docxOf(`<w:p>${run('SSN 212')}${run('9', properties)}${run('-55-0187, hers')}</w:p>`);

describe('a piece within a number that looks otherwise', () => {
  it.each([
    ['nearly white', '<w:color w:val="FEFEFE"/>'],
    ['of the page', '<w:color w:val="000000" w:themeColor="background1"/>'],
    ['of its shading', '<w:color w:val="123456"/><w:shd w:val="clear" w:fill="123456"/>'],
    ['a hundredth wide', '<w:w w:val="1"/>'],
    ['over its neighbours', '<w:spacing w:val="-200"/>'],
    ['off the line', '<w:position w:val="2000"/>'],
    ['fitted', '<w:fitText w:val="1"/>'],
    ['crossed out', '<w:dstrike/>'],
    ['hidden on the web', '<w:webHidden/>'],
    ['marking a style', '<w:specVanish/>'],
  ])('is left out in a further reading: %s', async (_, properties) => {
    expect(view(await readOffice(split(properties)), 'styled')).toContain('SSN 212-55-0187, hers');
  });

  it('is not looked for where words are whole, or only their language differs', async () => {
    const bold = docxOf(`<w:p>${run('Please ')}${run('note', '<w:b/>')}${run(' this')}</w:p>`);
    expect(view(await readOffice(bold), 'styled')).toBe('');
    expect(view(await readOffice(split('<w:lang w:val="de-DE"/>')), 'styled')).toBe('');
  });

  it('is left out of strings of a sheet, in the row where they stand', async () => {
    const rich = '<r><t>SSN 212</t></r><r><rPr><sz val="1"/></rPr><t>9</t></r><r><t>-55-0187</t></r>';
    const rows = `<row r="1"><c r="A1" t="inlineStr"><is>${rich}</is></c><c r="B1"><v>7</v></c></row>`;
    expect(view(await readOffice(xlsxOf(rows)), 'styled')).toContain('SSN 212-55-0187\t7');
    const shared = xlsxOf('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', {
      'xl/sharedStrings.xml': `<sst><si>${rich}</si></sst>`,
    });
    expect(view(await readOffice(shared), 'styled')).toContain('SSN 212-55-0187');
  });

  it('is read in every combination of up to four styles, and told of beyond', () => {
    const piece = (text: string, style: string) => ({ text, style });
    const four = ['a', 'b', 'c', 'd'].map((style, index) => piece(String(index), style));
    expect(styledReadings(four).readings).toContain('02');
    expect(styledReadings(four).tooMany).toBe(false);
    expect(styledReadings([...four, piece('4', 'e')]).tooMany).toBe(true);
    expect(styledReadings([...'abcdef'].map((letter) => piece(letter, letter))).tooMany).toBe(false);
  });
});

describe('words that programs write otherwise than they stand in the file', () => {
  it.each(['<mc:Choice Requires="w">', '<mc:Choice Requires="zz">'])('reads both of %s', async (choice) => {
    const other = `<mc:AlternateContent>${choice}${run('9')}</mc:Choice><mc:Fallback>${run('-55-')}</mc:Fallback></mc:AlternateContent>`;
    const document = docxOf(`<w:p>${run('SSN 212')}${other}${run('0187')}</w:p>`);
    expect(view(await readOffice(document), 'styled').split('\n')).toEqual(
      expect.arrayContaining(['SSN 21290187', 'SSN 212-55-0187']),
    );
  });

  it('marks what is turned round', async () => {
    const document = docxOf(`<w:p><w:bdo w:val="rtl">${run('7810-55-212')}</w:bdo></w:p>`);
    expect(view(await readOffice(document), 'text')).toBe('\u202e7810-55-212\u202c');
  });

  it('writes the labels of lists', async () => {
    const paragraph = `<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>${run(' is hers')}</w:p>`;
    const document = docxOf(paragraph.repeat(2), {
      'word/numbering.xml':
        `<w:numbering ${W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="212"/>` +
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="SSN %1-55-0187"/></w:lvl></w:abstractNum>' +
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
    });
    const numbered = view(await readOffice(document), 'numbered');
    expect(numbered).toContain('SSN 212-55-0187 is hers');
    expect(numbered).toContain('SSN 213-55-0187 is hers');
  });

  it('reads the escapes of a sheet, and what is written', async () => {
    const rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>_x0032_12_x002D_55-0187</t></is></c></row>';
    const result = await readOffice(xlsxOf(rows));
    expect(view(result, 'text')).toContain('212-55-0187');
    expect(view(result, 'written')).toContain('_x0032_12');
  });

  it.each([
    ['000-00-0000,', '212550187000', '212-55-0187'],
    ['0%%', '0.5', '5000%%'],
  ])('scales numbers by %s', async (code, value, shown) => {
    const result = await readOffice(
      xlsxOf(`<row r="1"><c r="A1" s="0"><v>${value}</v></c></row>`, {
        'xl/styles.xml': `<styleSheet><numFmts><numFmt numFmtId="200" formatCode="${code}"/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>`,
      }),
    );
    expect(view(result, 'text')).toContain(shown);
  });

  it('reads a package without such parts as before', async () => {
    const result = await readOffice(docxOf(`<w:p>${run('words')}</w:p>`));
    expect(result.texts.map((text) => text.view)).toEqual(['names', 'text']);
  });
});
