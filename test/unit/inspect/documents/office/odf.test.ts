import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import { fixture, LIMITS, packageOf, readFixture, readOffice, view, viewsOf } from './reading.js';

const CANARIES: readonly (readonly [string, string, string])[] = [
  ['letter.odt', 'number 212-55-0187 is split', 'text'],
  ['letter.odt', 'Grüße an Zoë, 日本語', 'text'],
  ['letter.odt', 'canary-inserted', 'text'],
  ['letter.odt', 'canary-textbox', 'text'],
  ['letter.odt', 'Seen  again: 447-81', 'text'],
  ['letter.odt', 'Commented here', 'text'],
  ['letter.odt', 'canary-header', 'headers'],
  ['letter.odt', 'canary-footer', 'headers'],
  ['letter.odt', 'canary-footnote', 'notes'],
  ['letter.odt', 'canary-endnote', 'notes'],
  ['letter.odt', 'canary-comment', 'comments'],
  ['letter.odt', 'canary-deleted', 'deleted'],
  ['letter.odt', 'Beforecanary-deleted and after, .', 'original'],
  ['letter.odt', 'canary-hidden', 'hidden'],
  ['letter.odt', 'canary-alt-text', 'attributes'],
  ['letter.odt', 'Patient: canary-property', 'metadata'],
  ['letter.odt', 'keyword: canary-keyword', 'metadata'],
  ['letter.odt', 'canary-link', 'links'],
  ['letter.odt', 'Name: Wilma; MRN: 00-771-204', 'table'],
  ['list.ods', 'Wilma\t212-55-0187\t1975-03-02', 'text'],
  ['list.ods', 'canary-sheet', 'text'],
  ['list.ods', 'Name: Wilma; SSN: 212-55-0187; Born: 1975-03-02', 'table'],
  ['list.ods', 'canary-hidden-column', 'hidden'],
  ['list.ods', 'canary-hidden-row', 'hidden'],
  ['list.ods', 'canary-on-hidden-sheet', 'hidden'],
  ['list.ods', 'CONCATENATE("canary";"-formula")', 'formulas'],
  ['list.ods', 'canary-formula', 'text'],
  ['list.ods', 'canary_name', 'attributes'],
  ['list.ods', 'canary-comment', 'comments'],
  ['list.ods', 'canary-link', 'links'],
  ['slides.odp', 'Patient 212-55-0187 on slide one\nthe last slide', 'text'],
  ['slides.odp', 'canary-hidden-slide', 'hidden'],
  ['slides.odp', 'canary-speaker-note', 'notes'],
  ['slides.odp', 'canary-master', 'masters'],
  ['slides.odp', 'canary-comment', 'comments'],
  ['slides.odp', 'canary-alt-text', 'attributes'],
  ['slides.odp', 'canary-link', 'links'],
];

