import { seeOther } from '../../web/answers.js';
import { formField } from '../../web/forms.js';
import type { WebServer } from '../../web/server.js';
import { enrolmentOf } from '../access.js';
import { newestSender } from '../brand.js';
import type { PageData } from '../page-data.js';
import type { Front, SessionVisit, Site } from '../site.js';
import { durationText } from '../time-text.js';
import { FRESH_MS } from '../ways/enrolling.js';
import { acceptsTry, enter } from './entering.js';
import { mailCode, mailedCodeOwner } from './mailed-code.js';
import { codeField, passwordField, sendForm, totpField } from './pages.js';
import { PASSKEY_BODY, passkeyForm, signInByPasskey } from './passkey-steps.js';
import { checkPassword, checkTotp, raise } from './proving.js';
import type { Ways } from './ways.js';
import { withAccount } from './with-account.js';

/**
 * A fresh proof before the account is changed: password and code of the app, or a passkey; a code to the mailbox only
 * for those who have neither.
 */
export function confirmRoutes(server: WebServer, site: Site, front: Front, ways: Ways): void {
  const page = async (visit: SessionVisit, status: number, problem?: string) => {
    const { t, session } = visit;
    const { recipient } = session;
    const account = await site.portal.account(recipient);
    const passkeys = await site.portal.passkeys(recipient);
    const enrolment = await enrolmentOf(site, recipient);
    const password = account?.passwordHash !== undefined;
    const totp = enrolment.totp !== undefined;
    // A password alone wouldn't do where there are passkeys.
    const byPassword = password && (totp || passkeys.length === 0);
    const byCode = !password && !totp && passkeys.length === 0;
    const data: PageData['form'] = {
      title: t('confirm.title'),
      paragraphs: [
        t('confirm.what', { lifetime: durationText(FRESH_MS, t) }),
        ...(totp || passkeys.length > 0 ? [t('confirm.second')] : []),
      ],
      ...(problem === undefined ? {} : { problem }),
      ...(byPassword
        ? {
            form: {
              ...front.form(visit, '/account/confirm'),
              fields: [passwordField(t), ...(totp ? [totpField(t)] : [])],
              button: t('step.continue'),
            },
          }
        : byCode
          ? {
              form: {
                ...front.form(visit, '/account/confirm/code'),
                fields: [codeField(t, 'confirm.code')],
                button: t('step.continue'),
              },
              other: { ...front.form(visit, '/account/confirm/send'), button: t('confirm.send') },
            }
          : {}),
      ...(passkeys.length > 0
        ? { passkey: await passkeyForm(site, front, ways, visit, '/account/confirm/passkey', passkeys) }
        : {}),
      links: [
        { href: '/lost', label: t(totp || passkeys.length > 0 ? 'factor.lost' : 'password.lost') },
        { href: '/account', label: t('account.back') },
      ],
    };
    return sendForm(site, front, visit, status, data, await newestSender(site.portal, recipient));
  };

  server.get(
    '/account/confirm',
    front.onSession(async (visit) => page(visit, 200)),
  );

  server.post(
    '/account/confirm',
    front.onSession(async (visit) => {
      const { request, reply, session, t } = visit;
      if (!(await acceptsTry(front, ways, visit, '/account/confirm'))) return reply;
      const { recipient } = session;
      const opened = await withAccount(site, recipient, async () => {
        const account = await site.portal.account(recipient);
        if (!(await checkPassword(site, ways, account, formField(request.body, 'password'), visit)))
          return undefined;
        if (account?.totp?.confirmed !== true) return raise(site, session, recipient, ['password'], visit);
        return (await checkTotp(site, ways, account, formField(request.body, 'totp'), visit))
          ? raise(site, session, recipient, ['password', 'totp'], visit)
          : undefined;
      });
      return opened === undefined
        ? page(visit, 403, t('step.refused'))
        : enter(site, visit, opened, '/account');
    }),
  );

  server.post(
    '/account/confirm/passkey',
    PASSKEY_BODY,
    front.onSession(async (visit) => {
      if (!(await acceptsTry(front, ways, visit, '/account/confirm'))) return visit.reply;
      const opened = await signInByPasskey(site, ways, visit, visit, visit.session.recipient);
      return opened === undefined
        ? page(visit, 403, visit.t('step.refused'))
        : enter(site, visit, opened, '/account');
    }),
  );

  server.post(
    '/account/confirm/send',
    front.onSession(async (visit) => {
      const { request, reply, session, t } = visit;
      if (!(await front.acceptsForm(visit, '/account/confirm'))) return reply;
      const token = formField(request.body, 'token') ?? '';
      return (await mailCode(site, ways, visit, token, session.recipient, true))
        ? seeOther(reply, '/account/confirm')
        : page(visit, 429, t('no-more-codes.why'));
    }),
  );

  server.post(
    '/account/confirm/code',
    front.onSession(async (visit) => {
      const { request, reply, session, t } = visit;
      if (!(await acceptsTry(front, ways, visit, '/account/confirm'))) return reply;
      const token = formField(request.body, 'token') ?? '';
      const owner = await mailedCodeOwner(site, ways, visit, token, formField(request.body, 'code'));
      const opened =
        owner !== session.recipient
          ? undefined
          : await withAccount(site, owner, () => raise(site, session, owner, ['mailbox'], visit));
      return opened === undefined
        ? page(visit, 403, t('lost-code.refused'))
        : enter(site, visit, opened, '/account');
    }),
  );
}
