import { readdir, readFile } from 'node:fs/promises';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema.js';
import { createInspector } from '../../../../src/inspect/index.js';
import { createLog } from '../../../../src/ops/log.js';
import { HEADER, mail } from '../limits.js';
import { zip } from './archives/zip-bytes.js';
import { docxOf, xlsxOf } from './office/reading.js';
import { onePage, streamObject } from './pdf/hand-made-pdf.js';

const MEGABYTE = 1024 * 1024;
const limits = configSchema.shape.inspect.parse({
  workers: 1,
  documents: { workers: 1, ocr: { deadline_per_page: '15s' } },
});
const log = createLog({ level: 'error', addresses: 'domains' }, { write: () => undefined });
const inspector = createInspector({ limits, fingerprintKey: new Uint8Array(32), log });

afterAll(() => inspector.close());

const zeros = (megabytes: number) => Buffer.alloc(megabytes * MEGABYTE);

/** Zips within zips, ten in each: 10^depth times the innermost content. */
function nested(depth: number): Buffer {
  let inner = zip([{ name: 'zeros', content: zeros(10) }]);
  for (let i = 0; i < depth; i++) {
    inner = zip(Array.from({ length: 10 }, (_, index) => ({ name: `${index}.zip`, content: inner })));
  }
  return inner;
}

/** Entries that all share one content of zeros, as in "A better zip bomb" (Fifield, 2019). */
function overlapping(): Buffer {
  const content = zeros(10);
  const first = { name: 'a', content };
  const packed = zip([first]).readUInt32LE(18);
  const others = Array.from({ length: 2000 }, () => ({
    name: 'a',
    content: '',
    central: { localAt: 0, packed, size: content.length, crc: crc32(content) },
  }));
  return zip([first, ...others]);
}

/** A picture of so many pixels in which all are black. */
function png(width: number, height: number, chunks: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(Math.min(300 * MEGABYTE, (Math.ceil(width / 8) + 1) * height)));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...chunks,
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

const LAUGHS = `<!DOCTYPE r [<!ENTITY l0 "lol">${Array.from(
  { length: 10 },
  (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
).join('')}]>`;
const words = (count: number) => `<w:p><w:r><w:t>${'word '.repeat(count)}</w:t></w:r></w:p>`;

const UNREAD = ['too-large', 'too-deep', 'timed-out', 'corrupt', 'ambiguous', 'unsupported'];

interface DocumentBomb {
  readonly name: string;
  readonly file: string;
  readonly bytes: () => Buffer;
  /** Statuses of which at least one part must have one; by default any of those that say unread. */
  readonly statuses?: readonly string[];
}

