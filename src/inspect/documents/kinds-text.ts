import { KINDS, MESSAGE, TEXT } from './kinds.js';
import { looksLikeXml, rootName } from './office/xml.js';

/** How far behind their beginning readers look for the header of a PDF (ISO 32000-1 annex H.3.4.1). */
const PDF_HEADER_WITHIN = 1024;

/** A header of PDF near the beginning. Within text it must be followed by an object, because mail may talk of PDF. */
export function looksLikePdf(bytes: Buffer): boolean {
  const head = bytes.subarray(0, PDF_HEADER_WITHIN + 8).toString('latin1');
  if (head.trimStart().startsWith('%PDF-')) return true;
  return /%PDF-\d/.test(head) && / \d+ obj\b/.test(bytes.toString('latin1', 0, 65_536));
}

const MAIL_FIELD =
  /^(?:received|return-path|from|to|cc|subject|date|message-id|mime-version|content-type|x-[a-z-]+|dkim-signature|delivered-to|reply-to|sender)[ \t]*:/i;
/** Fields that hardly anything but mail has. */
const CERTAIN = ['received', 'return-path', 'message-id', 'mime-version', 'content-type'];

const READS = ['mime-version', 'content-type', 'content-transfer-encoding'];

/** The first line is that of a file of mail, or a field. */
const BEGINS_MAIL = /^(?:\xef\xbb\xbf)?(?:From |[!-9;-~]+[ \t]*:)/;

/** Documents that are one XML file, by the names of their root elements, with what their namespaces begin with. */
const DOCUMENTS: readonly (readonly [RegExp, RegExp, string])[] = [
  [
    /^document(?:-content|-styles)?$/,
    /urn:oasis:names:tc:opendocument|openoffice\.org\/2000\/office/,
    KINDS.flatOdf,
  ],
  [/^wordDocument$/, /schemas\.microsoft\.com/, KINDS.wordXml],
  [/^package$/, /2006\/xmlPackage/, KINDS.wordXml],
];
/** Bytes in which the root element of an XML file is looked for. */
const ROOT_WITHIN = 1024 * 1024;

/** A document as one XML file. */
function xmlKind(bytes: Buffer): string | undefined {
  if (!looksLikeXml(bytes)) return undefined;
  // UTF-16 has zeros, and marks before it.
  const text = bytes
    .toString('latin1', 0, ROOT_WITHIN)
    .replace(/^[\x80-\xff]+/, '')
    .replaceAll('\0', '');
  const root = rootName(text);
  return DOCUMENTS.find(([name, namespace]) => name.test(root) && namespace.test(text))?.[2];
}

/** What text is: `TEXT`, or a mail message, a file of such, or a document by how it begins. */
export function textKind(bytes: Buffer): string {
  const head = bytes.subarray(0, 8192).toString('latin1');
  const document = xmlKind(bytes);
  if (document !== undefined) return document;
  if (!BEGINS_MAIL.test(head)) return TEXT;
  const lines = head.replace(/^\xef\xbb\xbf/, '').split(/\r?\n/);
  if (/^From \S+ .*\d/.test(lines[0] ?? '') && MAIL_FIELD.test(lines[1] ?? '')) return KINDS.mbox;
  return isMailHeader(lines) ? MESSAGE : TEXT;
}

/**
 * Whether what stands before the first empty line has a field of mail: programs that open a file as mail by its name find
 * something to go by, however few fields there are and whatever is among them.
 */
export function hasMailField(bytes: Buffer): boolean {
  const head = bytes
    .toString('latin1', 0, HEADER_WITHIN)
    .replaceAll('\0', '')
    .replace(/^[\s\xbb\xbf\xef\xfe\xff]+/, '');
  const lines = head.split(/\r\n|[\r\n]/);
  const isCut = bytes.length > HEADER_WITHIN;
  // It is cut anywhere, and no empty line because it was.
  if (isCut) lines.pop();
  const empty = lines.indexOf('');
  // A header that goes on further may have one there.
  if (empty < 0 && isCut && BEGINS_MAIL.test(head)) return true;
  return lines.slice(0, empty < 0 ? lines.length : empty).some((line) => FIELD_OF_MAIL.test(line));
}

/** How far the header of mail is looked into. */
const HEADER_WITHIN = 65_536;
/** Those of `MAIL_FIELD`, and others that say how to read the rest. */
const FIELD_OF_MAIL = new RegExp(`(?:${MAIL_FIELD.source})|^content-[a-z-]+[ \\t]*:`, 'i');

/**
 * Three different fields of mail, nothing but fields before them, one of them certain; or two of those that say how the rest is
 * to be read, as a page that was saved as mail has them.
 */
function isMailHeader(lines: readonly string[]): boolean {
  const names = new Set<string>();
  for (const line of lines) {
    if (/^[ \t]/.test(line) && names.size > 0) continue;
    const name = /^([!-9;-~]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) break;
    names.add(name);
  }
  const known = [...names].filter((name) => MAIL_FIELD.test(`${name}:`)).length;
  return (
    (known >= 3 && CERTAIN.some((name) => names.has(name))) ||
    READS.filter((name) => names.has(name)).length > 1
  );
}
