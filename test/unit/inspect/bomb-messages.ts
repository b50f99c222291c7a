import { HEADER } from './limits.js';

/** Stands at the end of each message: it is seen, or the message must not count as read. */
export const END = 'MRN 0012345';

export interface Bomb {
  readonly name: string;
  readonly message: () => string;
}

const bomb = (name: string, message: () => string): Bomb => ({ name, message });
const text = (body: string) => `${HEADER}\n${body}\n`;
const typed = (type: string, body: string, more = '') => `${HEADER}Content-Type: ${type}\n${more}\n${body}\n`;
const html = (body: string) => typed('text/html', body);
const many = (count: number, piece: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => piece(i)).join('');

/** Parts, headers and nesting. */
export const STRUCTURES: readonly Bomb[] = [
  bomb('10,000 parts', () =>
    typed('multipart/mixed; boundary=b', `${'--b\n\nx\n'.repeat(10_000)}--b\n\n${END}\n--b--`),
  ),
  bomb('100,000 empty delimiters', () =>
    typed('multipart/mixed; boundary=b', `${'--b\n'.repeat(100_000)}\n${END}\n--b--`),
  ),
  bomb('100,000 almost delimiters', () =>
    typed('multipart/mixed; boundary=b', `--b\n\n${'--bx\n'.repeat(100_000)}\n${END}\n--b--`),
  ),
  bomb('boundaries within one line', () =>
    typed('multipart/mixed; boundary=b', `--b\n\n${'--b'.repeat(300_000)}\n${END}\n--b--`),
  ),
  bomb('boundaries behind blanks', () =>
    typed('multipart/mixed; boundary=b', `--b\n\n${`${' '.repeat(50)}--b\n`.repeat(20_000)}\n${END}\n--b--`),
  ),
  bomb('a line of blanks before each of many boundaries', () =>
    typed(
      'multipart/mixed; boundary=b',
      `--b\n\n${' '.repeat(500_000)}${'x--b'.repeat(100_000)}\n${END}\n--b--`,
    ),
  ),
  bomb('20 multiparts around 500,000 lines', () => {
    const open = many(20, (i) => `Content-Type: multipart/mixed; boundary="n${i}."\n\n--n${i}.\n`);
    return `${HEADER}${open}\n${'--n\n'.repeat(500_000)}${END}\n`;
  }),
  bomb(
    '1,000 nested multiparts',
    () =>
      `${HEADER}${many(1000, (i) => `Content-Type: multipart/mixed; boundary="n${i}."\n\n--n${i}.\n`)}\n${END}\n`,
  ),
  bomb(
    '1,000 nested messages',
    () => `${HEADER}${'Content-Type: message/rfc822\n\n'.repeat(1000)}\n${END}\n`,
  ),
  bomb('15 nested messages in base64', () => {
    let inner = `Subject: x\r\n\r\n${END}\r\n`;
    for (let i = 0; i < 15; i++) {
      inner = `MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(inner).toString('base64')}\r\n`;
    }
    return inner.replaceAll('\r\n', '\n');
  }),
  bomb('18 levels of conflicting types', () => {
    let body = `\n${END}\n`;
    for (let i = 0; i < 18; i++) {
      body = `Content-Type: multipart/mixed; boundary=b${i}-x\nContent-Type: multipart/related; boundary=b${i}-x\n\n--b${i}-x\n${body}\n--b${i}-x--\n`;
    }
    return `MIME-Version: 1.0\n${body}`;
  }),
  bomb('eight boundaries at each of 18 levels', () => {
    let body = `\n${END}\n`;
    for (let i = 0; i < 18; i++) {
      const all = many(8, (k) => `; boundary=b${i}-${k}`);
      body = `Content-Type: multipart/mixed${all}\n\n${many(8, (k) => `--b${i}-${k}\n`)}${body}\n${many(8, (k) => `--b${i}-${k}--\n`)}`;
    }
    return `MIME-Version: 1.0\n${body}`;
  }),
  bomb('50,000 fields', () => `${HEADER}${'X-A: b\n'.repeat(50_000)}X-Z: ${END}\n\nx\n`),
  bomb(
    '50,000 Content-Types',
    () => `${HEADER}${many(50_000, (i) => `Content-Type: text/x${i}\n`)}\n${END}\n`,
  ),
  bomb('one field in 100,000 lines', () => `X-A: b\n${' c\n'.repeat(100_000)} ${END}\n\nx\n`),
  bomb('a field of a megabyte', () => `X-A: ${'b'.repeat(1_048_000)} ${END}\n\nx\n`),
  bomb(
    'a subject of a megabyte of digits and blanks',
    () => `Subject: ${'1 '.repeat(500_000)} ${END}\n\nx\n`,
  ),
  bomb(
    '100,000 parameters',
    () => `${HEADER}Content-Type: text/plain${'; a=b'.repeat(100_000)}; name="${END}"\n\nx\n`,
  ),
  bomb(
    '10,000 pieces of a parameter',
    () => `${HEADER}Content-Type: text/plain${many(10_000, (i) => `; name*${i}=a`)}; x="${END}"\n\nx\n`,
  ),
  bomb(
    '10,000 pieces of a boundary in the wrong order',
    () =>
      `${HEADER}Content-Type: multipart/mixed${many(10_000, (i) => `; boundary*${9999 - i}=a`)}\n\n${END}\n`,
  ),
  bomb(
    '10,000 names',
    () => `${HEADER}Content-Type: text/plain${many(10_000, (i) => `; name=a${i}`)}\n\n${END}\n`,
  ),
  bomb(
    '10,000 boundaries',
    () =>
      `${HEADER}Content-Type: multipart/mixed${many(10_000, (i) => `; boundary=a${i}`)}\n\n--a1\n\n${END}\n--a1--\n`,
  ),
  bomb('100,000 open comments', () => `${HEADER}Content-Type: text/plain ${'('.repeat(100_000)}\n\n${END}\n`),
  bomb('100,000 comments in an address', () => `Cc: ${'(a)'.repeat(100_000)} ${END}\n\nx\n`),
  bomb('100,000 open comments in an address', () => `Cc: ${'('.repeat(100_000)} ${END}\n\nx\n`),
  bomb(
    'a long quoted name',
    () => `${HEADER}Content-Type: text/plain; name="${'\\a'.repeat(400_000)}"\n\n${END}\n`,
  ),
  bomb('50,000 encoded words', () => `Subject: ${'=?utf-8?Q?a?= '.repeat(50_000)}${END}\n\nx\n`),
  bomb(
    '20,000 encoded words of sets that nobody knows',
    () => `Subject: ${many(20_000, (i) => `=?x-${i}?Q?a?= `)}${END}\n\nx\n`,
  ),
  bomb('100,000 starts of encoded words', () => `Subject: ${'=?'.repeat(100_000)}${END}\n\nx\n`),
  bomb('100,000 encoded words that never end', () => `Subject: ${'=?a?Q?'.repeat(100_000)}${END}\n\nx\n`),
  bomb('100,000 clauses of a trace field', () => `Received: ${'from x ('.repeat(100_000)}${END}\n\nx\n`),
  bomb('a million brackets of message IDs', () => `References: ${'<'.repeat(500_000)}${END}\n\nx\n`),
];

