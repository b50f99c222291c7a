/** A stream with its dictionary. */
export function streamObject(entries: string, data: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`<< ${entries} /Length ${data.length} >>\nstream\n`),
    data,
    Buffer.from('\nendstream'),
  ]);
}

/**
 * A PDF of one page. Object 1 is the catalog, 2 the pages, 3 the page, 4 the font, 5 the content; more follow, and the
 * first of them is also the picture /P.
 */
export function onePage(content: string, more: readonly Buffer[] = [], catalog = ''): Buffer {
  return assemble([...basics(content, catalog), ...more]);
}

/** The same with some objects in place of those from a number on. */
export function pdfOf(objects: readonly Buffer[], from: number): Buffer {
  const all = [...basics('BT /F 12 Tf 72 700 Td (Words) Tj ET', '')];
  all.splice(from - 1, objects.length, ...objects);
  return assemble(all);
}

function basics(content: string, catalog: string): Buffer[] {
  return [
    Buffer.from(`<< /Type /Catalog /Pages 2 0 R ${catalog} >>`),
    Buffer.from('<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>'),
    Buffer.from(
      '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 612 792 ] /Contents 5 0 R ' +
        '/Resources << /Font << /F 4 0 R >> /XObject << /P 6 0 R >> >> >>',
    ),
    Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    streamObject('', Buffer.from(content)),
  ];
}

function assemble(objects: readonly Buffer[]): Buffer {
  const chunks = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let at = 9;
  for (const [index, object] of objects.entries()) {
    offsets.push(at);
    const chunk = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]);
    chunks.push(chunk);
    at += chunk.length;
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  chunks.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}` +
        `trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(chunks);
}
