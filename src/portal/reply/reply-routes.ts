import { hash, randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import { auditEvent } from '../../audit/events.js';
import { headerSection } from '../../shared/header-section.js';
import { seeOther, sendPage } from '../../web/answers.js';
import { allowUpload, type WebServer } from '../../web/server.js';
import { mayOpen, openedSession } from '../access.js';
import { brandFor } from '../brand.js';
import type { ItemRoutes, ItemVisit } from '../item-visit.js';
import { sizeText } from '../reading/size-text.js';
import { allowScript } from '../script-policy.js';
import { about } from '../sign-in.js';
import type { Front, Site } from '../site.js';
import { createOnce } from './once.js';
import { MOST_TEXT_BYTES, readUpload, removeFiles, type UploadedFile } from './read-upload.js';
import { sendReply, wroteTooMany } from './send-reply.js';
import { type ReplyTargets, replySubject, replyTargets, threadOf } from './targets.js';

/** Writing a reply to a message. */
export function replyRoutes(server: WebServer, site: Site, front: Front, item: ItemRoutes): void {
  // In a context of its own: no other form may have files.
  void server.register(async (own: WebServer) => {
    // A file that is too large is answered by a page, not by the parser.
    await own.register(multipart, { throwFileSizeLimit: false });
    const once = createOnce<'sent' | 'too-many' | 'closed'>(
      () => site.clock.now(),
      (result) => result === 'sent',
    );

    own.get(
      '/inbox/:item/reply',
      item.onItem(async (visit) => {
        const answered = await answerTo(site, visit);
        if (answered === undefined) return impossible(site, front, visit);
        return formPage(site, front, item, visit, answered, {
          status: 200,
          text: '',
          keep: true,
          to: undefined,
        });
      }),
    );

    own.post(
      '/inbox/:item/reply',
      item.onItem(async (visit) => {
        const { request, reply, path, now } = visit;
        if (!request.isMultipart())
          return front.refuse(visit, 400, 'a reply that is no form', NO_FORM, visit.item);
        const answered = await answerTo(site, visit);
        if (answered === undefined) return impossible(site, front, visit);
        const { max_size, max_attachments } = site.config.reply;
        allowUpload(request);
        const upload = await readUpload(
          request,
          site.bodies,
          { maxSize: max_size, maxFiles: max_attachments },
          (fields) => {
            request.body = { token: fields.get('token')?.[0] };
            return front.acceptsForm(visit, `${path}/reply`, visit.item);
          },
        );
        if (upload === undefined) return reply;
        const { fields, files } = upload;
        const text = fields.get('text')?.[0] ?? '';
        const keep = fields.get('keep')?.[0] === 'yes';
        const to = [...new Set(fields.get('to') ?? [])];
        const refused = async (status: number, problem: Problem, reason: string) => {
          await removeFiles(site.bodies, files);
          await record(site, visit, reason);
          return formPage(site, front, item, visit, answered, { status, text, keep, to, problem });
        };
        if (upload.problem === 'no-file')
          return front.refuse(visit, 400, 'a file of a reply that is none', NO_FORM, visit.item);
        if (upload.problem === 'too-large') return refused(413, 'too-large', 'it is too large');
        if (upload.problem === 'too-many-files')
          return refused(413, 'too-many-files', 'it has too many files');
        const { targets } = answered;
        if (!to.every((one) => one === targets.sender || targets.others.includes(one)))
          return refused(400, 'nobody', 'it names somebody whom the message does not');
        if (to.length === 0) return refused(400, 'nobody', 'it names nobody');
        if (text.trim() === '' && files.length === 0) return refused(400, 'empty', 'it is empty');
        if (await wroteTooMany(site, visit.item.recipient, now))
          return refused(429, 'too-many', 'too many replies within an hour');
        // Sending a file took its time: the item may be closed by now.
        const later = site.clock.now();
        const session = await openedSession(site, visit.token, later);
        if (session === undefined || !(await mayOpen(site, session, visit.item.id, later)).open) {
          await removeFiles(site.bodies, files);
          return item.tooLate(visit);
        }
        const { item: about, client } = visit;
        const { subject, inReplyTo, references } = answered;
        const mark = fields.get('mark')?.[0];
        const send = () =>
          sendReply(site, {
            item: about,
            to,
            subject,
            text,
            files,
            keepCopy: keep,
            inReplyTo,
            references,
            client,
          }).catch((error: unknown) => {
            if (error instanceof Error && error.name === 'ChangeRefused') return 'closed' as const;
            throw error;
          });
        const { result: sent, again } = await once(
          mark === undefined ? undefined : `${about.id} ${mark} ${digestOf(to, text, files)}`,
          send,
        );
        if (again) await removeFiles(site.bodies, files);
        if (sent === 'closed') return item.tooLate(visit);
        if (sent === 'too-many') return refused(429, 'too-many', 'too many replies within an hour');
        return seeOther(reply, '/inbox/sent/done');
      }),
    );
  });
}

/** Browsers show a form again as it was sent, and whoever writes on in it means another reply. */
function digestOf(to: readonly string[], text: string, files: readonly UploadedFile[]): string {
  return hash('sha256', JSON.stringify([to, text, files.map(({ name, digest }) => [name, digest])]));
}

const NO_FORM = { title: 'bad-request.title', paragraphs: ['bad-request.what'] } as const;

type Problem = 'empty' | 'nobody' | 'too-large' | 'too-many-files' | 'too-many';

/** What a reply to a message is made of, whatever its writer adds. */
interface Answered {
  readonly targets: ReplyTargets;
  readonly subject: string;
  readonly inReplyTo: string;
  readonly references: readonly string[];
}

/** undefined where no reply is possible: nobody to write to, or switched off. */
async function answerTo(site: Site, visit: ItemVisit): Promise<Answered | undefined> {
  const { item, body } = visit;
  if (!site.config.reply.enabled) return undefined;
  const message = await site.queue.message(item.messageId);
  const recipients = (await site.queue.recipients(item.messageId)).map((one) => one.address);
  const header = await headerSection(site.bodies.open(body));
  const targets = replyTargets(header, item, message, recipients, {
    domains: site.loaded.config.organisation.domains,
    portalSender: site.config.sender,
  });
  if (targets === undefined) return undefined;
  const inReplyTo = message?.headerMessageId ?? '';
  const { subject } = await site.renderer.summary(Buffer.from(`${header}\r\n\r\n`, 'latin1'));
  return { targets, subject: replySubject(subject), inReplyTo, references: threadOf(header, inReplyTo) };
}

function record(site: Site, { item, client }: ItemVisit, reason: string): Promise<void> {
  return site.portal.record([auditEvent('portal.reply-refused', { ...about(item, client), reason })]);
}

function impossible(site: Site, front: Front, visit: ItemVisit): unknown {
  return sendPage(
    visit.reply,
    404,
    site.pages.text(front.context(visit, visit.item.sender), {
      title: 'reply-impossible.title',
      paragraphs: ['reply-impossible.what'],
      values: { organisation: brandFor(site.loaded.config, visit.item.sender).name },
      back: { href: visit.path, label: 'message.back' },
    }),
  );
}

/** The form; it shows Subject and addresses of the message, so it passes the same gate as the message's page. */
async function formPage(
  site: Site,
  front: Front,
  routes: ItemRoutes,
  visit: ItemVisit,
  { targets, subject }: Answered,
  filled: {
    readonly status: number;
    readonly text: string;
    readonly keep: boolean;
    /** absent: the sender. */
    readonly to: readonly string[] | undefined;
    readonly problem?: Problem;
  },
): Promise<unknown> {
  const { t, path, language, reply, item } = visit;
  const { max_size, max_attachments } = site.config.reply;
  const size = sizeText(max_size, t, language);
  const values = { size, count: max_attachments };
  const to = filled.to ?? [targets.sender];
  const { problem } = filled;
  const nonce = allowScript(reply, { connect: true });
  const html = site.pages.page(
    'reply',
    { ...front.context(visit, item.sender), nonce },
    {
      form: front.form(visit, `${path}/reply`),
      mark: randomUUID(),
      to: [targets.sender, ...targets.others].map((address, index) => ({
        address,
        isSender: index === 0,
        checked: to.includes(address),
      })),
      subject,
      text: filled.text,
      mostText: MOST_TEXT_BYTES / 4,
      keep: filled.keep,
      attachments: max_attachments > 0,
      limits: t('reply.limits', values),
      back: path,
      ...(problem === undefined ? {} : { problem: t(`reply.${problem}`, values) }),
    },
  );
  if (!(await routes.mayShow(visit, { kind: 'reply' }))) return routes.tooLate(visit);
  return sendPage(reply, filled.status, html);
}
