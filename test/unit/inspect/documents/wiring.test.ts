import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectHere } from '../../../../src/cli/inspect-here.js';
import { configSchema } from '../../../../src/config/schema.js';
import { createDesk } from '../../../../src/inspect/documents/desk.js';
import type { DocumentPool, PoolReading } from '../../../../src/inspect/documents/pool.js';
import type { DocumentPart } from '../../../../src/inspect/documents/types.js';
import { createInspector } from '../../../../src/inspect/index.js';
import { inspectStep } from '../../../../src/inspect/inspect-message.js';
import { inspectWhole } from '../../../../src/inspect/inspect-whole.js';
import { createLog } from '../../../../src/ops/log.js';
import { HEADER, mail } from '../limits.js';

const FIXTURES = new URL('../../../fixtures/documents/', import.meta.url);
const limits = configSchema.shape.inspect.parse({ workers: 1, documents: { workers: 1 } });
const log = createLog({ level: 'info', addresses: 'domains' }, { write: () => undefined });
const options = { limits, fingerprintKey: new Uint8Array(32) };
const inspector = createInspector({ ...options, log });

afterAll(() => inspector.close());

const PHI = 'Patient Jane Sample, SSN 501-23-4567, was diagnosed with asthma';

function zip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  return Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([name, data]) => [name, Buffer.from(data)]))),
  );
}

function attached(bytes: Buffer, type = 'application/octet-stream', name = 'file.bin'): Buffer {
  const lines = bytes.toString('base64').replace(/.{76}/g, '$&\n');
  return mail(
    `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: ${type}\n` +
      `Content-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${lines}\n--b--\n`,
  );
}

function fixture(path: string): Buffer {
  return readFileSync(new URL(path, FIXTURES));
}

const statuses = (inspection: { parts: readonly { path: string; status: string }[] }) =>
  Object.fromEntries(inspection.parts.map((part) => [part.path, part.status]));

