import { describe, expect, it } from 'vitest';
import { base64, outcomeOf, part, SECRET, type Trick, written } from './trick.js';

const NUMBER = '501-23-4567';
const spread = (separator: string) => written([...NUMBER].join(separator));
const bytes = (content: Buffer, type: string): Trick[1] =>
  part(base64(content), type, 'Content-Transfer-Encoding: base64\n');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const utf32 = (text: string, order: 'LE' | 'BE') => {
  const out = Buffer.alloc(text.length * 4);
  for (let i = 0; i < text.length; i++) out[`writeUInt32${order}`](text.charCodeAt(i), i * 4);
  return out;
};
/** Each ASCII character in two bytes, which no decoder should take. */
const overlong = (text: string) =>
  Buffer.from([...Buffer.from(text)].flatMap((byte) => [0xc0 | (byte >> 6), 0x80 | (byte & 0x3f)]));

const CHARSETS: readonly Trick[] = [
  ['UTF-8', bytes(Buffer.from(SECRET), 'text/plain; charset=utf-8'), 'found'],
  [
    'UTF-16 with a mark',
    bytes(Buffer.from(`\ufeff${SECRET}`, 'utf16le'), 'text/plain; charset=utf-16'),
    'found',
  ],
  ['UTF-16LE', bytes(Buffer.from(SECRET, 'utf16le'), 'text/plain; charset=utf-16le'), 'found'],
  ['UTF-16BE', bytes(utf16be(SECRET), 'text/plain; charset=utf-16be'), 'found'],
  ['UTF-16BE under utf-16', bytes(utf16be(SECRET), 'text/plain; charset=utf-16'), 'found'],
  [
    'UTF-16LE under utf-16be',
    bytes(Buffer.from(SECRET, 'utf16le'), 'text/plain; charset=utf-16be'),
    'found, ambiguous',
  ],
  [
    'UTF-16 under utf-8',
    bytes(Buffer.from(`\ufeff${SECRET}`, 'utf16le'), 'text/plain; charset=utf-8'),
    'found, ambiguous',
  ],
  [
    'UTF-16 without a mark under utf-8',
    bytes(Buffer.from(SECRET, 'utf16le'), 'text/plain; charset=utf-8'),
    'found, ambiguous',
  ],
  [
    'UTF-16 of full-width digits under utf-8',
    bytes(Buffer.from(`\ufeff${written('５０１-２３-４５６７')}`, 'utf16le'), 'text/plain; charset=utf-8'),
    'found, ambiguous',
  ],
  ['UTF-16 undeclared', bytes(Buffer.from(`\ufeff${SECRET}`, 'utf16le'), 'text/plain'), 'found'],
  ['UTF-32LE', bytes(utf32(SECRET, 'LE'), 'text/plain; charset=utf-32le'), 'found'],
  ['UTF-32BE', bytes(utf32(SECRET, 'BE'), 'text/plain; charset=utf-32be'), 'found'],
  ['UTF-32', bytes(utf32(SECRET, 'BE'), 'text/plain; charset=utf-32'), 'found'],
  ['UTF-7', part(SECRET.replaceAll('-', '+AC0-'), 'text/plain; charset=utf-7'), 'found, ambiguous'],
  [
    'UTF-7 by its older name',
    part(SECRET.replaceAll('-', '+AC0-'), 'text/plain; charset=unicode-1-1-utf-7'),
    'found, ambiguous',
  ],
  ['UTF-7 by its mark', part(`+/v8-${SECRET.replaceAll('-', '+AC0-')}`, 'text/plain'), 'found, ambiguous'],
  [
    'UTF-7 by its mark, in HTML',
    part(`+/v8-+ADw-p+AD4-${SECRET.replaceAll('-', '+AC0-')}`, 'text/html; charset=utf-8'),
    'found, ambiguous',
  ],
  [
    'overlong UTF-8',
    bytes(
      Buffer.concat([Buffer.from('Diagnosis asthma, SSN '), overlong(NUMBER)]),
      'text/plain; charset=utf-8',
    ),
    'found, ambiguous',
  ],
  ['overlong UTF-8 undeclared', bytes(overlong(SECRET), 'text/plain'), 'found, ambiguous'],
  ['EBCDIC', bytes(ebcdic(SECRET), 'text/plain; charset=ibm037'), 'ambiguous'],
  ['an unknown set', part(SECRET, 'text/plain; charset=x-own'), 'found, ambiguous'],
  ['two sets', part(SECRET, 'text/plain; charset=utf-8; charset=utf-16'), 'found, ambiguous'],
  ['ASCII said to be UTF-16', part(SECRET, 'text/plain; charset=utf-16'), 'found, ambiguous'],
  ['ASCII said to be ISO-2022-JP', part(SECRET, 'text/plain; charset=iso-2022-jp'), 'found'],
  [
    'ISO-2022-JP with full-width digits',
    bytes(
      Buffer.from(`SSN \x1b$B#5#0#1\x1b(B-\x1b$B#2#3\x1b(B-\x1b$B#4#5#6#7\x1b(B diagnosis asthma`, 'latin1'),
      'text/plain; charset=iso-2022-jp',
    ),
    'found',
  ],
  [
    'the same undeclared',
    bytes(
      Buffer.from(`SSN \x1b$B#5#0#1\x1b(B-\x1b$B#2#3\x1b(B-\x1b$B#4#5#6#7\x1b(B diagnosis asthma`, 'latin1'),
      'text/plain',
    ),
    'found',
  ],
  [
    'HZ',
    part('SSN ~{#5#0#1~}-~{#2#3~}-~{#4#5#6#7~} diagnosis asthma', 'text/plain; charset=hz-gb-2312'),
    'found, ambiguous',
  ],
  [
    'Shift_JIS with full-width digits',
    bytes(
      Buffer.from(
        '53534e20825482 4f8250 2d 82518252 2d 8253825482558256 20617374686d61'.replaceAll(' ', ''),
        'hex',
      ),
      'text/plain; charset=shift_jis',
    ),
    'found',
  ],
  [
    'UTF-8 under windows-1252',
    part(written('５０１-２３-４５６７'), 'text/plain; charset=windows-1252'),
    'found',
  ],
  [
    'an encoded word for a name of the set',
    part(SECRET, 'text/plain; charset="=?us-ascii?Q?utf-8?="'),
    'found, ambiguous',
  ],
];

