import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import {
  docxOf,
  fixture,
  LIMITS,
  packageOf,
  readFixture,
  readOffice,
  view,
  viewsOf,
  xlsxOf,
} from './reading.js';

const CANARIES: readonly (readonly [string, string, string])[] = [
  ['letter.docx', 'number 212-55-0187 is split', 'text'],
  ['letter.docx', 'Grüße an Zoë, 日本語', 'text'],
  ['letter.docx', 'canary-inserted', 'text'],
  ['letter.docx', 'canary-textbox', 'text'],
  ['letter.docx', 'Seen  again: 447-81', 'text'],
  ['letter.docx', 'canary-header', 'headers'],
  ['letter.docx', 'canary-footer', 'headers'],
  ['letter.docx', 'canary-footnote', 'notes'],
  ['letter.docx', 'canary-endnote', 'notes'],
  ['letter.docx', 'canary-comment', 'comments'],
  ['letter.docx', 'canary-deleted', 'deleted'],
  ['letter.docx', 'canary-hidden', 'hidden'],
  ['letter.docx', 'canary-alt-text', 'attributes'],
  ['letter.docx', 'Patient: canary-property', 'metadata'],
  ['letter.docx', 'canary-keyword', 'metadata'],
  ['letter.docx', 'canary-link', 'links'],
  ['letter.docx', 'Name: Wilma; MRN: 00-771-204', 'table'],
  ['letter.docm', 'number 212-55-0187 is split', 'text'],
  ['list.xlsx', 'Wilma\t212-55-0187\t1975-03-02', 'text'],
  ['list.xlsx', 'canary-sheet', 'text'],
  ['list.xlsx', 'Name: Wilma; SSN: 212-55-0187; Born: 1975-03-02', 'table'],
  ['list.xlsx', 'canary-hidden-column', 'hidden'],
  ['list.xlsx', 'canary-hidden-row', 'hidden'],
  ['list.xlsx', 'canary-on-hidden-sheet', 'hidden'],
  ['list.xlsx', 'CONCATENATE("canary","-formula")', 'formulas'],
  ['list.xlsx', 'canary-formula', 'text'],
  ['list.xlsx', 'canary-named', 'formulas'],
  ['list.xlsx', 'canary-comment', 'comments'],
  ['list.xlsx', 'canary-link', 'links'],
  ['list.xlsx', 'canary-property', 'metadata'],
  ['slides.pptx', 'Patient 212-55-0187 on slide one\nthe last slide', 'text'],
  ['slides.pptx', 'canary-hidden-slide', 'hidden'],
  ['slides.pptx', 'canary-speaker-note', 'notes'],
  ['slides.pptx', 'canary-master', 'masters'],
  ['slides.pptx', 'canary-comment', 'comments'],
  ['slides.pptx', 'canary-link', 'links'],
];

