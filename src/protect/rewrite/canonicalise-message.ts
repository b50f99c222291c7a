import { createHash } from 'node:crypto';
import { isAscii } from '../../inspect/bytes.js';
import { decode, readCharset } from '../../inspect/charset.js';
import { fieldValues } from '../../inspect/header-block.js';
import type { StructureLimits } from '../../inspect/limits.js';
import { CannotRewrite } from './cannot-rewrite.js';
import { canonicalHeader } from './canonical-header.js';
import { canonicalHtml } from './canonical-html.js';
import { dispositionField } from './canonical-names.js';
import { type Entity, readEntities } from './entity-tree.js';
import { leafText } from './leaf-text.js';
import { refuseProtected } from './refuse-protected.js';
import { encodeBytes, encodeText } from './transfer-encoding.js';

/** An entity written anew: its MIME fields, each ended by CRLF, and its body. */
interface Written {
  readonly fields: string;
  readonly body: Buffer;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const MULTIPARTS: ReadonlySet<string> = new Set(['mixed', 'alternative', 'related', 'report']);

/**
 * Builds a message anew from exactly what was read of it: the header fields that are understood, texts in UTF-8, HTML
 * from its tokens, and of everything else the bytes, with one file name each. Where something could be read in several
 * ways the first reading is taken, which is the one that names the parts of an inspection. What nobody is shown (text
 * around the parts, comments, other readings, unknown fields) is left out. Pure: the same message gives the same bytes.
 * @throws CannotRewrite
 */
export function canonicaliseMessage(source: Buffer, limits: StructureLimits): Buffer {
  const root = readEntities(source, limits);
  refuseProtected(root);
  const digest = createHash('sha256').update(source).digest();
  return writeMessage(root, digest, false);
}

function writeMessage(entity: Entity, digest: Buffer, lenient: boolean): Buffer {
  const { fields, body } = writeEntity(entity, digest);
  const header = `${canonicalHeader(entity.header, { lenient })}MIME-Version: 1.0\r\n${fields}\r\n`;
  const closed = body.length === 0 || body.subarray(-2).toString('latin1') === '\r\n';
  return Buffer.concat([Buffer.from(header, 'utf8'), body, Buffer.from(closed ? '' : '\r\n', 'latin1')]);
}

function writeEntity(entity: Entity, digest: Buffer): Written {
  switch (entity.content.kind) {
    case 'multipart':
      return writeMultipart(entity, entity.content.parts, digest);
    case 'message':
      return writeNested(entity, entity.content.message, digest);
    case 'leaf':
      return writeLeaf(entity, entity.content.bytes);
  }
}

function writeMultipart(entity: Entity, parts: readonly Entity[], digest: Buffer): Written {
  const [first] = parts;
  if (first === undefined) throw new CannotRewrite('a multipart has no parts');
  const declared = entity.type.mediaType.slice('multipart/'.length);
  // RFC 2046 5.1.3: what isn't known is mixed.
  const subtype = MULTIPARTS.has(declared) ? declared : 'mixed';
  // Neither in base64 nor in quoted-printable; in text that travels as it is no line begins with dashes.
  const hash = createHash('sha256').update(digest).update(entity.path).digest('hex').slice(0, 32);
  const boundary = `=_${hash}`;
  const body: Buffer[] = [];
  for (const part of parts) {
    const written = writeEntity(part, digest);
    body.push(
      Buffer.from(`--${boundary}\r\n${written.fields}\r\n`, 'latin1'),
      written.body,
      Buffer.from('\r\n', 'latin1'),
    );
  }
  body.push(Buffer.from(`--${boundary}--\r\n`, 'latin1'));
  const parameters = [
    ...(subtype === 'related' ? [`type="${relatedType(entity, first)}"`] : []),
    ...(subtype === 'report' ? reportType(entity) : []),
    `boundary="${boundary}"`,
  ];
  return {
    fields: `Content-Type: multipart/${subtype}; ${parameters.join(';\r\n ')}\r\n`,
    body: Buffer.concat(body),
  };
}

/** RFC 2387 3.2: the root is the first part unless `start` says otherwise. */
function relatedType(entity: Entity, first: Entity): string {
  const start = entity.parameters.get('start');
  if (start !== undefined && fieldValues(first.header.fields, 'content-id')[0] !== start)
    throw new CannotRewrite('a multipart/related does not begin with its root');
  return first.type.mediaType;
}

function reportType(entity: Entity): readonly string[] {
  const type = entity.parameters.get('report-type');
  return type !== undefined && TOKEN.test(type) ? [`report-type=${type}`] : [];
}

function writeNested(entity: Entity, message: Entity, digest: Buffer): Written {
  const body = writeMessage(message, digest, true);
  // RFC 2046 5.2.1: such a part must not be encoded.
  if (!isAscii(body)) throw new CannotRewrite('a message within it needs UTF-8 in its header');
  return {
    fields: `Content-Type: message/rfc822\r\n${about(entity)}Content-Transfer-Encoding: 7bit\r\n`,
    body,
  };
}

function writeLeaf(entity: Entity, bytes: Buffer): Written {
  const { mediaType } = entity.type;
  if (mediaType.startsWith('message/')) return writeReport(entity, bytes);
  const text = leafText(entity);
  const isFile = entity.facts.disposition === 'attachment' || entity.facts.fileNames.length > 0;
  return text !== undefined && !isFile
    ? writeText(entity, text)
    : writeFile(entity, bytes, text !== undefined);
}

/** Delivery reports and the like, which must be plain (RFC 3464 2.1). */
function writeReport(entity: Entity, bytes: Buffer): Written {
  const { mediaType } = entity.type;
  const encoded = encodeText(bytes);
  if (!/^message\/(?:delivery-status|disposition-notification|feedback-report)$/.test(mediaType))
    throw new CannotRewrite('it holds a part of a message, or the address of one');
  if (encoded.encoding !== '7bit') throw new CannotRewrite('a report within it is not plain text');
  return { fields: `Content-Type: ${mediaType}\r\n${about(entity)}`, body: encoded.bytes };
}

/** What is shown as text: in UTF-8, with CRLF. */
function writeText(entity: Entity, read: string): Written {
  const { type, parameters } = entity;
  const isHtml = /^(?:text\/(?:x-)?html|application\/xhtml\+xml)$/.test(type.mediaType);
  const lines = read.replace(/^\ufeff/, '').replace(/\r\n?|\n/g, '\r\n');
  const text = isHtml ? canonicalHtml(lines) : lines.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '');
  const encoded = encodeText(Buffer.from(text, 'utf8'));
  // How a plain text is laid out (RFC 3676 4), and what an invitation is for (RFC 6047 2.4).
  const kept = ['format', 'delsp', 'method'].flatMap((name) => {
    const value = parameters.get(name);
    return value !== undefined && TOKEN.test(value) && !isHtml ? [`; ${name}=${value}`] : [];
  });
  const mediaType = isHtml ? 'text/html' : type.mediaType;
  return {
    fields: `Content-Type: ${mediaType}; charset=utf-8${kept.join('')}\r\n${about(entity)}Content-Transfer-Encoding: ${encoded.encoding}\r\n`,
    body: encoded.bytes,
  };
}