const BOMBS: readonly DocumentBomb[] = [
  {
    name: 'a zip of zeros',
    file: 'x.zip',
    bytes: () => zip([{ name: 'a', content: zeros(300) }]),
    statuses: ['too-large'],
  },
  { name: 'a zip of many zips of zeros', file: 'x.zip', bytes: () => nested(5), statuses: ['too-large'] },
  { name: 'a zip of entries that share their content', file: 'x.zip', bytes: overlapping },
  {
    name: 'a zip of 60,000 entries',
    file: 'x.zip',
    bytes: () => zip(Array.from({ length: 60_000 }, (_, i) => ({ name: `${i}.txt`, content: 'x' }))),
    statuses: ['too-large'],
  },
  {
    name: 'a zip in a zip in a zip …',
    file: 'x.zip',
    bytes: () => {
      let inner: Buffer = Buffer.from('x');
      for (let i = 0; i < 100; i++) inner = zip([{ name: 'a.zip', content: inner }]);
      return inner;
    },
    statuses: ['too-deep'],
  },
  { name: 'gzip of zeros', file: 'x.gz', bytes: () => gzipSync(zeros(400)), statuses: ['too-large'] },
  {
    name: 'gzip of gzip of zeros',
    file: 'x.gz',
    bytes: () => gzipSync(gzipSync(zeros(400))),
    statuses: ['too-large'],
  },
  {
    name: 'a PDF stream of zeros',
    file: 'x.pdf',
    bytes: () => onePage('', [streamObject('/Filter /FlateDecode', deflateSync(zeros(300)))]),
    statuses: ['too-large'],
  },
  {
    name: 'a PDF stream of zeros, packed twice',
    file: 'x.pdf',
    bytes: () =>
      onePage('', [
        streamObject('/Filter [/FlateDecode /FlateDecode]', deflateSync(deflateSync(zeros(300)))),
      ]),
    statuses: ['too-large'],
  },
  {
    name: 'a PDF that draws itself',
    file: 'x.pdf',
    bytes: () =>
      onePage('/P Do '.repeat(1000), [
        streamObject(
          '/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /P 6 0 R >> >>',
          Buffer.from('/P Do '.repeat(1000)),
        ),
      ]),
    statuses: [...UNREAD, 'no-text', 'read'],
  },
  {
    name: 'a document of 300 MB of XML',
    file: 'x.docx',
    bytes: () => docxOf('', { 'word/x.xml': Buffer.from(`<a>${' '.repeat(300 * MEGABYTE)}</a>`) }),
    statuses: ['too-large'],
  },
  {
    name: 'a document of a billion laughs',
    file: 'x.docx',
    bytes: () => docxOf('', { 'word/x.xml': `${LAUGHS}<r>&l10;</r>` }),
  },
  {
    name: 'a document of 200,000 levels',
    file: 'x.docx',
    bytes: () => docxOf(`${'<w:p>'.repeat(200_000)}${words(3)}`),
    statuses: [...UNREAD, 'read'],
  },
  {
    name: 'a sheet of a million columns',
    file: 'x.xlsx',
    bytes: () => xlsxOf(`<row r="1">${'<c r="XFD1"><v>1</v></c>'.repeat(300_000)}</row>`),
    statuses: [...UNREAD, 'read'],
  },
  {
    name: 'FHIR of a billion laughs',
    file: 'x.xml',
    bytes: () => Buffer.from(`${LAUGHS}<Patient xmlns="http://hl7.org/fhir"><name>&l10;</name></Patient>`),
    statuses: ['ambiguous'],
  },
  {
    name: 'a C-CDA of a billion laughs',
    file: 'x.xml',
    bytes: () =>
      Buffer.from(
        `<?xml version="1.0"?>${LAUGHS}<ClinicalDocument xmlns="urn:hl7-org:v3"><text>&l10;</text></ClinicalDocument>`,
      ),
    statuses: ['ambiguous'],
  },
  {
    name: 'an external entity',
    file: 'x.xml',
    bytes: () => Buffer.from('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>'),
    statuses: ['ambiguous'],
  },
  {
    name: 'a PNG of 2.5 gigapixels',
    file: 'x.png',
    bytes: () => png(50_000, 50_000),
    statuses: ['too-large'],
  },
  {
    name: 'a PNG whose text is zeros',
    file: 'x.png',
    bytes: () =>
      png(10, 10, [chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(zeros(300))]))]),
  },
  {
    name: 'a file of 20,000 messages',
    file: 'x.mbox',
    bytes: () =>
      Buffer.from(
        'From a Sat Jan  1 00:00:00 2028\nFrom: a@x.example\nSubject: x\n\nhello\n\n'.repeat(20_000),
      ),
  },
];

describe('bombs in documents', () => {
  it.each(BOMBS)('$name', async ({ file, bytes, statuses }) => {
    const encoded = bytes().toString('base64').replace(/.{76}/g, '$&\n');
    const message = mail(
      `${HEADER}Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=${file}\n` +
        `Content-Transfer-Encoding: base64\n\n${encoded}\n`,
    );
    const memory = watchMemory();
    const inspection = await inspector.inspect(Uint8Array.from(message));
    const peak = await memory.stop();
    expect(inspection.failure).toBeUndefined();
    const found = new Set(inspection.parts.map((part) => part.status));
    expect([...found].some((status) => (statuses ?? UNREAD).includes(status))).toBe(true);
    expect(peak.children).toBeLessThan(limits.documents.max_memory + 256 * MEGABYTE);
    expect(peak.own).toBeLessThan(3000 * MEGABYTE);
  });
});

/** The most memory (VmHWM) that this process, and those that it started, had at any time. */
function watchMemory(): { stop(): Promise<{ readonly own: number; readonly children: number }> } {
  let children = 0;
  let running = true;
  const look = async () => {
    for (const pid of await childrenOf(process.pid)) children = Math.max(children, await highest(pid));
  };
  const watching = (async () => {
    while (running) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      await look();
      running = false;
      await watching;
      return { own: await highest(process.pid), children };
    },
  };
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readOrNothing(`/proc/${name}/status`);
    if (new RegExp(`^PPid:\\s+${pid}$`, 'm').test(status)) found.push(Number(name));
  }
  return found;
}

async function highest(pid: number): Promise<number> {
  const status = await readOrNothing(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function list(folder: string): Promise<readonly string[]> {
  // Elsewhere than on Linux there is nothing to look at.
  return process.platform === 'linux' ? readdir(folder) : [];
}

async function readOrNothing(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
