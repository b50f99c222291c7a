import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { asBuffer } from './bytes.js';
import type { AttachmentContent, RenderedMessage } from './rendered-message.js';
import { safeFileName } from './safe-file-name.js';
import { sanitiseHtml } from './sanitise.js';

/**
 * Renders a message for a person, with mailparser. It decides nothing: what travels how was decided on what
 * `inspectMessage` read.
 */
export async function renderMessage(message: Uint8Array): Promise<RenderedMessage> {
  const mail = await parse(message);
  return {
    subject: plain(mail.subject ?? ''),
    from: plain(mail.from?.text ?? ''),
    to: plain(addressText(mail.to)),
    ...(mail.date === undefined || Number.isNaN(mail.date.getTime())
      ? {}
      : { date: mail.date.toISOString() }),
    ...(typeof mail.html === 'string' ? { html: sanitiseHtml(mail.html) } : {}),
    ...(mail.text === undefined || mail.text === '' ? {} : { text: mail.text }),
    attachments: mail.attachments.map((attachment, index) => ({
      index,
      fileName: fileName(attachment.filename, index),
      mediaType: mediaType(attachment.contentType),
      size: attachment.content.length,
    })),
  };
}

/** One attachment by its position in `RenderedMessage.attachments`; undefined when there is none. */
export async function renderAttachment(
  message: Uint8Array,
  index: number,
): Promise<AttachmentContent | undefined> {
  const mail = await parse(message);
  const attachment = mail.attachments[index];
  if (attachment === undefined) return undefined;
  return {
    // A copy of its own, so that it can be transferred to the caller's thread.
    bytes: Uint8Array.from(attachment.content),
    fileName: fileName(attachment.filename, index),
    mediaType: mediaType(attachment.contentType),
  };
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