/** What is opened as a file: its very bytes. */
function writeFile(entity: Entity, bytes: Buffer, isText: boolean): Written {
  const { mediaType } = entity.type;
  const encoded = encodeBytes(bytes);
  const type = isText ? textFileType(entity, bytes) : fileType(mediaType);
  return {
    fields: `Content-Type: ${type}\r\n${about(entity)}Content-Transfer-Encoding: ${encoded.encoding}\r\n`,
    body: encoded.bytes,
  };
}

/** Declared as text, and none: nobody is to take it for text any more. */
function fileType(mediaType: string): string {
  return mediaType.startsWith('text/') ? 'application/octet-stream' : mediaType;
}

/** With its character set, where there is one way to read it. */
function textFileType({ type }: Entity, bytes: Buffer): string {
  const [label] = type.charsets;
  if (readCharset(bytes, label).oddities.some((one) => one.material)) return 'application/octet-stream';
  if (label === undefined || !TOKEN.test(label) || decode(Buffer.alloc(0), label) === undefined)
    return type.mediaType;
  return `${type.mediaType}; charset=${label.toLowerCase()}`;
}

/** Content-ID and Content-Disposition. */
function about(entity: Entity): string {
  const [id = ''] = fieldValues(entity.header.fields, 'content-id');
  const hasId = !entity.isMessage && /^<[\x21-\x3b\x3d\x3f-\x7e]{1,200}>$/.test(id);
  const { disposition, fileNames } = entity.facts;
  return `${hasId ? `Content-ID: ${id}\r\n` : ''}${dispositionField(disposition, fileNames[0], hasId)}`;
}