/** EBCDIC code page 037, as far as the secret needs it. */
function ebcdic(text: string): Buffer {
  const rows: Readonly<Record<string, string>> = {
    '81': 'abcdefghi',
    '91': 'jklmnopqr',
    a2: 'stuvwxyz',
    c1: 'ABCDEFGHI',
    d1: 'JKLMNOPQR',
    e2: 'STUVWXYZ',
    f0: '0123456789',
    '40': ' ',
    '60': '-',
    '6b': ',',
  };
  return Buffer.from(
    [...text].map((character) => {
      for (const [start, row] of Object.entries(rows)) {
        const at = row.indexOf(character);
        if (at >= 0) return Number.parseInt(start, 16) + at;
      }
      return 0x6f;
    }),
  );
}

const CHARACTERS: readonly Trick[] = [
  ...(
    [
      ['zero-width spaces', '\u200b'],
      ['zero-width joiners', '\u200d'],
      ['word joiners', '\u2060'],
      ['invisible operators', '\u2063'],
      ['soft hyphens', '\u00ad'],
      ['byte-order marks', '\ufeff'],
      ['variation selectors', '\ufe0f'],
      ['further variation selectors', '\u{e0100}'],
      ['tag characters', '\u{e0041}'],
      ['grapheme joiners', '\u034f'],
      ['Mongolian vowel separators', '\u180e'],
      ['Hangul fillers', '\u3164'],
      ['Khmer vowels that are not drawn', '\u17b4'],
      ['interlinear marks', '\ufff9'],
      ['left-to-right marks', '\u200e'],
      ['isolates', '\u2068\u2069'],
      ['overlaid strokes', '\u0336'],
      ['enclosing circles', '\u20dd'],
      ['private characters', '\ue000'],
      ['null noteheads', '\u{1d159}'],
      ['unassigned ignorable characters', '\u2065'],
      ['musical format characters', '\u{1d173}'],
      ['shorthand format characters', '\u{1bca0}'],
    ] as const
  ).map(([name, filler]): Trick => [name, part(spread(filler)), 'found']),
  ['control characters', part(spread('\x02')), 'found, ambiguous'],
  ...(
    [
      ['full-width digits', '５０１－２３－４５６７'],
      ['Arabic-Indic digits', '٥٠١-٢٣-٤٥٦٧'],
      ['Persian digits', '۵۰۱-۲۳-۴۵۶۷'],
      ['Bengali digits', '৫০১-২৩-৪৫৬৭'],
      ['Thai digits', '๕๐๑-๒๓-๔๕๖๗'],
      ['mathematical digits', '𝟝𝟘𝟙-𝟚𝟛-𝟜𝟝𝟞𝟟'],
      ['segmented digits', '🯵🯰🯱-🯲🯳-🯴🯵🯶🯷'],
      ['superscripts', '⁵⁰¹-²³-⁴⁵⁶⁷'],
      ['subscripts', '₅₀₁₋₂₃₋₄₅₆₇'],
      ['circled digits', '⑤⓪①-②③-④⑤⑥⑦'],
      ['negative circled digits', '❺⓿❶-❷❸-❹❺❻❼'],
      ['digits with full stops', '⒌0⒈-⒉⒊-⒋⒌⒍⒎'],
      ['digits in parentheses', '⑸0⑴-⑵⑶-⑷⑸⑹⑺'],
      ['keycaps', '5️⃣0️⃣1️⃣-2️⃣3️⃣-4️⃣5️⃣6️⃣7️⃣'],
      ['Chinese digits of merchants', '〥〇〡-〢〣-〤〥〦〧'],
      ['Chinese digits of banks', '伍零壹-貳叁-肆伍陸柒'],
      ['Chinese digits in parentheses', '㈤〇㈠-㈡㈢-㈣㈤㈥㈦'],
      ['Chinese digits', '五〇一-二三-四五六七'],
      ['letters for digits', '5Ol-23-4567'],
      ['a capital I for one', '50I-23-4567'],
      ['Cyrillic letters for digits', '5О1-2З-45б7'],
      ['further letters for digits', 'Ƽ01-ƻƷ-4567'],
      ['words for digits', 'five zero one, two three, four five six seven'],
      ['words for digits with dashes', 'five-zero-one two-three four-five-six-seven'],
      ['words for digits, oh for zero', 'five oh one - two three - four five six seven'],
      ['figure dashes', '501\u201223\u20124567'],
      ['en dashes', '501–23–4567'],
      ['minus signs', '501−23−4567'],
      ['non-breaking hyphens', '501\u201123\u20114567'],
      ['hyphen bullets', '501⁃23⁃4567'],
      ['Hebrew maqaf', '501־23־4567'],
      ['Katakana prolonged sound marks', '501ー23ー4567'],
      ['box lines', '501─23─4567'],
      ['middle dots', '501·23·4567'],
      ['bullets', '501•23•4567'],
      ['tildes', '501~23~4567'],
      ['underlines', '501_23_4567'],
      ['strokes', '501/23/4567'],
      ['colons', '501:23:4567'],
      ['vertical bars', '501 | 23 | 4567'],
      ['equals signs', '501=23=4567'],
      ['two dashes', '501--23--4567'],
      ['dashes with blanks', '501 - 23 - 4567'],
      ['dashes with wide blanks', '501   -   23   -   4567'],
      ['dashes with tabs', '501\t-\t23\t-\t4567'],
      ['non-breaking spaces', '501\u00a023\u00a04567'],
      ['thin spaces', '501\u200923\u20094567'],
      ['ideographic spaces', '501\u300023\u30004567'],
      ['Braille blanks', '501\u280023\u28004567'],
      ['brackets', '[501] [23] [4567]'],
      ['parentheses', '(501)(23)(4567)'],
      ['blanks between digits', '5 0 1 - 2 3 - 4 5 6 7'],
      ['blanks in some places', '5 01 - 2 3 - 45 67'],
      ['pairs of digits', '50 1-2 3-45 67'],
      ['blanks between digits, no dashes', '5 0 1 2 3 4 5 6 7'],
      ['tabs between digits', '5\t0\t1\t2\t3\t4\t5\t6\t7'],
      ['points between digits', '5.0.1.2.3.4.5.6.7'],
      ['one digit a line', '\n5\n0\n1\n2\n3\n4\n5\n6\n7\n'],
      ['one digit a line in a reply', '\n> 5\n> 0\n> 1\n> 2\n> 3\n> 4\n> 5\n> 6\n> 7\n'],
      ['one group a line', '\n501\n23\n4567\n'],
      ['one group a line, with dashes', '\n501-\n23-\n4567\n'],
      ['one group a line in a reply', '\n> 501-\n> 23-\n> 4567\n'],
      ['a nested reply', '\n> > 501-\n> > 23-4567\n'],
      ['broken within a group', '50\n1-23-4567'],
      ['broken twice within groups', '50\n1-2\n3-4567'],
      ['a reply broken within a group', '\n> 50\n> 1-23-4567'],
      ['stuck to a word', 'number501-23-4567'],
      ['stuck to the next word', '501-23-4567diagnosis'],
      ['right-to-left override', '\u202e7654-32-105\u202c'],
      ['an override without an end', '\u202e7654-32-105'],
      ['overrides of groups', '\u202e105\u202c-\u202e32\u202c-\u202e7654\u202c'],
      ['an override within an override', '\u202e7654-32-\u202d501\u202c\u202c'],
      ['an embedding with blanks', '\u202b4567 23 501\u202c'],
      ['an isolate with blanks', '\u20674567 23 501\u2069'],
    ] as const
  ).map(([name, number]): Trick => [name, part(written(number)), 'found']),
];

