import type { Method } from '../../model/method.js';
import type { Json } from '../../shared/canonical-json.js';
import { UserError } from '../../shared/errors.js';
import { isOneLine } from '../../shared/one-line.js';
import { formField } from '../../web/forms.js';
import type { WebServer } from '../../web/server.js';
import { type HeldMessage, mayShowContent } from '../api.js';
import { type Front, type OperatorVisit, pathPart, type ReviewSite, seeOther, sendPage } from './front.js';
import { wordOf } from './held-routes.js';
import type { TextPage } from './pages.js';
import { recipientKey } from './recipient-key.js';

/** UTF-16 units; with every character percent-encoded it stays within a form's 4 kB. */
const MOST_REASON = 300;

type Held = HeldMessage['recipients'][number];

/** What is decided about: one held recipient, or all of a message. */
interface Decided {
  readonly path: string;
  readonly id: string;
  readonly held: readonly [Held, ...Held[]];
  /** Absent: all. */
  readonly recipient?: string;
}

type Problem = { readonly text: string; readonly english: boolean };

/** Releasing, rejecting, and having it decided again. What is allowed, the acts decide. */
export function decideRoutes(server: WebServer, site: ReviewSite, front: Front): void {
  const decided = async (visit: OperatorVisit): Promise<Decided | undefined> => {
    const id = pathPart(visit.request, 'id');
    const key = pathPart(visit.request, 'recipient');
    const message = await site.api.message(id);
    if (message === undefined) return undefined;
    const [first, ...rest] = message.recipients.filter(
      ({ recipient }) => key === 'all' || recipientKey(recipient) === key,
    );
    if (first === undefined) return undefined;
    return {
      path: `/held/${message.messageId}/to/${key}`,
      id: message.messageId,
      held: [first, ...rest],
      ...(key === 'all' ? {} : { recipient: first.recipient }),
    };
  };

  const page = (visit: OperatorVisit, about: Decided, status: number, problem?: Problem) => {
    const { held, path } = about;
    const [first] = held;
    const word = wordOf(first, visit);
    const methods = methodsOfAll(held);
    // Only what somebody else chose already is chosen in advance.
    const chosen = methods.length === 1 ? methods[0] : first.approval?.method;
    return sendPage(
      visit.reply,
      status,
      site.pages.page('decide', front.context(visit), {
        recipients: held.map(({ recipient }) => recipient).join(', '),
        reason: [...new Set(held.map(({ reason }) => reason))].join('; '),
        methods: methods.map((method) => ({
          method,
          label: visit.t(`method.${method}`),
          checked: method === chosen,
        })),
        release: front.form(visit, `${path}/release`),
        reject: front.form(visit, `${path}/reject`),
        redecide: front.form(visit, `${path}/redecide`),
        mostReason: MOST_REASON,
        back: `/held/${about.id}`,
        ...(word === undefined ? {} : { word }),
        ...(problem === undefined ? {} : { problem }),
      }),
    );
  };

  const missing = (visit: OperatorVisit) => front.closed(visit, 'no such held recipient');

  server.get(
    '/held/:id/to/:recipient',
    front.onOperator(async (visit) => {
      const about = await decided(visit);
      if (about === undefined) return missing(visit);
      if (!mayShowContent(visit.actor.roles))
        return front.refuse(visit, 403, 'not a reviewer', NOT_ALLOWED, about.id);
      return page(visit, about, 200);
    }),
  );

  /** Does it in the operator's name; what is refused is said on the page. */
  const act = async (visit: OperatorVisit, about: Decided, work: () => Promise<string>) => {
    let done: string;
    try {
      done = await work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return page(visit, about, 409, { text: error.message, english: true });
    }
    return seeOther(visit.reply, `/done/${done}`);
  };

  const onForm = (handler: (visit: OperatorVisit, about: Decided) => Promise<unknown>) =>
    front.onOperator(async (visit) => {
      if (!(await front.acceptsForm(visit, '/held'))) return visit.reply;
      const about = await decided(visit);
      return about === undefined ? missing(visit) : handler(visit, about);
    });

  const target = ({ id, recipient }: Decided) => ({ id, ...(recipient === undefined ? {} : { recipient }) });

  server.post(
    '/held/:id/to/:recipient/release',
    onForm(async (visit, about) => {
      const { request, t, actor } = visit;
      const reason = reasonIn(request.body);
      if (reason === undefined)
        return page(visit, about, 400, { text: t('decide.reason-needed'), english: false });
      const named = formField(request.body, 'method');
      const method = methodsOfAll(about.held).find((one) => one === named);
      if (method === undefined)
        return page(visit, about, 400, { text: t('decide.method-needed'), english: false });
      return act(visit, about, async () =>
        countIn(await site.api.release(actor, { ...target(about), method, reason }), 'released') > 0
          ? 'released'
          : 'approved',
      );
    }),
  );

  server.post(
    '/held/:id/to/:recipient/reject',
    onForm(async (visit, about) => {
      const reason = reasonIn(visit.request.body);
      if (reason === undefined)
        return page(visit, about, 400, { text: visit.t('decide.reason-needed'), english: false });
      return act(visit, about, async () => {
        await site.api.reject(visit.actor, { ...target(about), reason });
        return 'rejected';
      });
    }),
  );

  server.post(
    '/held/:id/to/:recipient/redecide',
    onForm((visit, about) =>
      act(visit, about, async () => {
        await site.api.redecide(visit.actor, target(about));
        return 'redecided';
      }),
    ),
  );

  for (const [name, text] of Object.entries(DONE))
    server.get(
      `/done/${name}`,
      front.onOperator(async (visit) =>
        sendPage(visit.reply, 200, site.pages.text(front.context(visit), text)),
      ),
    );
}

/** By which all of them could go. */
function methodsOfAll([first, ...others]: Decided['held']): readonly Method[] {
  return first.methods.filter((method) => others.every(({ methods }) => methods.includes(method)));
}

/** A reason that the acts take; undefined when it is none. */
function reasonIn(body: unknown): string | undefined {
  const reason = formField(body, 'reason', MOST_REASON)?.trim() ?? '';
  return isOneLine(reason) ? reason : undefined;
}

function countIn(answer: Json, name: string): number {
  if (typeof answer !== 'object' || answer === null) return 0;
  const value: unknown = Object.getOwnPropertyDescriptor(answer, name)?.value;
  return typeof value === 'number' ? value : 0;
}

export const NOT_ALLOWED: TextPage = {
  title: 'not-allowed.title',
  paragraphs: ['not-allowed.what'],
  back: { href: '/held', label: 'back.held' },
};

const HOME = { href: '/held', label: 'back.held' } as const;

const DONE: Readonly<Record<string, TextPage>> = {
  released: { title: 'done.released.title', paragraphs: ['done.released.what'], back: HOME },
  approved: { title: 'done.approved.title', paragraphs: ['done.approved.what'], back: HOME },
  rejected: { title: 'done.rejected.title', paragraphs: ['done.rejected.what'], back: HOME },
  redecided: { title: 'done.redecided.title', paragraphs: ['done.redecided.what'], back: HOME },
};
