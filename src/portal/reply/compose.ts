import MailComposer from 'nodemailer/lib/mail-composer';
import type { SealedBody } from '../../model/message.js';
import type { BodyStore, BodyWriter } from '../../store/ports.js';
import { oneLine } from '../notice.js';
import type { UploadedFile } from './read-upload.js';
import { isMessageId } from './targets.js';

/** A reply as its writer wants it. */
export interface ReplyDraft {
  /** Canonical address of whoever writes. */
  readonly writer: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly files: readonly UploadedFile[];
  /** Message-ID of the message that it answers, and the thread's. */
  readonly inReplyTo: string;
  readonly references: readonly string[];
  /** Message-ID of its own, with angle brackets. */
  readonly messageId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The message made of a reply, and the copy that its writer keeps. */
export interface SealedReply {
  readonly message: SealedBody;
  readonly copy?: SealedBody;
}

/**
 * Writes a reply as a mail into sealed bodies, as a stream: nothing of it is whole in memory.
 *
 * It comes from the portal's own address with the writer's as its name, because the organisation can't send as a
 * stranger, whose domain would disown the mail (RFC 7489); answers go to the writer by Reply-To. A person wrote it, so it
 * is not `Auto-Submitted`.
 * @throws whatever the store throws; then nothing is left
 */
export async function composeReply(
  draft: ReplyDraft,
  from: string,
  bodies: Pick<BodyStore, 'create' | 'open'>,
  keepCopy: boolean,
): Promise<SealedReply> {
  const composer = new MailComposer({
    from: { name: oneLine(draft.writer), address: from },
    replyTo: { name: '', address: draft.writer },
    to: draft.to.map((address) => ({ name: '', address })),
    subject: oneLine(draft.subject),
    ...(isMessageId(draft.inReplyTo) ? { inReplyTo: draft.inReplyTo } : {}),
    references: draft.references.filter(isMessageId),
    messageId: draft.messageId,
    date: new Date(draft.now),
    text: draft.text.replace(/\r\n|\r|\n/g, '\r\n'),
    attachments: draft.files.map(({ name, body }) => ({
      filename: name,
      content: bodies.open(body),
      // What a browser declares proves nothing; whoever reads the mail goes by what is in it.
      contentType: 'application/octet-stream',
      contentTransferEncoding: 'base64',
    })),
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const writers: BodyWriter[] = [bodies.create(), ...(keepCopy ? [bodies.create()] : [])];
  const sealed: SealedBody[] = [];
  try {
    for await (const chunk of composer.compile().createReadStream()) {
      const bytes: unknown = chunk;
      if (!(bytes instanceof Uint8Array))
        throw new TypeError('a mail stream gave something other than bytes');
      for (const writer of writers) await writer.write(bytes);
    }
    for (const writer of writers) sealed.push(await writer.finish());
  } catch (error) {
    for (const writer of writers.slice(sealed.length)) await writer.abort().catch(() => undefined);
    throw error;
  }
  const [message, copy] = sealed;
  if (message === undefined) throw new Error('a reply was not sealed');
  return { message, ...(copy === undefined ? {} : { copy }) };
}