const WORDS: readonly Trick[] = (
  [
    ['Cyrillic letters', 'Раtіеnt ЅЅN 501-23-4567, diаgnоsіs аsthmа'],
    ['Cyrillic letters for all that has any', 'Раtіеnt ЅЅN 501-23-4567 һаѕ аѕtһmа'],
    ['Greek letters', 'Ρatiεnt SSΝ 501-23-4567, diagnοsis αsthmα'],
    ['small capitals', 'ᴘᴀᴛɪᴇɴᴛ ssɴ 501-23-4567 ᴀsᴛʜᴍᴀ'],
    ['full-width letters', 'Ｐａｔｉｅｎｔ ＳＳＮ 501-23-4567, ａｓｔｈｍａ'],
    ['mathematical letters', '𝐏𝐚𝐭𝐢𝐞𝐧𝐭 𝐒𝐒𝐍 501-23-4567, 𝒂𝒔𝒕𝒉𝒎𝒂'],
    ['circled letters', 'Ⓟⓐⓣⓘⓔⓝⓣ ⓈⓈⓃ 501-23-4567 ⓐⓢⓣⓗⓜⓐ'],
    ['squared letters', 'SSN 501-23-4567 🄰🅂🅃🄷🄼🄰'],
    ['negative squared letters', 'SSN 501-23-4567 🅰🆂🆃🅷🅼🅰'],
    ['negative circled letters', 'SSN 501-23-4567 🅐🅢🅣🅗🅜🅐'],
    ['regional letters', 'SSN 501-23-4567 🇦 🇸 🇹 🇭 🇲 🇦'],
    ['letters with marks', 'SSN 501-23-4567 âśťĥḿå'],
    ['marks on letters', `SSN 501-23-4567 ${[...'asthma'].join('\u0323\u0301')}`],
    ['letters with strokes', 'SSN 501-23-4567 ⱥsŧħmⱥ'],
    ['Cherokee letters', 'SSN 501-23-4567 ᎪᏚᎢᎻᎷᎪ'],
    ['Coptic letters', 'SSN 501-23-4567 diagⲛⲟsⲓs asthma'],
    ['zero-width characters in words', `SSN 501-23-4567 ${[...'asthma'].join('\u200b')}`],
    ['soft hyphens in words', `SSN 501-23-4567 ${[...'asthma'].join('\u00ad')}`],
    ['blanks between letters', 'S S N  501-23-4567  a s t h m a'],
    ['points between letters', 'S.S.N. 501-23-4567 a.s.t.h.m.a'],
    ['a word broken at a hyphen', 'SSN 501-23-4567, diagnosis of asth-\nma today'],
    ['an override around words', 'SSN 501-23-4567 \u202eamhtsa\u202c'],
  ] as const
).map(([name, text]): Trick => [name, part(text), 'found']);

