import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readLeaf } from '../../../../src/inspect/leaf/read-leaf.js';
import { outcomeOf, part, SECRET, type Trick } from './trick.js';

/** Nothing of it is found in the source. */
const PAGE = '<p>Patient SSN 50<b>1-2</b>3-<i>45</i>67, asth<b>ma</b></p>';
const encode = (content: string | Buffer) => Buffer.from(content).toString('base64');
/** Neither text nor anything known. */
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, at) => (at * 151) % 256));
const fhir = (type: string, data: string) =>
  part(`{"resourceType":"Binary","contentType":"${type}","data":"${data}"}`, 'application/fhir+json');
const cda = (attributes: string, content: string) =>
  part(
    `<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><component><nonXMLBody><text ${attributes}>${content}</text></nonXMLBody></component></ClinicalDocument>`,
    'text/xml',
  );
const observation = (value: string) =>
  part(`MSH|^~\\&|LAB|H|X|Y|20260101||ORU^R01|1|P|2.5\nOBX|1|ED|x||${value}||||||F`);
/** A message divided by the given characters, in the order of MSH-1 and MSH-2. */
const divided = (marks: string) => {
  const [field = '', component = '', repetition = '', sequence = '', subcomponent = ''] = marks;
  const pid = ['PID', '1', '', ['4471902', '', '', 'H', 'MR'].join(component), '', `Probe${component}Ada`];
  return part(
    [
      `MSH${field}${component}${repetition}${sequence}${subcomponent}${field}LAB${field}H`,
      [...pid, ...Array(13).fill(''), '501234567'].join(field),
      ['OBX', '1', 'TX', `x${component}asthma`].join(field),
    ].join('\n'),
  );
};

/** Whose words only those read who read it as mail. */
const MAIL = `From: a@clinic.example\r\nTo: b@partner.example\r\nMessage-ID: <1@clinic.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${PAGE.replaceAll('5', '=35').replaceAll('a', '=61')}\r\n`;
const SHORT_MAIL = MAIL.slice(MAIL.indexOf('MIME-Version'));

const FIELDS: readonly Trick[] = [
  ['FHIR: a mail', fhir('message/rfc822', encode(MAIL)), 'found'],
  ['FHIR: a mail under another type', fhir('text/plain', encode(MAIL)), 'found'],
  ['FHIR: a mail of few fields', fhir('message/rfc822', encode(SHORT_MAIL)), 'found'],
  ['FHIR: a text under the type of mail', fhir('message/rfc822', encode(SECRET)), 'found'],
  [
    'FHIR in XML: a mail',
    part(
      `<Binary xmlns="http://hl7.org/fhir"><contentType value="message/rfc822"/><data value="${encode(MAIL)}"/></Binary>`,
      'application/fhir+xml',
    ),
    'found',
  ],
  [
    'a page: a link to a mail',
    part(`<a href="data:message/rfc822;base64,${encode(MAIL)}">x</a>`, 'text/html'),
    'found',
  ],
  [
    'a calendar: a mail',
    part(
      `BEGIN:VCALENDAR\nATTACH;FMTTYPE=message/rfc822;ENCODING=BASE64;VALUE=BINARY:${encode(MAIL)}\nEND:VCALENDAR`,
      'text/calendar',
    ),
    'found',
  ],
  ['FHIR: a short text', fhir('text/plain', encode('asthma SSN 501-23-4567')), 'found'],
  [
    'FHIR: a text in Latin 1',
    fhir('text/plain; charset=iso-8859-1', encode(Buffer.from(`Asthma, Frau Mü, ${SECRET}`, 'latin1'))),
    'found',
  ],
  ['FHIR: a text in UTF-16', fhir('text/plain', encode(Buffer.from(`\ufeff${SECRET}`, 'utf16le'))), 'found'],
  ['FHIR: a page', fhir('text/html', encode(PAGE)), 'found'],
  ['FHIR: with escaped slashes', fhir('text/html', encode(`????>?>${PAGE}`).replaceAll('/', '\\/')), 'found'],
  [
    'FHIR: the same bytes as something else',
    part(
      JSON.stringify(
        ['text/plain', 'text/plain; charset=utf-7'].map((contentType) => ({
          resourceType: 'Binary',
          contentType,
          data: encode('asthma SSN +ADU-01-23-4567'),
        })),
      ),
      'application/fhir+json',
    ),
    // UTF-7 counts as such.
    'found, ambiguous',
  ],
  ['FHIR: what nobody reads', fhir('image/heic', encode(BINARY)), 'ambiguous'],
  [
    'FHIR in XML: a page',
    part(
      `<Binary xmlns="http://hl7.org/fhir"><contentType value="text/html"/><data value="${encode(PAGE)}"/></Binary>`,
      'application/fhir+xml',
    ),
    'found',
  ],
  [
    'FHIR in XML: what nobody reads',
    part(
      `<Binary xmlns="http://hl7.org/fhir"><contentType value="image/heic"/><data value="${encode(BINARY)}"/></Binary>`,
      'application/fhir+xml',
    ),
    'ambiguous',
  ],
  ['CDA: a page', cda('mediaType="text/html" representation="B64"', encode(PAGE)), 'found'],
  [
    'CDA: a page in a section of characters',
    cda('mediaType="text/html" representation="B64"', `<![CDATA[${encode(PAGE)}]]>`),
    'found',
  ],
  ['CDA: what nobody reads', cda('representation="B64" mediaType="audio/mpeg"', encode(BINARY)), 'ambiguous'],
  [
    'CDA: what is compressed',
    cda('mediaType="text/plain" representation="B64" compression="DF"', encode(deflateSync(SECRET))),
    'ambiguous',
  ],
  ['HL7: a short text', observation(`^TEXT^PLAIN^Base64^${encode('asthma SSN 501-23-4567')}`), 'found'],
  ['HL7: a page', observation(`^TEXT^HTML^Base64^${encode(PAGE)}`), 'found'],
  [
    'HL7: a page over several lines',
    observation(`^TEXT^HTML^Base64^${encode(PAGE).replace(/.{30}/g, '$&\\.br\\')}`),
    'found',
  ],
  ['HL7: what nobody reads', observation(`^AU^BASIC^Base64^${encode(BINARY)}`), 'ambiguous'],
  [
    'HL7: what nobody reads, in hexadecimal',
    observation(`^AP^PDF^Hex^${BINARY.toString('hex')}`),
    'ambiguous',
  ],
  ['Markdown: a drawing', part(`![x](data:image/svg+xml;base64,${encode(`<svg>${PAGE}</svg>`)})`), 'found'],
  ['Markdown: what nobody reads', part(`![x](data:image/heic;base64,${encode(BINARY)})`), 'ambiguous'],
  [
    'JSON: an address',
    part(`{"page":"data:text\\/html,${encodeURIComponent(PAGE)}"}`, 'application/json'),
    'found',
  ],
  ['uuencode with base64', part(`hi\nbegin-base64 644 a.txt\n${encode(SECRET)}\n====`), 'found, ambiguous'],
];

