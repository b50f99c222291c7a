import { sizeText } from '../../portal/reading/size-text.js';
import { texts as portalTexts } from '../../portal/texts.js';
import { timeText } from '../../portal/time-text.js';
import type { WebServer } from '../../web/server.js';
import { type HeldMessage, type HeldRecipient, mayShowContent } from '../api.js';
import { type Front, type OperatorVisit, pathPart, type ReviewSite, sendPage } from './front.js';
import type { ListedRecipient, ShownRecipient } from './pages.js';
import { recipientKey } from './recipient-key.js';

const PER_PAGE = 50;

/** What is held, and one message with what was found in it. Neither shows anything of the content. */
export function heldRoutes(server: WebServer, site: ReviewSite, front: Front): void {
  const list = async (visit: OperatorVisit, number: number) => {
    if (number < 1) return front.closed(visit, 'no such page');
    const { rows, total } = await site.api.held({ offset: (number - 1) * PER_PAGE, limit: PER_PAGE });
    const pages = Math.max(1, Math.ceil(total / PER_PAGE));
    if (number > pages) return front.closed(visit, 'no such page');
    const pathOf = (page: number) => (page === 1 ? '/held' : `/held/page/${page}`);
    return sendPage(
      visit.reply,
      200,
      site.pages.page('held', front.context(visit), {
        rows: rows.map((one) => listed(one, visit)),
        count: total,
        page: number,
        pages,
        ...(number > 1 ? { sooner: pathOf(number - 1) } : {}),
        ...(number < pages ? { later: pathOf(number + 1) } : {}),
      }),
    );
  };

  server.get(
    '/held',
    front.onOperator((visit) => list(visit, 1)),
  );
  server.get(
    '/held/page/:number',
    front.onOperator((visit) => {
      const number = pathPart(visit.request, 'number');
      return list(visit, /^[1-9]\d{0,5}$/.test(number) ? Number(number) : 0);
    }),
  );

  server.get(
    '/held/:id',
    front.onOperator(async (visit) => {
      const id = pathPart(visit.request, 'id');
      const message = await site.api.message(id);
      if (message === undefined) return front.closed(visit, 'no such held message');
      const decides = mayShowContent(visit.actor.roles);
      const { inspection } = message;
      return sendPage(
        visit.reply,
        200,
        site.pages.page('message', front.context(visit), {
          id: message.messageId,
          sender: senderText(message.sender, visit),
          identity: message.identity,
          since: timeText(message.receivedAt, visit.language),
          ...(message.size === undefined
            ? {}
            : { size: sizeText(message.size, portalTexts(visit.language), visit.language) }),
          ...(inspection === undefined ? {} : { inspection }),
          recipients: message.recipients.map((one) => shown(message, one, visit, decides)),
          ...(decides && message.recipients.length > 1
            ? { decideAll: `/held/${message.messageId}/to/all` }
            : {}),
          ...(decides && message.size !== undefined
            ? { open: front.form(visit, `/held/${message.messageId}/open`) }
            : {}),
        }),
      );
    }),
  );
}

function listed(one: HeldRecipient, visit: OperatorVisit): ListedRecipient {
  const word = wordOf(one, visit);
  return {
    href: `/held/${one.messageId}`,
    sender: senderText(one.sender, visit),
    recipient: one.recipient,
    reason: one.reason,
    rules: one.rules.join(', '),
    since: timeText(one.receivedAt, visit.language),
    ...(one.expiresAt === undefined ? {} : { until: timeText(one.expiresAt, visit.language) }),
    ...(word === undefined ? {} : { word }),
  };
}

function shown(
  message: HeldMessage,
  one: HeldMessage['recipients'][number],
  visit: OperatorVisit,
  decides: boolean,
): ShownRecipient {
  const word = wordOf(one, visit);
  return {
    recipient: one.recipient,
    reason: one.reason,
    methods: one.methods.length === 0 ? visit.t('message.no-methods') : one.methods.join(', '),
    rules: (one.decision?.rules ?? []).map(({ rule, at, demands }) => ({
      rule,
      at,
      demands: demands.join('; '),
    })),
    notices: one.decision?.notices ?? [],
    ...(one.expiresAt === undefined ? {} : { until: timeText(one.expiresAt, visit.language) }),
    ...(word === undefined ? {} : { word }),
    ...(decides ? { decide: `/held/${message.messageId}/to/${recipientKey(one.recipient)}` } : {}),
  };
}

/** Devices and the gateway itself may give none. */
function senderText(sender: string, { t }: OperatorVisit): string {
  return sender === '' ? t('held.no-sender') : sender;
}

/** What two-person release waits for, in words. */
export function wordOf(one: HeldRecipient, { t, actor }: OperatorVisit): string | undefined {
  if (one.release === 'one-person') return undefined;
  if (one.approval === undefined) return t('word.two');
  const { operator, method } = one.approval;
  return operator === actor.name ? t('word.own', { method }) : t('word.approved', { operator, method });
}