const FORMS: readonly Trick[] = [
  ['flowed text', part('Patient SSN 501- \n23-4567, diagnosis asthma', 'text/plain; format=flowed'), 'found'],
  [
    'flowed text in a reply',
    part('> Patient SSN 501- \n> 23-4567, diagnosis asthma', 'text/plain; format=flowed'),
    'found',
  ],
  [
    'flowed text within a group',
    part('Patient SSN 50 \n1-23-4567, diagnosis asthma', 'text/plain; format=flowed; delsp=yes'),
    'found',
  ],
  [
    'flowed words',
    part('Patient SSN 501-23-4567, diag \nnosis of ast \nhma', 'text/plain; format=flowed; delsp=yes'),
    'found',
  ],
  [
    'a soft break',
    part(
      'Patient SSN 501-23-45=\n67, diagnosis asthma',
      'text/plain',
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
    'found',
  ],
  ['base64 in the text', part(`See ${Buffer.from(SECRET).toString('base64')}`), 'found'],
  [
    'base64 for URLs in the text',
    part(`See ${Buffer.from(`${SECRET} ???>>>`).toString('base64url')}`),
    'found',
  ],
  ['base64 in lines of a reply', part(`> ${base64(SECRET.repeat(3)).replaceAll('\n', '\n> ')}`), 'found'],
  ['hexadecimal', part(`See ${Buffer.from(SECRET).toString('hex')}`), 'found'],
  [
    'base64 behind much other',
    part(
      `${`${Buffer.from('all is well here today').toString('base64')}. `.repeat(6000)}${Buffer.from(SECRET).toString('base64')}`,
    ),
    'found',
  ],
  [
    'hexadecimal behind much other',
    part(
      `${`${Buffer.from('all is well here today').toString('hex')}. `.repeat(1200)}${Buffer.from(SECRET).toString('hex')}`,
    ),
    'found',
  ],
  [
    'percent escapes',
    part(
      `See https://x.example/?q=${[...Buffer.from(SECRET)].map((byte) => `%${byte.toString(16)}`).join('')}`,
    ),
    'found',
  ],
  [
    'escapes of HTML in plain text',
    part([...SECRET].map((one) => `&#${one.charCodeAt(0)};`).join('')),
    'found',
  ],
  [
    'escapes of JSON',
    part(
      `{"note":"${[...SECRET].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`,
      'application/json',
    ),
    'found',
  ],
  [
    'JSON as text',
    part(
      `{"note":"${[...SECRET].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`,
    ),
    'found',
  ],
  [
    'a table',
    part('name,ssn,diagnosis\nAda Nobody,501234567,asthma\nBob Nobody,,none\n', 'text/csv'),
    'found',
  ],
  [
    'a calendar',
    part('BEGIN:VCALENDAR\nSUMMARY:Patient SSN 501-2\n 3-4567 asth\n ma\nEND:VCALENDAR', 'text/calendar'),
    'found',
  ],
  [
    'a card',
    part(
      'BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:Patient=20SSN=20501=2D23=2D4567=20asthma\nEND:VCARD',
      'text/vcard',
    ),
    'found',
  ],
  [
    'a short value of a card in base64',
    part('BEGIN:VCARD\nN:Patient asthma SSN\nNOTE;ENCODING=B:NTAxLTIzLTQ1Njc=\nEND:VCARD', 'text/vcard'),
    'found',
  ],
  [
    'a form',
    part(`note=${encodeURIComponent(SECRET).replaceAll('-', '%2D')}`, 'application/x-www-form-urlencoded'),
    'found',
  ],
  ['XML', part('<r><ssn>501234567</ssn><dx>asthma</dx></r>', 'application/xml'), 'found'],
  ['attributes of XML', part('<r ssn="501234567" dx="asthma"/>', 'application/xml'), 'found'],
  [
    'attributes with common names',
    part('<r id="SSN 501-23-4567" class="asthma"/>', 'application/xml'),
    'found',
  ],
  ['enriched text', part('<bold>Patient SSN 501</bold>-23-4567 asthma', 'text/enriched'), 'found'],
  ['text with NULs', bytes(Buffer.from([...SECRET].join('\0')), 'text/plain'), 'found, ambiguous'],
  ['ANSI escapes', part(written('501\x1b[31m-23-\x1b[0m4567')), 'found'],
  ['carriage returns over text', bytes(Buffer.from(`hello\r${SECRET}`), 'text/plain'), 'found'],
];

describe('character sets', () => {
  it.each(CHARSETS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('characters', () => {
  it.each(CHARACTERS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('words', () => {
  it.each(WORDS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('forms of text', () => {
  it.each(FORMS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});