describe('an inspection with documents', () => {
  it('reads what is in an archive as parts of the message', async () => {
    const inspection = await inspector.inspect(
      attached(zip({ 'note.txt': PHI, 'a/empty': '' }), 'application/zip', 'x.zip'),
    );
    expect(statuses(inspection)).toEqual({ 0: 'read', 1: 'read', 2: 'read', '2.1': 'read', '2.2': 'empty' });
    expect(inspection.classifications.map((one) => one.classification)).toContain('phi');
    expect(inspection.findings.find((one) => one.detector === 'us-ssn')?.where).toEqual(['2.1']);
    expect(inspection.parts[3]).toMatchObject({ fileName: 'note.txt', disposition: 'attachment' });
  });

  it('reads OpenDocument as one XML file as a document, and as a text', async () => {
    const flat =
      '<?xml version="1.0"?><o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><o:body><o:text>' +
      '<t:p>Patient Jane Sample, SSN 5<t:span t:style-name="A">zz</t:span>01-23-4567</t:p></o:text></o:body></o:document>';
    const alone = await inspector.inspect(attached(Buffer.from(flat), 'application/xml', 'letter.fodt'));
    expect(statuses(alone)).toEqual({ 0: 'read', 1: 'read', 2: 'read' });
    expect(alone.findings.find((one) => one.detector === 'us-ssn')?.where).toEqual(['2']);
    const inside = await inspector.inspect(
      attached(zip({ 'letter.fodt': flat }), 'application/zip', 'x.zip'),
    );
    expect(statuses(inside)).toEqual({ 0: 'read', 1: 'read', 2: 'read', '2.1': 'read' });
    expect(inside.findings.find((one) => one.detector === 'us-ssn')?.where).toEqual(['2.1']);
    expect(inside.ambiguities).toEqual([]);
  });

  it('reads mail in an archive in mail, and the documents in that', async () => {
    const inner = attached(zip({ 'deep.txt': PHI }), 'application/zip', 'deep.zip');
    const inspection = await inspector.inspect(
      attached(zip({ 'mail.eml': inner.toString().replaceAll('\r\n', '\n') })),
    );
    expect(statuses(inspection)).toMatchObject({
      2: 'read',
      '2.1': 'read',
      '2.1.2': 'read',
      '2.1.2.1': 'read',
    });
    expect(inspection.findings.find((one) => one.detector === 'us-ssn')?.where).toEqual(['2.1.2.1']);
    expect(inspection.ambiguities.filter((one) => one.material)).toEqual([]);
  });

  it('reads files of mail and documents in the fields of records', async () => {
    const inner = attached(zip({ 'deep.txt': PHI }))
      .toString('latin1')
      .replaceAll('\r\n', '\n');
    const mbox = `From a@clinic.example Mon Jan  5 10:00:00 2026\n${inner}\n`;
    const field = (contentType: string, content: string) =>
      attached(
        Buffer.from(JSON.stringify({ resourceType: 'Binary', contentType, data: encode(content) })),
        'application/fhir+json',
        'x.json',
      );
    const encode = (content: string) => Buffer.from(content).toString('base64');
    const found = async (message: Buffer) => {
      const inspection = await inspector.inspect(message);
      expect(Object.values(statuses(inspection)).every((status) => status === 'read')).toBe(true);
      return inspection.findings.find((one) => one.detector === 'us-ssn')?.where;
    };
    expect(await found(field('message/rfc822', inner))).toEqual(['2.1.2.1']);
    expect(await found(field('application/mbox', mbox))).toEqual(['2.1.1.2.1']);
    const flat =
      '<?xml version="1.0"?><o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text>' +
      '<t:p>Patient Jane Sample, SSN 5<t:span t:style-name="A">zz</t:span>01-23-4567</t:p></o:text></o:body></o:document>';
    const where = await found(field('application/vnd.oasis.opendocument.text-flat-xml', flat));
    expect(where).toContain('2.1');
  });

  it('reads mail attached as a file of any type', async () => {
    const inner = attached(zip({ 'deep.txt': PHI }));
    const inspection = await inspector.inspect(attached(inner, 'application/octet-stream', 'mail.eml'));
    expect(inspection.findings.find((one) => one.detector === 'us-ssn')?.where).toEqual(['2.1.2.1']);
  });

  it('says which parts it could not read, and never that it read them', async () => {
    for (const [file, status] of [
      ['archives/aes.zip', 'encrypted'],
      ['archives/encrypted.7z', 'encrypted'],
      ['archives/rar4-headers-encrypted.rar', 'encrypted'],
      ['pdf/user-password.pdf', 'encrypted'],
    ] as const) {
      const inspection = await inspector.inspect(attached(fixture(file)));
      expect(Object.values(statuses(inspection)), file).toContain(status);
    }
    const program = Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0', 'latin1');
    expect(statuses(await inspector.inspect(attached(program)))[2]).toBe('unsupported');
    expect(statuses(await inspector.inspect(attached(Buffer.from('PK\x03\x04 cut'))))[2]).not.toBe('read');
  });

  it('reads a PDF whatever it is called, and says that it is called something else', async () => {
    const inspection = await inspector.inspect(attached(fixture('pdf/text.pdf'), 'image/png', 'scan.png'));
    expect(statuses(inspection)[2]).toBe('read');
    expect(inspection.ambiguities).toContainEqual({ name: 'type-mismatch', part: '2', material: false });
  });

  it('says of text that it is called a document', async () => {
    const inspection = await inspector.inspect(attached(Buffer.from(PHI), 'application/pdf', 'x.pdf'));
    expect(statuses(inspection)[2]).toBe('read');
    expect(inspection.ambiguities).toContainEqual({ name: 'type-mismatch', part: '2', material: false });
    expect((await inspector.inspect(attached(Buffer.from(PHI), 'text/plain', 'x.txt'))).ambiguities).toEqual(
      [],
    );
  });

  it('reads documents within text: base64, data URIs and uuencode', async () => {
    const bytes = zip({ 'note.txt': PHI });
    const base64 = bytes.toString('base64');
    const html = `${HEADER}Content-Type: text/html\n\n<img src="data:application/zip;base64,${base64}">\n`;
    const hl7 = `${HEADER}\nOBX|1|ED|REPORT||^application^zip^Base64^${base64}||||||F\n`;
    const lines = `${HEADER}\nsee below\n${base64.replace(/.{64}/g, '$&\n')}\n`;
    for (const text of [html, hl7, lines]) {
      const inspection = await inspector.inspect(mail(text));
      expect(inspection.findings.find((one) => one.detector === 'us-ssn')?.where).toEqual(['1.1.1']);
    }
  });

  it('recognises text in scans, quickly only where it is known', async () => {
    const scan = () => attached(fixture('images/words.png'), 'image/png', 'words.png');
    expect(await inspector.inspectQuickly(scan())).toBe('needs-ocr');
    const inspection = await inspector.inspect(scan());
    expect(statuses(inspection)[2]).toBe('read');
    expect(inspection.findings.map((one) => one.detector)).toContain('mrn');
    const again = await inspector.inspectQuickly(scan());
    expect(again === 'needs-ocr' ? again : statuses(again)[2]).toBe('read');
  });

  it('does the same in commands', async () => {
    const inspection = await inspectHere(attached(zip({ 'note.txt': PHI })));
    expect(statuses(inspection)['2.1']).toBe('read');
    expect(inspection.classifications.map((one) => one.classification)).toContain('phi');
  });

  it('takes the memory of the message also where it comes back', async () => {
    const message = Uint8Array.from(attached(zip({ 'note.txt': 'x' })));
    const inspection = await inspector.inspect(message);
    expect(inspection.size).toBeGreaterThan(0);
    expect(message.byteLength).toBe(0);
  });

  it('reports no more parts than a message may have, and then the document is too large', async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.txt`, `${PHI} ${i}`]));
    const few = createInspector({ ...options, limits: { ...limits, max_parts: 10 }, log });
    try {
      const inspection = await few.inspect(attached(zip(files)));
      expect(statuses(inspection)[2]).toBe('too-large');
      expect(inspection.parts.length).toBeLessThan(20);
    } finally {
      await few.close();
    }
  });
});

/** A pool that answers at once. */
function pool(
  answer: (asked: number, ocr: string) => Partial<PoolReading>,
): DocumentPool & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    read: async (_input, { ocr }) => {
      asked.push(ocr);
      return { parts: [part()], needsOcr: [], complete: true, elapsedMs: 0, ...answer(asked.length, ocr) };
    },
    draw: async () => ({ status: 'unsupported' }),
    closeOcr: () => undefined,
    close: async () => undefined,
  };
}

function part(more: Partial<DocumentPart> = {}): DocumentPart {
  return {
    path: '',
    mediaType: 'application/pdf',
    status: 'read',
    size: 1,
    texts: [],
    oddities: [],
    ...more,
  };
}

function whole(readers: DocumentPool, message: Buffer, documents: Readonly<Record<string, unknown>> = {}) {
  const own = configSchema.shape.inspect.parse({ documents });
  return inspectWhole({
    step: async (known) => inspectStep(message, known, { ...options, limits: own }),
    pool: () => readers,
    limits: own,
    ocr: 'now',
  });
}

const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n');

describe('what a whole inspection does with readings', () => {
  it('counts the text of a document whose pictures could not be recognised', async () => {
    const readers = pool((_asked, ocr) =>
      ocr === 'quick'
        ? { parts: [part({ texts: [{ view: 'text', text: PHI }] })], needsOcr: [''] }
        : { parts: [part({ status: 'timed-out' })], complete: false },
    );
    const inspection = await whole(readers, attached(PDF));
    expect(inspection).toMatchObject({ parts: [{}, {}, { path: '2', status: 'timed-out' }] });
    expect(inspection).toMatchObject({ classifications: [{ classification: 'phi' }, {}] });
    expect(readers.asked).toEqual(['quick', 'ocr']);
  });

  it('asks for no OCR where there is none', async () => {
    const readers = pool(() => ({}));
    await whole(readers, attached(PDF), { ocr: { enabled: false } });
    expect(readers.asked).toEqual(['none']);
  });

  it('ends although each document gives another one in mail', async () => {
    const nest = attached(Buffer.from(`${PDF}${Math.PI}`));
    const readers = pool((asked) => ({
      parts: [
        part(),
        part({
          path: '1',
          entity: { kind: 'message', bytes: Buffer.concat([nest, Buffer.from(`${asked}`)]) },
        }),
      ],
    }));
    const inspection = await whole(readers, attached(PDF));
    expect(readers.asked.length).toBeLessThan(30);
    expect(inspection).toMatchObject({
      parts: expect.arrayContaining([expect.objectContaining({ status: 'too-deep' })]),
    });
  });

  it('reads no more once a message has unpacked what it may, or used its time', async () => {
    const two = mail(
      `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n${['one', 'two', 'three']
        .map((name) => `--b\nContent-Type: application/pdf\n\n${PDF} ${name}\n`)
        .join('')}--b--\n`,
    );
    const large = pool(() => ({ parts: [part({ texts: [{ view: 'text', text: 'x'.repeat(2048) }] })] }));
    expect(await whole(large, two, { max_unpacked: '1KB' })).toMatchObject({
      parts: [{}, {}, {}, { status: 'too-large' }],
    });
    const slow = pool(() => ({ elapsedMs: 120_000 }));
    expect(await whole(slow, two)).toMatchObject({ parts: [{}, {}, {}, { status: 'timed-out' }] });
  });

  it('rejects where documents cannot be read for want of processes', async () => {
    const readers = pool(() => {
      throw new Error('none');
    });
    await expect(whole(readers, attached(PDF))).rejects.toThrow('none');
  });
});

describe('the desk', () => {
  it('wants a document once, however often it is found in one place', () => {
    const desk = createDesk([], new Uint8Array());
    const document = { bytes: PDF, fileName: undefined, mediaType: '' };
    expect(desk.read('2', document)).toBeUndefined();
    expect(desk.read('2', { ...document, bytes: Buffer.from(PDF) })).toBeUndefined();
    expect(desk.read('3', document)).toBeUndefined();
    expect(desk.wanted().map((one) => one.key)).toEqual(['2 0', '3 0']);
    const [first] = desk.wanted();
    expect(first?.bytes.buffer.byteLength).toBe(PDF.length);
  });

  it('gives memory away that nobody else needs, and copies all other', () => {
    const message = Buffer.from(new Uint8Array(5000).fill(1).buffer);
    const desk = createDesk([], message);
    const alone = Buffer.from(new Uint8Array(6000).fill(2).buffer);
    const inside = message.subarray(100, 4000);
    for (const [path, bytes] of Object.entries({ a: alone, b: alone, c: message, d: inside }))
      desk.read(path, { bytes, fileName: undefined, mediaType: '' });
    const given = desk.wanted().map(({ bytes }) => bytes);
    expect(given.map(({ buffer }) => buffer === alone.buffer)).toEqual([true, false, false, false]);
    expect(given.every(({ buffer }) => buffer !== message.buffer)).toBe(true);
    expect(new Set(given.map(({ buffer }) => buffer)).size).toBe(4);
    expect(given.every(({ buffer, byteLength }) => buffer.byteLength === byteLength)).toBe(true);
  });
});