describe('documents of LibreOffice', () => {
  it.each(CANARIES)('%s: %s is in %s', async (file, words, where) => {
    const result = await readFixture(file);
    expect(result).toMatchObject({ status: 'read', oddities: [] });
    expect(viewsOf(result, words)).toContain(where);
  });

  it.each([
    ['letter.docx', 'canary-deleted'],
    ['letter.docx', 'canary-hidden'],
    ['list.xlsx', 'canary-hidden'],
    ['slides.pptx', 'canary-hidden'],
  ])('%s: %s is not shown', async (file, words) => {
    expect(viewsOf(await readFixture(file), words)).not.toContain('text');
  });

  it('gives pictures to be read', async () => {
    for (const file of ['letter.docx', 'slides.pptx']) {
      const { children } = await readFixture(file);
      expect(children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toEqual(['image/png']);
    }
  });

  it.each(['letter-encrypted.docx', 'list-encrypted.xlsx', 'slides-encrypted.pptx'])(
    '%s is encrypted',
    (file) => {
      expect(kindOf(fixture(file))).toBe('application/encrypted');
    },
  );
});

const run = (text: string, properties = '') =>
  `<w:r>${properties && `<w:rPr>${properties}</w:rPr>`}<w:t>${text}</w:t></w:r>`;
const paragraph = (...runs: string[]) => `<w:p>${runs.join('')}</w:p>`;

describe('word processing', () => {
  it.each<[string, string, string, string]>([
    ['runs', paragraph(run('212-5'), run('5-01', '<w:b/>'), run('87')), 'text', '212-55-0187'],
    ['blanks that do not count', paragraph(run(' 212-5 '), run('5-0187 ')), 'text', '212-55-0187'],
    [
      'a text box within a number',
      paragraph(
        run('212-5'),
        `<w:r><w:txbxContent>${paragraph(run('box'))}</w:txbxContent></w:r>`,
        run('5-0187'),
      ),
      'text',
      '212-55-0187',
    ],
    [
      'hyphens that do not break',
      '<w:p><w:r><w:t>212</w:t><w:noBreakHyphen/><w:t>55</w:t></w:r></w:p>',
      'text',
      '212-55',
    ],
    [
      'letters of a symbol font',
      '<w:p><w:r><w:sym w:font="Symbol" w:char="F034"/><w:t>2</w:t></w:r></w:p>',
      'text',
      '42',
    ],
    ['soft hyphens', '<w:p><w:r><w:t>pati</w:t><w:softHyphen/><w:t>ent</w:t></w:r></w:p>', 'text', 'patient'],
    ['hidden words', paragraph(run('21'), run('x', '<w:vanish/>'), run('2')), 'text', '212'],
    ['words hidden no more', paragraph(run('a', '<w:vanish w:val="false"/>'), run('b')), 'text', 'ab'],
    ['white words', paragraph(run('21'), run('zz', '<w:color w:val="FFFFFF"/>'), run('2')), 'hidden', 'zz'],
    ['tiny words', paragraph(run('21'), run('zz', '<w:sz w:val="2"/>'), run('2')), 'hidden', 'zz'],
    ['everything in place', paragraph(run('21'), run('zz', '<w:vanish/>'), run('2')), 'all', '21zz2'],
    [
      'the state before the changes',
      paragraph(
        run('21'),
        `<w:del><w:r><w:delText>2-55</w:delText></w:r></w:del>`,
        `<w:ins>${run('9')}</w:ins>`,
      ),
      'original',
      '212-55',
    ],
    ['what was moved away', paragraph(`<w:moveFrom>${run('gone')}</w:moveFrom>`), 'deleted', 'gone'],
    [
      'field codes in pieces',
      '<w:p><w:r><w:instrText>MAILTO wil</w:instrText></w:r><w:r><w:instrText>ma@clinic.example</w:instrText></w:r></w:p>',
      'fields',
      'wilma@clinic.example',
    ],
    ['words in attributes', '<w:sdt><w:alias w:val="canary-alias"/></w:sdt>', 'attributes', 'canary-alias'],
    ['WordArt', '<w:pict><v:textpath string="canary-art"/></w:pict>', 'text', 'canary-art'],
    ['words in elements that nobody knows', '<w:future>canary-future</w:future>', 'text', 'canary-future'],
    ['CDATA and references', paragraph(run('<![CDATA[2<1]]>&amp;&#x32;')), 'text', '2<1&2'],
  ])('reads %s', async (_, body, where, words) => {
    const result = await readOffice(docxOf(body));
    expect(result.status).toBe('read');
    expect(view(result, where)).toContain(words);
  });

  it('knows styles that hide', async () => {
    const styles = `<w:styles><w:style w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style>
      <w:style w:styleId="Child"><w:basedOn w:val="Base"/></w:style></w:styles>`;
    const body = paragraph(run('21'), run('zz', '<w:rStyle w:val="Child"/>'), run('2'));
    expect(view(await readOffice(docxOf(body, { 'word/styles.xml': styles })), 'text')).toBe('212');
  });

  it('reads parts that nothing refers to, under any name and in UTF-16', async () => {
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(
        `<?xml version="1.0" encoding="UTF-16"?><w:comments>${paragraph(run('canary-16'))}</w:comments>`,
        'utf16le',
      ),
    ]);
    const result = await readOffice(
      docxOf('', { 'word/odd.bin': utf16, 'x/y.dat': '<a><b>canary-b</b></a>' }),
    );
    expect(view(result, 'comments')).toBe('canary-16');
    expect(view(result, 'other')).toContain('canary-b');
  });

  it('reads strict documents with any prefix', async () => {
    const result = await readOffice(
      packageOf({
        '[Content_Types].xml': '<Types/>',
        'word/document.xml':
          '<q:document xmlns:q="http://purl.oclc.org/ooxml/wordprocessingml/main"><q:p><q:r><q:t>canary-strict</q:t></q:r></q:p></q:document>',
      }),
    );
    expect(view(result, 'text')).toBe('canary-strict');
  });

  it('leaves no part unread', async () => {
    const { children, status } = await readOffice(
      docxOf('', {
        'word/vbaProject.bin': 'Sub canary_macro()',
        'word/embeddings/oleObject1.bin': Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        'word/afchunk.htm': '<html><body>canary</body></html>',
        'word/media/image1.svg': '<svg><text>canary</text></svg>',
      }),
    );
    expect(status).toBe('read');
    expect(
      children.map(({ fileName, status: state, bytes }) => [fileName, state, bytes !== undefined]),
    ).toEqual([
      ['word/vbaProject.bin', undefined, true],
      ['word/embeddings/oleObject1.bin', undefined, true],
      ['word/afchunk.htm', undefined, true],
      ['word/media/image1.svg', undefined, true],
    ]);
  });

  const chunk = (name: string) => ({
    'word/_rels/document.xml.rels': `<Relationships><Relationship Id="c" Type="x/aFChunk" Target="${name}"/></Relationships>`,
  });

  it.each(['chunk.htm', 'chunk.xml', 'chunk.dat'])(
    'gives HTML without a head that Word takes in: %s',
    async (name) => {
      const html = name.endsWith('dat') ? '212-<b>55</b>-0187' : '<div>212-<b>55</b>-0187</div>';
      const result = await readOffice(
        docxOf('<w:altChunk r:id="c"/>', { ...chunk(name), [`word/${name}`]: html }),
      );
      expect(result.status).toBe('read');
      expect(result.children).toMatchObject([{ fileName: `word/${name}`, mediaType: 'text/html' }]);
      expect(result.children[0]?.bytes?.toString()).toBe(html);
    },
  );

  it('reads parts of word processing as such, though a chunk is said to be there', async () => {
    const header = `<w:hdr>${paragraph(run('canary-header'))}</w:hdr>`;
    const result = await readOffice(docxOf('', { ...chunk('header1.xml'), 'word/header1.xml': header }));
    expect(viewsOf(result, 'canary-header')).toContain('headers');
  });

  it('knows a part by its root behind a long comment', async () => {
    const comment = `<!-- ${'a > b '.repeat(800)}--><?x a > b?>`;
    const header = `${comment}<w:hdr>${paragraph(run('canary-header'))}</w:hdr>`;
    const result = await readOffice(docxOf('', { 'word/header1.xml': header }));
    expect(viewsOf(result, 'canary-header')).toContain('headers');
  });

  it.each<[string, Buffer]>([
    ['broken markup', docxOf('<w:p></w:r>')],
    [
      'markup that ends',
      packageOf({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<w:document><w:p>' }),
    ],
    ['no document', packageOf({ '[Content_Types].xml': '<Types/>', 'word/other.xml': '<a/>' })],
    ['bytes that are no UTF-8', docxOf('', { 'word/x.xml': Buffer.from('<a>\xff</a>', 'latin1') })],
    ['UTF-7', docxOf('', { 'word/x.xml': '<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>' })],
    ['nesting without end', docxOf('<w:x>'.repeat(6000) + '</w:x>'.repeat(6000))],
  ])('calls %s corrupt', async (_, bytes) => {
    expect((await readOffice(bytes)).status).toBe('corrupt');
  });

  it('expands no entity', async () => {
    const bomb = `<!DOCTYPE a [<!ENTITY a "canary"><!ENTITY b "${'&a;'.repeat(50)}">]><a>&b;</a>`;
    const result = await readOffice(docxOf('', { 'word/x.xml': bomb }));
    expect(result.oddities).toContain('xml-doctype');
    expect(viewsOf(result, 'canarycanary')).toEqual([]);
  });

  it('stops at the limit of text', async () => {
    const result = await readOffice(docxOf(paragraph(run('word '.repeat(1000)))), {
      ...LIMITS,
      maxText: 1000,
    });
    expect(result.status).toBe('too-large');
  });
});

describe('sheets', () => {
  const cell = (value: string, more = '') => `<c ${more}><v>${value}</v></c>`;
  const formats = (code: string) => ({
    'xl/styles.xml': `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="${code}"/></numFmts>
      <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
  });

  it.each([
    ['000-00-0000', '212550187', '212-55-0187'],
    ['000\\-00\\-0000', '12550187', '012-55-0187'],
    ['&quot;MRN &quot;0000000', '4471', 'MRN 0004471'],
    ['[&lt;=9999999]###-####;(###) ###-####', '6145550123', '(614) 555-0123'],
    ['m/d/yyyy', '27455', '1975-03-02'],
    ['[$-409]d-mmm-yy h:mm', '27455.5', '1975-03-02 12:00:00'],
    ['#,##0.00', '1234.5', '1234.50'],
    ['0%', '0.25', '25%'],
    ['General', '2.12550187E8', '212550187'],
    ['@', '447', '447'],
  ])('shows %s of %s as %s', async (code, value, shown) => {
    const result = await readOffice(xlsxOf(`<row>${cell(value, 's="1"')}</row>`, formats(code)));
    expect(view(result, 'text').split('\n')[1]).toBe(shown);
  });

  it('joins strings, labels and rich text', async () => {
    const strings = `<sst><si><t>Name</t></si><si><r><t>Wil</t></r><r><t>ma</t></r></si><si><t>canary-unused</t></si></sst>`;
    const rows = `<row>${cell('0', 't="s" r="A1"')}<c r="C1" t="inlineStr"><is><t>MRN</t></is></c></row>
      <row>${cell('1', 't="s" r="A2"')}${cell('447', 'r="C2"')}</row>`;
    const result = await readOffice(xlsxOf(rows, { 'xl/sharedStrings.xml': strings }));
    expect(view(result, 'table')).toBe('Name: Wilma; MRN: 447');
    expect(view(result, 'hidden')).toBe('canary-unused');
  });

  it('reads the rows that a pivot table keeps', async () => {
    const result = await readOffice(
      xlsxOf('', {
        'xl/pivotCache/pivotCacheDefinition1.xml': `<pivotCacheDefinition><cacheFields><cacheField name="Patient">
          <sharedItems><s v="Wilma"/></sharedItems></cacheField><cacheField name="Born"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>`,
        'xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels':
          '<Relationships><Relationship Id="r" Type="x/pivotCacheRecords" Target="pivotCacheRecords1.xml"/></Relationships>',
        'xl/pivotCache/pivotCacheRecords1.xml':
          '<pivotCacheRecords><r><x v="0"/><d v="1975-03-02T00:00:00"/></r></pivotCacheRecords>',
      }),
    );
    expect(view(result, 'table')).toContain('Patient: Wilma; Born: 1975-03-02');
  });

  it('bounds what many cells make of one long string', async () => {
    const strings = `<sst><si><t>${'x'.repeat(100_000)}</t></si></sst>`;
    const result = await readOffice(
      xlsxOf(`<row>${cell('0', 't="s"').repeat(10_000)}</row>`, { 'xl/sharedStrings.xml': strings }),
    );
    expect(result.status).toBe('too-large');
  });

  it('never calls a binary workbook read that is none', async () => {
    const bytes = packageOf({ '[Content_Types].xml': '<Types/>', 'xl/workbook.bin': 'canary' });
    const result = await readOffice(bytes);
    expect(result.status).toBe('corrupt');
    expect(result.children).toHaveLength(1);
  });
});

describe('damage', () => {
  it('is never called read', async () => {
    const whole = fixture('letter.docx');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async (length) => {
        const result = await readOffice(whole.subarray(0, length)).catch(() => undefined);
        expect(result?.status).not.toBe('read');
      }),
      { numRuns: 40 },
    );
  });

  it('never throws', async () => {
    const whole = fixture('list.xlsx');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        if (kindOf(bytes)?.includes('sheet')) await readOffice(bytes);
      }),
      { numRuns: 60 },
    );
  });
});

describe('Word as one XML file', () => {
  it('is read as Word shows it, with its pictures', async () => {
    const result = await readOffice(
      Buffer.from(
        `<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p>
        <w:r><w:t>212-5</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>zz</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>5-0187</w:t></w:r>
        <w:r><w:pict><w:binData w:name="wordml://1.png">iVBORw0KGgo=</w:binData></w:pict></w:r></w:p></w:body></w:wordDocument>`,
      ),
    );
    expect(result.status).toBe('read');
    expect(viewsOf(result, '212-55-0187')).toContain('other');
    expect(view(result, 'hidden')).toBe('zz');
    expect(result.children.map(({ bytes }) => bytes?.toString('latin1', 1, 4))).toEqual(['PNG']);
  });

  it.each([
    ['in a section of characters', '<![CDATA[iVBORw0KGgo=]]>'],
    ['around a comment', 'iVBO<!-- -->Rw0KGgo='],
    ['with references', '&#105;VBORw0KGgo='],
  ])('is no document that is read where its data are written %s', async (_name, data) => {
    const xml = `<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p>
      <w:r><w:pict><w:binData w:name="b"/><w:binData w:name="a">${data}</w:binData></w:pict></w:r></w:p></w:body></w:wordDocument>`;
    expect((await readOffice(Buffer.from(xml))).status).toBe('unsupported');
  });
});

describe('queries of Power Query', () => {
  const written = (content: Uint8Array) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(content.length, 4);
    return Buffer.concat([head, content, Buffer.alloc(12)]).toString('base64');
  };
  const workbook = (xml: string) =>
    readOffice(xlsxOf('', { 'customXml/item1.xml': Buffer.from(`\ufeff${xml}`, 'utf16le') }));
  const ROOT = '<DataMashup sqmid="1" xmlns="http://schemas.microsoft.com/DataMashup">';

  it('are a package of their own, beside which the workbook counts as unread', async () => {
    const scripts = packageOf({ 'Formulas/Section1.m': 'shared a = "212-55-0187";' });
    const result = await workbook(
      `<?xml version="1.0" encoding="utf-16"?>${ROOT}${written(scripts)}</DataMashup>`,
    );
    expect(result.status).toBe('unsupported');
    expect(result.children.map(({ bytes }) => bytes?.equals(scripts))).toEqual([true]);
  });

  it.each(['', 'AAAA', '!'])('count as unread where nothing of them can be unpacked: %j', async (content) => {
    const result = await workbook(`${ROOT}${content}</DataMashup>`);
    expect(result.status).toBe('unsupported');
    expect(result.children).toEqual([]);
  });
});
