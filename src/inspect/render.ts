import { type AddressObject, type Attachment, type ParsedMail, simpleParser } from 'mailparser';
import { attachmentPlaces } from './attachment-places.js';
import { asBuffer } from './bytes.js';
import { BITMAPS, KINDS } from './documents/kinds.js';
import { kindOf } from './documents/kinds-sniff.js';
import { HtmlTooComplex } from './html-bounds.js';
import { htmlTexts } from './html-text.js';
import { decodePlace, parseLightly, placeOf } from './light-parse.js';
import type {
  AttachmentContent,
  MessageSummary,
  RenderedAttachment,
  RenderedMessage,
} from './rendered-message.js';
import { safeFileName } from './safe-file-name.js';
import { sanitiseHtml } from './sanitise.js';

/**
 * Renders a message for a person, with mailparser. It decides nothing: what travels how was decided on what
 * `inspectMessage` read.
 */
export async function renderMessage(message: Uint8Array): Promise<RenderedMessage> {
  const { mail, attachments } = await parseAndPlace(asBuffer(message));
  return {
    subject: plain(mail.subject ?? ''),
    from: plain(mail.from?.text ?? ''),
    to: plain(addressText(mail.to)),
    ...(mail.date === undefined || Number.isNaN(mail.date.getTime())
      ? {}
      : { date: mail.date.toISOString() }),
    ...htmlOf(mail),
    ...textOf(mail),
    attachments,
  };
}

/** The mail, and its attachments with the places where their contents stand. */
async function parseAndPlace(
  message: Buffer,
): Promise<{ readonly mail: ParsedMail; readonly attachments: readonly RenderedAttachment[] }> {
  const { mail, setAside } = await parseLightly(message, parse);
  const here = mail.attachments.map((_, index) => index).filter((index) => !setAside.has(index));
  const places = attachmentPlaces(
    message,
    here.flatMap((index) => mail.attachments[index]?.content ?? []),
  );
  const placeHere = new Map(here.map((index, nth) => [index, places[nth]]));
  const attachments = mail.attachments.map((attachment, index): RenderedAttachment => {
    const aside = setAside.get(index);
    const bytes = aside === undefined ? attachment.content : decodePlace(message, aside);
    const place = aside === undefined ? placeHere.get(index) : placeOf(aside);
    return {
      index,
      fileName: fileName(attachment.filename, index),
      mediaType: mediaType(attachment.contentType),
      size: bytes.length,
      previewable: isPreviewable(bytes),
      ...(place === undefined ? {} : { place }),
    };
  });
  return { mail, attachments };
}

/**
 * What a list of messages shows of one.
 * @param start the message's first bytes, or all of it
 */
export async function renderSummary(start: Uint8Array): Promise<MessageSummary> {
  const mail = await parse(start);
  return { subject: plain(mail.subject ?? ''), hasAttachments: mail.attachments.length > 0 };
}

/** All attachments, in the order of `RenderedMessage.attachments`. */
export async function renderAttachments(message: Uint8Array): Promise<readonly AttachmentContent[]> {
  const mail = await parse(message);
  return mail.attachments.map((attachment, index) => content(attachment, index));
}

/** One attachment by its position in `RenderedMessage.attachments`; undefined when there is none. */
export async function renderAttachment(
  message: Uint8Array,
  index: number,
): Promise<AttachmentContent | undefined> {
  const mail = await parse(message);
  const attachment = mail.attachments[index];
  return attachment === undefined ? undefined : content(attachment, index);
}

function content(attachment: Attachment, index: number): AttachmentContent {
  return {
    // A copy of its own, so that it can be transferred to the caller's thread.
    bytes: Uint8Array.from(attachment.content),
    fileName: fileName(attachment.filename, index),
    mediaType: mediaType(attachment.contentType),
  };
}

/** Nothing where it isn't shown because it would take too long: there is still the text. */
function htmlOf(mail: ParsedMail): Pick<RenderedMessage, 'html'> {
  if (typeof mail.html !== 'string') return {};
  try {
    return { html: sanitiseHtml(mail.html) };
  } catch (error) {
    if (error instanceof HtmlTooComplex) return {};
    throw error;
  }
}

/** The text part; where there is none, the words of the HTML as a reader shows them. */
function textOf(mail: ParsedMail): Pick<RenderedMessage, 'text'> {
  if (mail.text !== undefined && mail.text !== '') return { text: mail.text };
  const words = typeof mail.html === 'string' ? htmlTexts(mail.html).visible.trim() : '';
  return words === '' ? {} : { text: words };
}

const PREVIEWABLE: ReadonlySet<string> = new Set([KINDS.pdf, ...BITMAPS]);

/** By its bytes: what is declared may be wrong. */
function isPreviewable(bytes: Buffer): boolean {
  const kind = kindOf(bytes);
  return kind !== undefined && PREVIEWABLE.has(kind);
}

function parse(message: Uint8Array): Promise<ParsedMail> {
  // HTML to text would overflow the stack on deep nesting, and links are made by nobody here.
  return simpleParser(asBuffer(message), {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
  });
}

function addressText(to: ParsedMail['to']): string {
  const groups: readonly AddressObject[] = to === undefined ? [] : Array.isArray(to) ? to : [to];
  return groups.map((group) => group.text).join(', ');
}

function fileName(given: string | undefined, index: number): string {
  return safeFileName(given, `attachment-${index + 1}`);
}

/** The declared type if it has the form of one; a browser must never be handed anything else. */
function mediaType(declared: string | undefined): string {
  const type = (declared ?? '').toLowerCase();
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/.test(type)
    ? type
    : 'application/octet-stream';
}

/** Without characters that break lines or turn the direction of what is shown. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '');
}
