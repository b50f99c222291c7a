import { COMPRESSION, type StoredPicture, type StoredPiece } from './stored-picture.js';

/** The number of the object that takes transparency away. */
const FUNCTION = 4;

/**
 * A PDF of one page that shows a picture. The pieces are taken over as they are stored: PDF's filters were made
 * for TIFF's codings (ISO 32000-1 7.4.4 to 7.4.8).
 * @param height points; a point is a pixel in width
 */
export function pictureAsPdf(page: StoredPicture, height: number): Buffer {
  const scale = height / page.height;
  const first = FUNCTION + 1;
  const names = page.pieces.map((_, index) => `/P${index} ${first + index} 0 R`).join(' ');
  const drawing = page.pieces
    .map((piece, index) => {
      const bottom = height - (piece.y + piece.height) * scale;
      return `q ${piece.width} 0 0 ${piece.height * scale} ${piece.x} ${bottom} cm /P${index} Do Q`;
    })
    .join('\n');
  const objects: Buffer[] = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from('<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>'),
    Buffer.from(
      `<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 ${page.width} ${height} ] ` +
        `/Resources << /XObject << ${names} >> >> /Contents ${first + page.pieces.length} 0 R >>`,
    ),
    overWhite(page),
    ...page.pieces.map((piece) => pieceObject(page, piece)),
    stream('', Buffer.from(drawing)),
  ];
  return assemble(objects);
}

function assemble(objects: readonly Buffer[]): Buffer {
  const chunks: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let at = 9;
  const add = (chunk: Buffer): void => {
    chunks.push(chunk);
    at += chunk.length;
  };
  for (const [index, object] of objects.entries()) {
    offsets.push(at);
    add(Buffer.from(`${index + 1} 0 obj\n`));
    add(object);
    add(Buffer.from('\nendobj\n'));
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  chunks.push(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(chunks);
}

function stream(entries: string, data: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`<< ${entries} /Length ${data.length} >>\nstream\n`),
    data,
    Buffer.from('\nendstream'),
  ]);
}

function pieceObject(page: StoredPicture, piece: StoredPiece): Buffer {
  const data = page.compression === COMPRESSION.jpeg ? withTables(piece.bytes, page.jpegTables) : piece.bytes;
  return stream(
    `/Type /XObject /Subtype /Image /Width ${piece.width} /Height ${piece.height} ` +
      `/BitsPerComponent ${page.bits} /Interpolate true ${colours(page)} ${filter(page, piece)}`,
    data,
  );
}

function colours(page: StoredPicture): string {
  const { photometric, samples, bits, compression } = page;
  if (photometric === 3) {
    const size = 2 ** bits;
    const hex = Array.from({ length: size * 3 }, (_, index) => {
      const value = page.colourMap[(index % 3) * size + Math.floor(index / 3)] ?? 0;
      return (value >> 8).toString(16).padStart(2, '0');
    });
    return `/ColorSpace [ /Indexed /DeviceRGB ${size - 1} <${hex.join('')}> ]`;
  }
  const own = ownSamples(photometric);
  const device = own === 3 ? '/DeviceRGB' : own === 4 ? '/DeviceCMYK' : '/DeviceGray';
  // For the fax codings the filter itself is told which is black.
  const fax =
    compression === COMPRESSION.huffman ||
    compression === COMPRESSION.fax3 ||
    compression === COMPRESSION.fax4;
  if (samples > own && compression !== COMPRESSION.jpeg) {
    const names = Array.from({ length: samples }, (_, index) => `/S${index}`).join(' ');
    return `/ColorSpace [ /DeviceN [ ${names} ] ${device} ${FUNCTION} 0 R ]`;
  }
  const decode = photometric === 0 && !fax ? ' /Decode [ 1 0 ]' : '';
  return `/ColorSpace ${device}${decode}`;
}

/** Lays a pixel over white paper by its opacity, and drops further samples (ISO 32000-1 7.10.5). */
function overWhite(page: StoredPicture): Buffer {
  const own = ownSamples(page.photometric);
  const pops = 'pop '.repeat(Math.max(0, page.samples - own - 1));
  const code = `{ ${pops}${page.photometric === 0 ? 'exch 1 exch sub exch ' : ''}${OVER_WHITE[own] ?? 'pop'} }`;
  const domain = '0 1 '.repeat(page.samples).trim();
  const range = '0 1 '.repeat(own).trim();
  return stream(`/FunctionType 4 /Domain [ ${domain} ] /Range [ ${range} ]`, Buffer.from(code));
}

/** Each colour c with opacity a becomes 1 - a(1 - c); the opacity lies on top of the stack. */
const OVER_WHITE: Readonly<Record<number, string>> = {
  1: 'exch 1 exch sub mul 1 exch sub',
  3: `4 1 roll ${'1 exch sub 3 index mul 1 exch sub 3 1 roll '.repeat(3)}4 -1 roll pop`,
};

function ownSamples(photometric: number): number {
  if (photometric === 2 || photometric === 6) return 3;
  return photometric === 5 ? 4 : 1;
}

function filter(page: StoredPicture, piece: StoredPiece): string {
  const predictor =
    page.predictor > 1
      ? ` /DecodeParms << /Predictor ${page.predictor} /Colors ${page.samples} /BitsPerComponent ${page.bits} /Columns ${piece.width} >>`
      : '';
  switch (page.compression) {
    case COMPRESSION.huffman:
      return fax(page, piece, '/K 0 /EncodedByteAlign true');
    case COMPRESSION.fax3: {
      const aligned = (page.t4Options & 4) !== 0 ? ' /EncodedByteAlign true' : '';
      return fax(page, piece, `/K ${(page.t4Options & 1) !== 0 ? 1 : 0}${aligned}`);
    }
    case COMPRESSION.fax4:
      return fax(page, piece, '/K -1');
    case COMPRESSION.lzw:
      return `/Filter /LZWDecode${predictor}`;
    case COMPRESSION.jpeg:
      return '/Filter /DCTDecode';
    case COMPRESSION.deflate:
    case COMPRESSION.oldDeflate:
      return `/Filter /FlateDecode${predictor}`;
    case COMPRESSION.packBits:
      return '/Filter /RunLengthDecode';
    default:
      return '';
  }
}

function fax(page: StoredPicture, piece: StoredPiece, mode: string): string {
  const black = page.photometric === 1 ? 'true' : 'false';
  return `/Filter /CCITTFaxDecode /DecodeParms << ${mode} /Columns ${piece.width} /Rows ${piece.height} /EndOfBlock false /BlackIs1 ${black} >>`;
}

/** The tables that all pieces share go before each piece's own segments. */
function withTables(bytes: Buffer, tables: Buffer | undefined): Buffer {
  if (tables === undefined || tables.length < 4) return bytes;
  return Buffer.concat([tables.subarray(0, tables.length - 2), bytes.subarray(2)]);
}
