import { auditEvent } from '../../audit/events.js';
import type { PortalItem, PortalSession } from '../../model/portal-item.js';
import { seeOther } from '../../web/answers.js';
import { formField } from '../../web/forms.js';
import type { WebServer } from '../../web/server.js';
import { enrolmentOf } from '../access.js';
import { lostPath } from '../brand.js';
import { signedIn } from '../link-routes.js';
import type { Field, PageData } from '../page-data.js';
import { about, isOf, type OpenedSession, signIn } from '../sign-in.js';
import { type Front, type LinkVisit, type Site, type WayToItem, waysToItem } from '../site.js';
import type { TextKey, Texts } from '../texts.js';
import { meansFor } from '../ways/means.js';
import { nextSteps, type Step } from '../ways/steps.js';
import { announce } from './changes.js';
import { acceptsTry } from './entering.js';
import { codeField, newPasswordFields, passwordField, passwordRule, sendForm, totpField } from './pages.js';
import { PASSKEY_BODY, passkeyForm, signInByPasskey } from './passkey-steps.js';
import { PASSWORD_LENGTH, passwordProblem } from './passwords.js';
import { checkPassphrase, checkPassword, checkTotp, raise } from './proving.js';
import { sendSmsCode } from './sms-code.js';
import { countFailure, newAccount, type Ways } from './ways.js';
import { withAccount } from './with-account.js';

/** The steps between a link and its message, but for the code to the mailbox: each proves one thing. */
export function stepRoutes(server: WebServer, site: Site, front: Front, ways: Ways): void {
  for (const way of waysToItem(front)) stepRoutesOf(way, server, site, front, ways);
}