const TEXTS: readonly Trick[] = [
  ['few escapes in JSON that nobody declared', part(`{"asthma":"Patient SSN 501\\u002d23-4567"}`), 'found'],
  ['few escapes in YAML', part(`asthma: "Patient SSN 501\\x2d23-4567"`, 'application/yaml'), 'found'],
  [
    'a page whose brackets are escaped',
    part(`{"div":"${PAGE.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}"}`, 'application/fhir+json'),
    'found',
  ],
  [
    'HTML in a section of characters',
    part(`<?xml version="1.0"?><r><d><![CDATA[${PAGE}]]></d></r>`, 'text/xml'),
    'found',
  ],
  [
    'HTML that is escaped in XML',
    part(`<?xml version="1.0"?><r><d>${PAGE.replaceAll('<', '&lt;')}</d></r>`, 'text/xml'),
    'found',
  ],
  ['HTML in base64', part(`{"encoding":"base64","text":"${encode(PAGE)}"}`, 'application/json'), 'found'],
  [
    'a formula that puts a number together',
    part('patient,ssn,diagnosis\nAda,="501"&"-23-"&"4567",asthma\nBob,,none', 'text/csv'),
    'found',
  ],
  [
    'a quoted formula that puts a number together',
    part('patient,ssn,diagnosis\nAda,"=""501-"" & ""23-4567""",asthma\nBob,,none', 'text/csv'),
    'found',
  ],
  [
    'a short value of LDIF',
    part(`version: 1\ndn: cn=Ada\ntitle: Patient, asthma\nssn:: ${encode('501-23-4567')}`),
    'found',
  ],
  ['HL7 with other delimiters', divided('#^~\\&'), 'found'],
  ['HL7 with no usual delimiter', divided('$@*!%'), 'found'],
  ['HL7 behind what MLLP puts before it', divided('#^~\\&').replace('MSH', '\x0bMSH'), 'found'],
  ['HL7 with highlights', observation('Patient asthma SSN 501-2\\H\\3-4\\N\\567'), 'found'],
  ['HL7 with hexadecimal', observation('Patient asthma SSN 501\\X2D3233\\-4567'), 'found'],
  [
    'HL7 with another escape character',
    part(`MSH|^~!&|LAB\nOBX|1|TX|x||Patient asthma SSN 501-2!H!3-4!N!567`),
    'found',
  ],
];

