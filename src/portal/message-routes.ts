import { contentFor, type SealedBody } from '../model/message.js';
import { errorFacts } from '../shared/errors.js';
import { StoreUnavailable } from '../store/ports.js';
import { openedSession, openLink } from './access.js';
import { attachmentDisposition, safeMediaType } from './file-name.js';
import { commitRead, readBody, type View } from './reading.js';
import { CONTENT_CSP, type PortalServer } from './server.js';
import { createOnSession, type SignedIn, signOutForm, signOutRoute } from './session.js';
import { type Front, pathPart, type Site, sendPage } from './site.js';
import { dateText, timeText } from './time-text.js';

/** Headers of everything that comes out of a mail: fenced, framed by our own pages at most. */
const CONTENT = {
  helmet: { contentSecurityPolicy: CONTENT_CSP, xFrameOptions: { action: 'sameorigin' } },
} as const;

/** The pages behind the code: message, HTML body, attachments, original, sign-out. */
export function messageRoutes(server: PortalServer, site: Site, front: Front): void {
  const onSession = createOnSession(site, front);
  signOutRoute(server, site, front, onSession);

  /** The sealed content that is for this recipient; absent when it was destroyed. */
  const content = async ({ item }: SignedIn): Promise<SealedBody | undefined> => {
    const message = await site.queue.message(item.messageId);
    const recipients = await site.queue.recipients(item.messageId);
    const recipient = recipients.find((one) => one.index === item.recipientIndex);
    return message === undefined || recipient === undefined
      ? undefined
      : contentFor(message, recipient.decision);
  };

  const rendered = async <T>(visit: SignedIn, body: SealedBody, task: (bytes: Uint8Array) => Promise<T>) => {
    try {
      return await site.gate(async () => task(await readBody(site.bodies, body, site.renderLimit)));
    } catch (cause) {
      if (cause instanceof StoreUnavailable) throw cause;
      // Nothing was shown, so nothing is weaker; the person is offered the sealed original instead.
      site.log.warn(
        { item: visit.item.id, ...errorFacts(cause) },
        'a message in the portal could not be rendered',
      );
      return undefined;
    }
  };

  /**
   * The last gate before content leaves: link and session are looked at anew, because rendering takes time in which
   * the item may be revoked, and the read is on record before anything is shown.
   */
  const mayShow = async (visit: SignedIn, view: View): Promise<boolean> => {
    const now = site.clock.now();
    const link = await openLink(site, visit.secret, now);
    if (!link.open || (await openedSession(site, visit.token, link.item, now)) === undefined) return false;
    await commitRead(site, link.item, view, visit.client, now);
    return link.item.state !== 'waiting' || (await openLink(site, visit.secret, now)).open;
  };

  const closed = (visit: SignedIn, reason: string) =>
    front.closed(visit.request, visit.reply, reason, visit.item);

  server.get(
    '/m/:secret/message',
    onSession(async (visit) => {
      const body = await content(visit);
      if (body === undefined) return closed(visit, 'the content was destroyed');
      const message = await rendered(visit, body, (bytes) => site.renderer.render(bytes));
      const original = `${visit.path}/message.eml`;
      const signOut = signOutForm(site, visit);
      if (message === undefined)
        return sendPage(visit.reply, 200, site.pages.unreadable({ original, signOut }));
      const html = site.pages.message({
        message: {
          ...message,
          ...(message.date === undefined ? {} : { date: dateText(message.date) }),
        },
        attachments: message.attachments.map(({ index, fileName, size }) => ({
          href: `${visit.path}/attachments/${index}`,
          fileName: fileName === '' ? `Attachment ${index + 1}` : fileName,
          size: inUnits(size),
        })),
        frame: `${visit.path}/html`,
        original,
        signOut,
        until: timeText(visit.item.expiresAt),
      });
      if (!(await mayShow(visit, { kind: 'page' }))) return closed(visit, 'closed while it was being opened');
      return sendPage(visit.reply, 200, html);
    }),
  );

  server.get(
    '/m/:secret/html',
    CONTENT,
    onSession(async (visit) => {
      const body = await content(visit);
      if (body === undefined) return closed(visit, 'the content was destroyed');
      const message = await rendered(visit, body, (bytes) => site.renderer.render(bytes));
      if (message?.html === undefined) return closed(visit, 'no such page');
      if (!(await mayShow(visit, { kind: 'html' }))) return closed(visit, 'closed while it was being opened');
      return sendPage(visit.reply, 200, `${FRAME_HEAD}${message.html}`);
    }),
  );

  server.get(
    '/m/:secret/attachments/:index',
    CONTENT,
    onSession(async (visit) => {
      const number = pathPart(visit.request, 'index');
      const body = await content(visit);
      if (body === undefined || !/^\d{1,5}$/.test(number)) return closed(visit, 'no such attachment');
      const index = Number(number);
      const attachment = await rendered(visit, body, (bytes) => site.renderer.attachment(bytes, index));
      if (attachment === undefined)
        return sendPage(
          visit.reply,
          404,
          site.pages.text({
            title: 'The attachment cannot be opened',
            paragraphs: ['It is not there or could not be prepared. You can save the whole message instead.'],
            back: { href: `${visit.path}/message`, label: 'Back to the message' },
          }),
        );
      if (!(await mayShow(visit, { kind: 'attachment', index })))
        return closed(visit, 'closed while it was being opened');
      return visit.reply
        .header('content-disposition', attachmentDisposition(attachment.fileName))
        .type(safeMediaType(attachment.mediaType))
        .send(asBuffer(attachment.bytes));
    }),
  );

  server.get(
    '/m/:secret/message.eml',
    CONTENT,
    onSession(async (visit) => {
      const body = await content(visit);
      if (body === undefined) return closed(visit, 'the content was destroyed');
      if (!(await mayShow(visit, { kind: 'original' })))
        return closed(visit, 'closed while it was being opened');
      return visit.reply
        .header('content-disposition', attachmentDisposition('message.eml'))
        .header('content-length', body.size)
        .type('message/rfc822')
        .send(site.bodies.open(body));
    }),
  );
}

/** Before the mail's own HTML; the base colour is fixed because mails assume a white page. */
const FRAME_HEAD =
  '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1"><style>body{background:#fff;color:#000;font-family:sans-serif;overflow-wrap:anywhere}</style>';

/** The same memory as a Buffer, not a copy: attachments are large. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function inUnits(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