function stepRoutesOf(
  { start, on }: WayToItem,
  server: WebServer,
  site: Site,
  front: Front,
  ways: Ways,
): void {
  /** Runs the handler where the step would bring the visitor nearer; else the first page shows what does. */
  const onStep = (step: Step, handler: (visit: LinkVisit) => Promise<unknown>) =>
    on(async (visit) =>
      (await steps(visit)).includes(step) ? handler(visit) : seeOther(visit.reply, visit.path),
    );
  const steps = async (visit: LinkVisit) =>
    nextSteps(
      visit.item,
      ownSession(visit),
      await meansFor(site, visit, visit.item),
      await enrolmentOf(site, visit.item.recipient),
    );
  const seen = (visit: LinkVisit) =>
    site.portal.record([auditEvent('portal.opened', about(visit.item, visit.client))]);
  const back = ({ t, path }: LinkVisit) => ({ href: path, label: t('step.back') });
  const lost = ({ item }: LinkVisit) => lostPath(site.loaded.config, item.sender);

  /** Page and form of a step whose secret is typed. */
  const typedStep = (
    step: 'password' | 'totp' | 'passphrase',
    about: TextKey,
    field: (t: Texts) => Field,
    prove: (visit: LinkVisit, typed: string | undefined) => Promise<boolean>,
  ) => {
    const page = (visit: LinkVisit, status: number, problem?: string) => {
      const { t, path, item } = visit;
      const context = front.context(visit, item.sender);
      return sendForm(
        site,
        front,
        visit,
        status,
        {
          title: t(`${step}.title`),
          paragraphs: [t(about, { organisation: context.brand.name })],
          ...(problem === undefined ? {} : { problem }),
          form: { ...front.form(visit, `${path}/${step}`), fields: [field(t)], button: t('step.continue') },
          links: [
            back(visit),
            ...(step === 'password' ? [{ href: lost(visit), label: t('password.lost') }] : []),
            ...(step === 'totp' ? [{ href: lost(visit), label: t('factor.lost') }] : []),
          ],
        },
        item.sender,
      );
    };
    server.get(
      `${start}/${step}`,
      onStep(step, async (visit) => {
        await seen(visit);
        return page(visit, 200);
      }),
    );
    server.post(
      `${start}/${step}`,
      onStep(step, async (visit) => {
        const { item, path, request, reply, session } = visit;
        if (!(await acceptsTry(front, ways, visit, path, item))) return reply;
        const typed = formField(request.body, step);
        const opened = await withAccount(site, item.recipient, async () =>
          (await prove(visit, typed)) ? raise(site, session, item.recipient, [step], visit) : undefined,
        );
        return opened === undefined
          ? page(visit, 403, visit.t('step.refused'))
          : signedIn(site, visit, opened);
      }),
    );
  };

  typedStep('password', 'password.what', passwordField, async (visit, typed) =>
    checkPassword(site, ways, await site.portal.account(visit.item.recipient), typed, visit),
  );
  typedStep('totp', 'totp.what', totpField, async (visit, typed) =>
    checkTotp(site, ways, await site.portal.account(visit.item.recipient), typed, visit),
  );
  typedStep(
    'passphrase',
    'passphrase.what',
    (t) => codeField(t, 'passphrase.label'),
    (visit, typed) => checkPassphrase(site, ways, visit, typed),
  );

  const passkeyPage = async (visit: LinkVisit, status: number, problem?: string) => {
    const { t, path, item } = visit;
    const passkeys = await site.portal.passkeys(item.recipient);
    return sendForm(
      site,
      front,
      visit,
      status,
      {
        title: t('passkey.title'),
        paragraphs: [t('passkey.what')],
        ...(problem === undefined ? {} : { problem }),
        passkey: await passkeyForm(site, front, ways, visit, `${path}/passkey`, passkeys),
        links: [back(visit), { href: lost(visit), label: t('factor.lost') }],
      },
      item.sender,
    );
  };
  server.get(
    `${start}/passkey`,
    onStep('passkey', async (visit) => {
      await seen(visit);
      return passkeyPage(visit, 200);
    }),
  );
  server.post(
    `${start}/passkey`,
    PASSKEY_BODY,
    onStep('passkey', async (visit) => {
      const { item, path, reply, t } = visit;
      if (!(await acceptsTry(front, ways, visit, path, item))) return reply;
      const opened = await signInByPasskey(site, ways, visit, visit, item.recipient);
      return opened === undefined
        ? passkeyPage(visit, 403, t('step.refused'))
        : signedIn(site, visit, opened);
    }),
  );

  const registerPage = (visit: LinkVisit, status: number, problem?: string) => {
    const { t, path, item } = visit;
    const data: PageData['form'] = {
      title: t('register.title'),
      paragraphs: [t('register.what', { recipient: item.recipient }), passwordRule(t)],
      ...(problem === undefined ? {} : { problem }),
      form: {
        ...front.form(visit, `${path}/register`),
        fields: newPasswordFields(t),
        button: t('password.save'),
      },
      links: [back(visit)],
    };
    return sendForm(site, front, visit, status, data, item.sender);
  };
  server.get(
    `${start}/register`,
    onStep('register', async (visit) => {
      await seen(visit);
      return registerPage(visit, 200);
    }),
  );
  server.post(
    `${start}/register`,
    onStep('register', async (visit) => {
      const { item, path, reply, request, t } = visit;
      if (!(await front.acceptsForm(visit, path, item))) return reply;
      const password = formField(request.body, 'password');
      const problem = passwordProblem(password, formField(request.body, 'again'), item.recipient);
      if (problem !== undefined || password === undefined)
        return registerPage(visit, 400, t(problem ?? 'password.too-short', PASSWORD_LENGTH));
      const opened = await register(site, ways, visit, item, password);
      return opened === undefined ? seeOther(reply, path) : signedIn(site, visit, opened);
    }),
  );

  // A session opens no less than a remembered browser: only by the link it is a step.
  if (start === '/m/:secret')
    server.post(
      `${start}/device`,
      onStep('device', async (visit) => {
        const { item, path, reply, session } = visit;
        if (!(await front.acceptsForm(visit, path, item))) return reply;
        const opened = await withAccount(site, item.recipient, async () =>
          // Looked at anew: it may have been forgotten just now.
          (await meansFor(site, visit, item)).device
            ? raise(site, session, item.recipient, ['device'], visit)
            : undefined,
        );
        return opened === undefined ? seeOther(reply, path) : signedIn(site, visit, opened);
      }),
    );

  const smsPage = (visit: LinkVisit, status: number, problem?: string) => {
    const { t, path, item } = visit;
    const { brand } = front.context(visit, item.sender);
    return sendForm(
      site,
      front,
      visit,
      status,
      {
        title: t('sms.title'),
        paragraphs: [t('sms.what', { organisation: brand.name })],
        ...(problem === undefined ? {} : { problem }),
        form: {
          ...front.form(visit, `${path}/sms/code`),
          fields: [codeField(t, 'code.label')],
          button: t('step.continue'),
        },
        other: { ...front.form(visit, `${path}/sms`), button: t('code.again') },
        links: [back(visit)],
      },
      item.sender,
    );
  };
  server.get(
    `${start}/sms`,
    onStep('sms', async (visit) => {
      await seen(visit);
      return smsPage(visit, 200);
    }),
  );
  server.post(
    `${start}/sms`,
    onStep('sms', async (visit) => {
      const { item, path, reply, t, client, now, language } = visit;
      if (!(await front.acceptsForm(visit, path, item))) return reply;
      const result = await sendSmsCode(site, item, client, language, now);
      if (result === 'sent') return seeOther(reply, `${path}/sms`);
      const { brand } = front.context(visit, item.sender);
      const why = {
        unknown: t('sms.no-number', { organisation: brand.name }),
        failed: t('sms.failed'),
        'too-many': t('no-more-codes.why'),
      } as const;
      return sendForm(
        site,
        front,
        visit,
        result === 'too-many' ? 429 : 502,
        { title: t('sms.failed-title'), paragraphs: [why[result]], links: [back(visit)] },
        item.sender,
      );
    }),
  );
  server.post(
    `${start}/sms/code`,
    onStep('sms', async (visit) => {
      const { item, path, reply, request, t, client, now, session } = visit;
      if (!(await acceptsTry(front, ways, visit, path, item))) return reply;
      const typed = formField(request.body, 'code') ?? '';
      const opened = await signIn(site, item, typed, session, client, now);
      if (opened !== undefined) return signedIn(site, visit, opened);
      countFailure(ways, client, now);
      return smsPage(visit, 403, t('lost-code.refused'));
    }),
  );
}

/** Of the visit's session only what belongs to the recipient of the link. */
function ownSession({ session, item }: LinkVisit): PortalSession | undefined {
  return isOf(session, item.recipient) ? session : undefined;
}

/** The first password of a recipient; undefined when there is one, or a second factor, by now. */
async function register(
  site: Site,
  ways: Ways,
  visit: LinkVisit,
  item: PortalItem,
  password: string,
): Promise<OpenedSession | undefined> {
  const { now, client, session } = visit;
  const { recipient } = item;
  const passwordHash = await ways.passwords.make(password);
  return withAccount(site, recipient, async () => {
    const before = await site.portal.account(recipient);
    const passkeys = await site.portal.passkeys(recipient);
    if (before?.passwordHash !== undefined || before?.totp !== undefined || passkeys.length > 0)
      return undefined;
    await announce(site, recipient, client, 'registered', now);
    const account = { ...(before ?? newAccount(recipient, now)), passwordHash, changedAt: now };
    if (!(await site.portal.putAccount(account, before, []))) return undefined;
    return raise(site, session, recipient, ['password'], visit, true);
  });
}