/** Texts. */
export const TEXTS: readonly Bomb[] = [
  bomb('a line of a million characters', () => text(`${'a'.repeat(1_000_000)} ${END}`)),
  bomb('a line of a million digits', () => text(`${'1 '.repeat(500_000)} ${END}`)),
  bomb('four million single digits', () => text(`${'1 2 '.repeat(2_000_000)}\n${END}`)),
  bomb('digits and dashes', () => text(`${'1-'.repeat(500_000)} ${END}`)),
  bomb('digits, dashes and blanks', () => text(`${'1 - \t'.repeat(300_000)} ${END}`)),
  bomb('digits and quotation marks of replies', () => text(`${'1\n> '.repeat(300_000)} ${END}`)),
  bomb('deep quotations', () => text(`${`${'>'.repeat(500)} 1\n`.repeat(2000)}${END}`)),
  bomb('a line end and half a million quotation marks', () =>
    text(`aa-\n${'> '.repeat(250_000)}\n1\n${'> '.repeat(250_000)}${END}`),
  ),
  bomb('a million blanks', () => text(`1${' '.repeat(1_000_000)}\n${END}`)),
  bomb('a million line ends', () => text(`${'\n'.repeat(1_000_000)}${END}`)),
  bomb('blanks at the ends of lines', () =>
    typed(
      'text/plain',
      `${`x${' '.repeat(1000)}\n`.repeat(1000)}${END}`,
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
  ),
  bomb('blanks and no line end in quoted-printable', () =>
    typed(
      'text/plain',
      `${`=${' '.repeat(1000)}x`.repeat(1000)}${END}`,
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
  ),
  bomb('words for digits', () => text(`${'one two '.repeat(200_000)} ${END}`)),
  bomb('almost words for digits', () => text(`${'one two three four five six sevn '.repeat(50_000)} ${END}`)),
  bomb('single letters', () => text(`${'a '.repeat(500_000)} ${END}`)),
  bomb('single letters and points', () => text(`${'a.'.repeat(500_000)} ${END}`)),
  bomb('letters and digits', () => text(`${'abc12-34-'.repeat(100_000)} ${END}`)),
  bomb('a million hexadecimal digits', () => text(`${'41'.repeat(500_000)}g ${END}`)),
  bomb('percent signs', () => text(`${'%41'.repeat(300_000)} ${END}`)),
  bomb('references to characters', () => text(`${'&#65;'.repeat(200_000)} ${END}`)),
  bomb('escapes within escapes', () => text(`${'%25'.repeat(200_000)}41 ${END}`)),
  bomb('lines of base64', () => text(`${`${'QUJD'.repeat(19)}\n`.repeat(100_000)}\n${END}`)),
  bomb('base64 within base64', () => {
    let inner = `${END} `.repeat(20_000);
    for (let i = 0; i < 2; i++) inner = Buffer.from(inner).toString('base64');
    return text(inner);
  }),
  bomb('half a million begin lines', () => text(`${'begin 644 a\n'.repeat(50_000)}${END}`)),
  bomb('many uuencoded blocks', () => text(`${'begin 644 a\n#0V%T\n`\nend\n'.repeat(20_000)}${END}`)),
  bomb('many yEnc blocks', () => text(`${'=ybegin line=128 size=1 name=a\nx\n'.repeat(20_000)}${END}`)),
  bomb('marks on one letter', () => text(`a${'\u0301'.repeat(300_000)} ${END}`)),
  bomb('marked letters', () => text(`${'é'.repeat(500_000)} ${END}`)),
  bomb('characters that grow', () => text(`${'ﷺ'.repeat(200_000)} ${END}`)),
  bomb('overrides of direction', () => text(`${'\u202e1'.repeat(100_000)} ${END}`)),
  bomb('isolates never closed and closings', () =>
    text(`${'\u2067'.repeat(50_000)}${'\u2069\u202c'.repeat(50_000)} ${END}`),
  ),
  bomb('distinct characters', () =>
    text(`${many(60_000, (i) => String.fromCodePoint(0x4e00 + (i % 20_000)))} ${END}`),
  ),
  bomb('a table of a million cells', () => typed('text/csv', `a,b\n${','.repeat(1_000_000)}\n${END},x`)),
  bomb('wide labels over many rows', () =>
    typed('text/csv', `${'l'.repeat(5000)},b\n${'1,2\n'.repeat(100_000)}${END},x`),
  ),
  bomb('quotation marks in a table', () => typed('text/csv', `a,b\n1,2\n${'"'.repeat(500_000)}\n${END}`)),
  bomb('a card of a million folded lines', () =>
    typed('text/vcard', `BEGIN:VCARD\nNOTE:${'\n a'.repeat(300_000)}\n${END}`),
  ),
  bomb('control sequences that never end', () => text(`${'\x1b['.repeat(300_000)} ${END}`)),
];

/** Markup. */
export const MARKUPS: readonly Bomb[] = [
  bomb('100,000 open tags', () => html(`${'<div><b>'.repeat(50_000)}${END}`)),
  bomb('100,000 closing tags', () => html(`${'<p></x>'.repeat(100_000)}${END}`)),
  bomb('100,000 tags of different names', () => html(`${many(100_000, (i) => `<t${i}>`)}${END}`)),
  bomb('100,000 nested block quotations', () => html(`${'<blockquote>'.repeat(100_000)}${END}`)),
  bomb('a thousand nested tables', () => html(`${'<table><tr><td>a<tr><td>'.repeat(1000)}${END}`)),
  bomb('a row of 200,000 cells', () =>
    html(`<table><tr>${'<td colspan=50>1'.repeat(200_000)}</table>${END}`),
  ),
  bomb('100,000 rows under wide labels', () =>
    html(`<table><tr><th>${'l'.repeat(60)}<th>x${'<tr><td>1<td>2'.repeat(100_000)}</table>${END}`),
  ),
  bomb('open tags and quotation marks', () => html(`${END}${'<a href="'.repeat(50_000)}`)),
  bomb('100,000 attributes', () => html(`<p${many(100_000, (i) => ` a${i}=b`)}>${END}`)),
  bomb('the same attribute 100,000 times', () => html(`<p${' title=b'.repeat(100_000)}>${END}`)),
  bomb('open comments', () => html(`${END}${'<!--'.repeat(100_000)}`)),
  bomb('100,000 comments', () => html(`${'<!-- <!-- -->'.repeat(100_000)}${END}`)),
  bomb('comments in comments', () => html(`${'<!-- <b>'.repeat(50_000)}${' -->'.repeat(50_000)}${END}`)),
  bomb('conditional comments never ended', () => html(`${END}${'<!--[if mso]>'.repeat(100_000)}`)),
  bomb('conditional comments', () => html(`${'<!--[if mso]>a<![endif]-->'.repeat(50_000)}${END}`)),
  bomb('a style full of comments', () => html(`<p style="${'/*'.repeat(300_000)}">${END}`)),
  bomb('a style full of blanks', () => html(`${`<p style="color ${' '.repeat(4000)}">`.repeat(500)}${END}`)),
  bomb('styles never closed', () => html(`${END}${'<style>'.repeat(100_000)}`)),
  bomb('many style sheets', () => html(`${'<style>.a{color:red}</style>'.repeat(20_000)}${END}`)),
  bomb('100,000 rules', () =>
    html(
      `<style>${many(100_000, (i) => `.a${i}{display:none}`)}</style>${'<p class="a1 a2">'.repeat(10_000)}${END}`,
    ),
  ),
  bomb('open braces', () => html(`<style>${'{'.repeat(200_000)}</style>${END}`)),
  bomb('selectors of a hundred thousand parts', () =>
    html(`<style>${'a,'.repeat(100_000)}b{display:none}</style>${END}`),
  ),
  bomb('an element of 100,000 classes', () =>
    html(`<style>.a{display:none}</style><p class="${'b '.repeat(100_000)}">${END}`),
  ),
  bomb('boxes within 100,000 classes', () =>
    html(
      `<style>.f{display:flex}</style><div class="f ${'b '.repeat(100_000)}">${'<b>1</b>'.repeat(50_000)}${END}`,
    ),
  ),
  bomb('generated content on every tag', () =>
    html(`<style>b::before{content:"${'x'.repeat(900)}"}</style>${'<b>'.repeat(20_000)}${END}`),
  ),
  bomb('generated content without end', () =>
    html(`<style>b::before{content:"${'x'.repeat(900)}"}</style>${'<b>'.repeat(200_000)}${END}`),
  ),
  bomb('generated content of a long attribute', () =>
    html(
      `<style>b::before{content:attr(x) attr(x) attr(x) attr(x) attr(x) attr(x)}</style>${`<b x="${'y'.repeat(1000)}">`.repeat(2000)}${END}`,
    ),
  ),
  bomb('escapes in a link', () => html(`<a href="?${'%41'.repeat(3_000_000)}">${END}`)),
  bomb('2,000 links with data', () =>
    html(`${many(2000, (i) => `<a href="data:text/html,<p>${i}${'x'.repeat(200)}">`)}${END}`),
  ),
  bomb('nested documents in many charsets', () => {
    const sets = many(4, (i) => `<meta charset=iso-8859-${i + 2}>`);
    // Of GB 18030, Shift JIS, Big5 and Thai.
    const digits = `${'%A3%B0'.repeat(4)}${'%82%50'.repeat(4)}${'%A2%B0'.repeat(4)}${'%F1'.repeat(4)}`;
    let inner = `${'<b>1</b> '.repeat(30_000)}${END}`;
    for (let i = 0; i < 4; i++) {
      inner = `<a href="data:text/html,${sets}${digits}${encodeURIComponent(inner)}">`;
    }
    return html(inner);
  }),
  bomb('documents within documents', () => {
    let inner = END;
    for (let i = 0; i < 8; i++)
      inner = `<iframe srcdoc="${inner.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`;
    return html(inner);
  }),
  bomb('entities', () => html(`${'&#48;'.repeat(300_000)}${END}`)),
  bomb('ampersands', () => html(`${'&'.repeat(500_000)}${END}`)),
  bomb('entities of a document type', () =>
    typed(
      'application/xml',
      `<!DOCTYPE a [<!ENTITY a "x">${many(20, (i) => `<!ENTITY b${i} "${'&a;'.repeat(1000)}">`)}]><a>&b1;</a><!-- ${END} -->`,
    ),
  ),
  bomb('XML of 100,000 levels', () => typed('application/xml', `${'<a>'.repeat(100_000)}${END}`)),
  bomb('sections never ended', () => typed('application/xml', `${END}${'<![CDATA['.repeat(50_000)}`)),
];