/** A claim whose delimiters are the given ones: of elements, of components, and the end of a segment. */
const claim = (element: string, component: string, end: string) =>
  part(
    [
      `ISA*00*${' '.repeat(10)}*00*${' '.repeat(10)}*ZZ*CLINIC         *ZZ*PAYER          *260101*1200*^*00501*000000001*0*P*:`,
      'ST*837*0001',
      'NM1*IL*1*NOBODY*ADA****MI*W5012345',
      'REF*SY*501234567',
      'DMG*D8*19620314*F',
      'HI*ABK:J45909*ABF:E119',
      'SE*6*0001',
      'IEA*1*000000001',
    ]
      .map((one) => `${one.replaceAll('*', element).replaceAll(':', component)}${end}`)
      .join(''),
    'application/edi-x12',
  );

const CLAIMS: readonly Trick[] = [
  ['the usual delimiters', claim('*', ':', '~'), 'found'],
  ['other delimiters', claim('|', '>', '!'), 'found'],
  ['segments on lines', claim('*', ':', '\n'), 'found'],
];

describe('claims of X12', () => {
  it.each(CLAIMS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it('say what their numbers are', () => {
    const bytes = Buffer.from(claim('*', ':', '~').split('\n\n')[1] ?? '');
    const { texts } = readLeaf({ mediaType: 'application/edi-x12', charsets: [], bytes }, 1_000_000);
    const text = texts.find(({ view }) => view === 'labelled')?.text.split('\n');
    expect(text).toEqual(
      expect.arrayContaining([
        'Patient name: ADA NOBODY',
        'Member ID: W5012345',
        'SSN: 501234567',
        'Date of birth: 1962-03-14',
        'Diagnosis: J45.909',
        'Diagnosis: E11.9',
      ]),
    );
  });

  it('are told from text', () =>
    expect(outcomeOf(part('ISA*00 is how an interchange begins.'))).toBe('missed'));
});

describe('fields of records that are bytes', () => {
  it.each(FIELDS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it('are read whole, and once', () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(600, '\xff\xbe?', 'latin1')]);
    const source = `{"contentType":"application/pdf","data":"${encode(pdf).replaceAll('/', '\\/')}"}`;
    const leaf = { mediaType: 'application/json', charsets: [], bytes: Buffer.from(source) };
    expect(readLeaf(leaf, 1_000_000).embedded.map(({ bytes }) => bytes)).toEqual([pdf]);
  });

  it('are held by a page that begins as mail does', () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), BINARY]);
    const link = `data:application/pdf,${[...pdf].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`;
    const page = `From: x@x.test\nTo: y@x.test\nMessage-ID: <1@x.test>\nX-Page: <html><a href="${link}">open</a></html>\n`;
    expect(outcomeOf(part(page, 'text/html; name=x.html', 'Content-Disposition: attachment\n'))).toBe(
      'ambiguous',
    );
    expect(outcomeOf(part(`<a href="data:text/html,${encodeURIComponent(page)}">x</a>`, 'text/html'))).toBe(
      'ambiguous',
    );
  });

  it('are held by a document of one XML file as by an attachment of that type', () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), BINARY]);
    const document = Buffer.from(
      '<?xml version="1.0"?><o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0">' +
        `<o:body>words</o:body><x>${encode(pdf)}</x></o:document>`,
    );
    const held = (mediaType: string, text: string | Buffer) => {
      const leaf = { mediaType, charsets: [], bytes: Buffer.from(text), isFile: true };
      return readLeaf(leaf, 1_000_000).embedded.map(({ bytes }) => bytes);
    };
    expect(held('text/xml', document)).toEqual([pdf]);
    const field = `{"contentType":"text/xml","data":"${encode(document)}"}`;
    expect(held('application/fhir+json', field)).toEqual([document, pdf]);
  });

  it.each([
    ['other records', part('{"status":"sent","data":"test"}', 'application/json')],
    ['measured values', part('{"resourceType":"Observation","data":"12 13 14"}', 'application/json')],
    ['talk of encodings', part('The lab said: base64, hex; data: none, content: all.')],
  ])('are nothing else: %s', (_name, message) => expect(outcomeOf(message)).toBe('missed'));
});

describe('text of records', () => {
  it.each(TEXTS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('the beginning of a document in a field', () => {
  it.each([
    ['as a mailing list quotes it', observation('^application^pdf^Base64^JVBERi0...')],
    ['with the marks of a binary file', observation('^application^pdf^Base64^JVBERi0xLjQKJeLjz9MK...')],
    ['as an example of FHIR', fhir('application/pdf', 'JVBERi0xLjQK')],
  ])('holds nothing unread where it is too short for one: %s', (_, message) => {
    expect(outcomeOf(message)).toBe('missed');
  });

  it('is read as text all the same', () => {
    const hidden = encode('%PDF-1.4 asthma, SSN 501-23-4567');
    expect(outcomeOf(observation(`Patient^application^pdf^Base64^${hidden}`))).toBe('found');
  });

  it('is unread where a document could be in it', () => {
    const cut = encode(Buffer.concat([Buffer.from('%PDF-1.4\n'), BINARY]));
    expect(outcomeOf(fhir('application/pdf', cut))).toBe('ambiguous');
  });
});