describe('OpenDocument of LibreOffice', () => {
  it.each(CANARIES)('%s: %s is in %s', async (file, words, where) => {
    const result = await readFixture(file);
    expect(result).toMatchObject({ status: 'read', oddities: [] });
    expect(viewsOf(result, words)).toContain(where);
  });

  it.each([
    ['letter.odt', 'canary-deleted'],
    ['letter.odt', 'canary-hidden'],
    ['letter.odt', 'canary-comment'],
    ['list.ods', 'canary-hidden'],
    ['list.ods', 'canary-comment'],
    ['slides.odp', 'canary-hidden'],
  ])('%s: %s is not shown', async (file, words) => {
    expect(viewsOf(await readFixture(file), words)).not.toContain('text');
  });

  it('gives pictures to be read', async () => {
    for (const file of ['letter.odt', 'slides.odp']) {
      const { children } = await readFixture(file);
      expect(children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toEqual(['image/png']);
    }
  });

  it.each(['letter-encrypted.odt', 'list-encrypted.ods', 'slides-encrypted.odp'])(
    '%s is encrypted',
    async (file) => {
      const result = await readFixture(file);
      expect(result).toMatchObject({ status: 'encrypted', children: [] });
    },
  );
});

const odt = (body: string, more: Readonly<Record<string, string>> = {}, styles = ''): Buffer =>
  packageOf({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'content.xml': `<o:document-content><o:automatic-styles>${styles}</o:automatic-styles><o:body><o:text>${body}</o:text></o:body></o:document-content>`,
    ...more,
  });

const sheetOf = (cells: string): Buffer =>
  packageOf({
    mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
    'content.xml': `<o:document-content><o:body><o:spreadsheet><t:table t:name="S"><t:table-row>${cells}</t:table-row></t:table></o:spreadsheet></o:body></o:document-content>`,
  });

describe('OpenDocument', () => {
  it.each([
    ['spans', '<t:p>212-5<t:span>5-01</t:span>87</t:p>', 'text', '212-55-0187'],
    ['fields in the midst', '<t:p>212-5<t:title>5-01</t:title>87</t:p>', 'text', '212-55-0187'],
    [
      'notes in the midst',
      '<t:p>212-5<t:note><t:note-body><t:p>n</t:p></t:note-body></t:note>5-0187</t:p>',
      'text',
      '212-55-0187',
    ],
    ['blanks', '<t:p>a<t:s t:c="3"/>b<t:tab/>c<t:line-break/>d</t:p>', 'text', 'a   b\tc\nd'],
    ['hidden paragraphs', '<t:hidden-paragraph>canary</t:hidden-paragraph>', 'hidden', 'canary'],
    ['variables', '<t:user-field-decl t:name="n" o:string-value="canary"/>', 'attributes', 'canary'],
    ['values of variables', '<t:user-field-decl t:name="n" o:value="212550187"/>', 'attributes', '212550187'],
    ['values of controls', '<f:textarea f:value="Mustermann"/>', 'attributes', 'Mustermann'],
    [
      'values of choices',
      '<t:drop-down>x<t:label t:value="Mustermann"/></t:drop-down>',
      'attributes',
      'Mustermann',
    ],
    [
      'values of cells in a text',
      '<t:table><t:table-row><t:table-cell o:value="212550187"><t:p>x</t:p></t:table-cell></t:table-row></t:table>',
      'attributes',
      '212550187',
    ],
    ['words in elements that nobody knows', '<x:future>canary</x:future>', 'text', 'canary'],
    ['scripts', '<o:script>canary</o:script>', 'macros', 'canary'],
  ])('reads %s', async (_, body, where, words) => {
    const result = await readOffice(odt(body));
    expect(result.status).toBe('read');
    expect(view(result, where)).toContain(words);
  });

  it('knows styles that hide, with those based on them', async () => {
    const styles =
      '<s:style s:name="B"><s:text-properties t:display="none"/></s:style><s:style s:name="C" s:parent-style-name="B"/>';
    const result = await readOffice(odt('<t:p>21<t:span t:style-name="C">zz</t:span>2</t:p>', {}, styles));
    expect(view(result, 'text')).toBe('212');
    expect(view(result, 'hidden')).toBe('zz');
  });

  it('reads what stands around the numbers of lists', async () => {
    const styles =
      '<t:list-style><t:list-level-style-number s:num-prefix="Wilma " s:num-suffix="." t:start-value="447"/></t:list-style>';
    expect(view(await readOffice(odt('', {}, styles)), 'styles')).toBe('Wilma 447.');
    const plain = '<t:list-style><t:list-level-style-number s:num-suffix="."/></t:list-style>';
    expect(view(await readOffice(odt('', {}, plain)), 'styles')).toBe('');
  });

  it('leaves no part unread', async () => {
    const result = await readOffice(
      odt('', {
        'Object 1/content.xml':
          '<o:document-content><o:body><t:p>canary-object</t:p></o:body></o:document-content>',
        'ObjectReplacements/Object 1': 'VCLMTF canary',
        'Basic/Standard/Module1.xml': '<script:module>canary-macro</script:module>',
        'layout-cache': '\x01\x02canary-cache',
        'odd.xml': '<a><b>canary-odd</b></a>',
      }),
    );
    expect(viewsOf(result, 'canary-object')).toEqual(['text']);
    expect(viewsOf(result, 'canary-macro')).toEqual(['macros']);
    expect(viewsOf(result, 'canary-cache')).toEqual(['strings']);
    expect(viewsOf(result, 'b: canary-odd')).toEqual(['metadata']);
    expect(result.children.map(({ fileName }) => fileName)).toEqual(['ObjectReplacements/Object 1']);
  });

  it('shows numbers as they are where they are shown otherwise', async () => {
    const bytes = packageOf({
      mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
      'content.xml': `<o:document-content><o:body><o:spreadsheet><t:table t:name="S"><t:table-row>
        <t:table-cell o:value-type="float" o:value="212550187"><t:p>###</t:p></t:table-cell>
        <t:table-cell t:number-columns-repeated="3"/>
        <t:table-cell o:value-type="float" o:value="447"><t:p>MRN 0447</t:p></t:table-cell>
        </t:table-row></t:table></o:spreadsheet></o:body></o:document-content>`,
    });
    expect(view(await readOffice(bytes), 'text')).toBe('S\n### 212550187\tMRN 0447');
  });

  it.each([
    ['an amount', 'o:value-type="currency" o:value="212550187"', '###', '### 212550187'],
    ['a share', 'o:value-type="percentage" o:value="212550187"', '5 %', '5 % 212550187'],
    [
      'a number beside a date',
      'o:value-type="float" o:value="212550187" o:date-value="2020-01-02"',
      'x',
      'x 212550187',
    ],
    ['a date without a value', 'o:value-type="date"', 'MRN 447-81', 'MRN 447-81'],
    ['a date', 'o:value-type="date" o:date-value="1975-03-02"', '3/2/75', '1975-03-02'],
    ['an amount as it is', 'o:value-type="currency" o:value="1234.5"', '1.234,50 €', '1.234,50 €'],
  ])('shows of a cell with %s what programs do', async (_, attributes, shown, text) => {
    const result = await readOffice(
      sheetOf(`<t:table-cell ${attributes}><t:p>${shown}</t:p></t:table-cell>`),
    );
    expect(view(result, 'text')).toBe(`S\n${text}`);
    expect(view(result, 'shown')).toBe('');
  });

  it('reads what a cell says beside its date', async () => {
    const cell = (shown: string) =>
      readOffice(
        sheetOf(
          `<t:table-cell o:value-type="date" o:date-value="1975-03-02"><t:p>${shown}</t:p></t:table-cell>`,
        ),
      );
    expect(view(await cell('Wilma'), 'shown')).toBe('Wilma');
    expect(view(await cell('447/81'), 'shown')).toBe('447/81');
  });

  it('is read as one XML file, too', async () => {
    const result = await readOffice(
      Buffer.from(
        `<?xml version="1.0"?><o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><o:settings><c:config-item>canary-setting</c:config-item></o:settings>
        <o:automatic-styles><s:style s:name="H"><s:text-properties t:display="none"/></s:style></o:automatic-styles>
        <o:body><o:text><t:p>212-5<t:span>5-01</t:span><t:span t:style-name="H">zz</t:span>87</t:p><d:image><o:binary-data>iVBORw0KGgo=</o:binary-data></d:image></o:text></o:body></o:document>`,
      ),
    );
    expect(result.status).toBe('read');
    expect(view(result, 'text')).toBe('212-55-0187');
    expect(view(result, 'hidden')).toBe('zz');
    expect(viewsOf(result, 'canary-setting')).toEqual(['metadata']);
    expect(result.children).toMatchObject([{ fileName: 'picture' }]);
    const broken = '<o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><o:body>words';
    expect((await readOffice(Buffer.from(broken))).status).toBe('corrupt');
  });

  it('allows the document type of old manifests, and no more', async () => {
    const manifest =
      '<!DOCTYPE m:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd"><m:manifest/>';
    expect((await readOffice(odt('', { 'META-INF/manifest.xml': manifest }))).oddities).toEqual([]);
    const bomb = '<!DOCTYPE a [<!ENTITY a "canary">]><a>&a;</a>';
    expect((await readOffice(odt('', { 'x.xml': bomb }))).oddities).toEqual(['xml-doctype']);
  });

  it('tells damage and limits', async () => {
    expect((await readOffice(odt('<t:p>'))).status).toBe('corrupt');
    expect(
      (await readOffice(odt(`<t:p>${'word '.repeat(1000)}</t:p>`), { ...LIMITS, maxText: 1000 })).status,
    ).toBe('too-large');
    const whole = fixture('list.ods');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: whole.length - 1 }), async (length) => {
        const bytes = whole.subarray(0, length);
        if (kindOf(bytes)?.includes('opendocument'))
          expect((await readOffice(bytes)).status).not.toBe('read');
      }),
      { numRuns: 40 },
    );
  });
});
