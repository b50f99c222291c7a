import { createHash } from 'node:crypto';
import { auditEvent } from '../../audit/events.js';
import type { PortalAccount } from '../../model/portal-item.js';
import { seeOther, sendPage } from '../../web/answers.js';
import { formField } from '../../web/forms.js';
import type { WebServer } from '../../web/server.js';
import { enrolmentOf } from '../access.js';
import { newestSender } from '../brand.js';
import type { PageData } from '../page-data.js';
import type { OpenedSession } from '../sign-in.js';
import type { Front, SessionVisit, Site } from '../site.js';
import { timeText } from '../time-text.js';
import { isFresh, mayChangeAccount, standsBehind } from '../ways/enrolling.js';
import type { Enrolment } from '../ways/proofs.js';
import { changeAccount } from './changes.js';
import { confirmRoutes } from './confirm-routes.js';
import { giveSession } from './entering.js';
import { factorRoutes } from './factor-routes.js';
import { newPasswordFields, passwordRule, sendForm } from './pages.js';
import { PASSWORD_LENGTH, passwordProblem } from './passwords.js';
import { newAccount, type Ways } from './ways.js';
import { withAccount } from './with-account.js';

/** Remembered browsers that are listed. */
const MOST_DEVICES = 50;

/** A visit that may change the account: it proved enough, a short time ago. */
export interface AccountVisit extends SessionVisit {
  readonly account: PortalAccount | undefined;
  readonly enrolment: Enrolment;
  /** What stands behind a second factor that is enrolled in this session. */
  readonly behind: ReturnType<typeof standsBehind>;
}

export interface AccountRoutes {
  /** Runs the handler where the session may change the account; others are asked to confirm first. */
  onChange(handler: (visit: AccountVisit) => Promise<unknown>): ReturnType<Front['onSession']>;
  /** After a change: the new session, and the account's page; signing in where no session is left. */
  changed(visit: SessionVisit, opened: OpenedSession | undefined): unknown;
}

/** The pages of one's own account. */
export function accountRoutes(server: WebServer, site: Site, front: Front, ways: Ways): void {
  const routes: AccountRoutes = {
    onChange: (handler) =>
      front.onSession(async (visit) => {
        const { session, now, reply } = visit;
        const account = await site.portal.account(session.recipient);
        const enrolment = await enrolmentOf(site, session.recipient);
        if (
          !isFresh(session, now) ||
          !mayChangeAccount(session, enrolment, account?.passwordHash !== undefined)
        )
          return seeOther(reply, '/account/confirm');
        return handler({ ...visit, account, enrolment, behind: standsBehind(session, enrolment) });
      }),
    changed: (visit, opened) => {
      if (opened === undefined) return seeOther(visit.reply, '/sign-in');
      giveSession(site, visit.reply, opened, visit.now);
      return seeOther(visit.reply, '/account');
    },
  };
  confirmRoutes(server, site, front, ways);
  factorRoutes(server, site, front, ways, routes);

  server.get(
    '/account',
    front.onSession(async (visit) => {
      const { session, language } = visit;
      const { recipient } = session;
      const account = await site.portal.account(recipient);
      const passkeys = await site.portal.passkeys(recipient);
      const devices = await site.portal.devices(recipient, visit.now, MOST_DEVICES);
      return sendPage(
        visit.reply,
        200,
        site.pages.page('account', front.context(visit, await newestSender(site.portal, recipient)), {
          recipient,
          hasPassword: account?.passwordHash !== undefined,
          ...(account?.totp?.confirmed === true ? { totp: account.totp.enrolledBy } : {}),
          passkeys: passkeys.map((one) => ({
            key: passkeyKey(one.credentialId),
            name: one.name,
            created: timeText(one.createdAt, language),
            ...(one.lastUsedAt === undefined ? {} : { used: timeText(one.lastUsedAt, language) }),
            enrolledBy: one.enrolledBy,
          })),
          removeTotp: front.form(visit, '/account/authenticator/remove'),
          removePasskey: front.form(visit, '/account/passkey/remove'),
          keepLanguage: front.form(visit, '/account/language'),
          devices: devices.map((one) => ({
            key: deviceKey(one.tokenHash),
            client: one.client === '' ? visit.t('account.device-unknown') : one.client,
            remembered: timeText(one.createdAt, language),
            until: timeText(one.expiresAt, language),
          })),
          forgetDevice: front.form(visit, '/account/device/forget'),
          everywhere: front.form(visit, '/account/sign-out-everywhere'),
        }),
      );
    }),
  );

  const passwordPage = async (visit: AccountVisit, status: number, problem?: string) => {
    const { t, account } = visit;
    const page: PageData['form'] = {
      title: t(account?.passwordHash === undefined ? 'account.password-set' : 'account.password-change'),
      paragraphs: [passwordRule(t)],
      ...(problem === undefined ? {} : { problem }),
      form: {
        ...front.form(visit, '/account/password'),
        fields: newPasswordFields(t),
        button: t('password.save'),
      },
      links: [{ href: '/account', label: t('account.back') }],
    };
    const sender = await newestSender(site.portal, visit.session.recipient);
    return sendForm(site, front, visit, status, page, sender);
  };
  server.get(
    '/account/password',
    routes.onChange(async (visit) => passwordPage(visit, 200)),
  );
  server.post(
    '/account/password',
    routes.onChange(async (visit) => {
      const { request, reply, session, t, now } = visit;
      if (!(await front.acceptsForm(visit, '/account'))) return reply;
      const { recipient } = session;
      const password = formField(request.body, 'password');
      const problem = passwordProblem(password, formField(request.body, 'again'), recipient);
      if (problem !== undefined || password === undefined)
        return passwordPage(visit, 400, t(problem ?? 'password.too-short', PASSWORD_LENGTH));
      const passwordHash = await ways.passwords.make(password);
      const opened = await changeAccount(
        site,
        visit,
        { kind: visit.account?.passwordHash === undefined ? 'registered' : 'password-set' },
        (proofs) => [...proofs, 'password'],
        async () => {
          const before = await site.portal.account(recipient);
          const account = { ...(before ?? newAccount(recipient, now)), passwordHash, changedAt: now };
          return site.portal.putAccount(account, before, []);
        },
      );
      return routes.changed(visit, opened);
    }),
  );

  server.post(
    '/account/language',
    routes.onChange(async (visit) => {
      const { reply, session, now, language } = visit;
      if (!(await front.acceptsForm(visit, '/account'))) return reply;
      const opened = await changeAccount(
        site,
        visit,
        { kind: 'language' },
        (proofs) => proofs,
        async () => {
          const before = await site.portal.account(session.recipient);
          const account = { ...(before ?? newAccount(session.recipient, now)), language, changedAt: now };
          return site.portal.putAccount(account, before, []);
        },
      );
      return routes.changed(visit, opened);
    }),
  );

  // These two need no proof: they can only take rights away.
  server.post(
    '/account/device/forget',
    front.onSession(async (visit) => {
      const { request, reply, session, client } = visit;
      if (!(await front.acceptsForm(visit, '/account'))) return reply;
      const { recipient } = session;
      const wanted = formField(request.body, 'device');
      const devices = await site.portal.devices(recipient, visit.now, MOST_DEVICES);
      const found = devices.find(({ tokenHash }) => deviceKey(tokenHash) === wanted);
      if (found !== undefined)
        await withAccount(site, recipient, () =>
          site.portal.removeDevice(found.tokenHash, recipient, session.tokenHash, site.clock.now(), [
            auditEvent('portal.account-changed', {
              recipient,
              clientAddress: client,
              change: 'device-forgotten',
            }),
          ]),
        );
      return seeOther(reply, '/account');
    }),
  );
  server.post(
    '/account/sign-out-everywhere',
    front.onSession(async (visit) => {
      if (!(await front.acceptsForm(visit, '/account'))) return visit.reply;
      const opened = await changeAccount(
        site,
        visit,
        { kind: 'signed-out-everywhere' },
        () => [],
        async () => true,
      );
      return routes.changed(visit, opened);
    }),
  );
}

/** What stands for a passkey in forms. */
export function passkeyKey(credentialId: Uint8Array): string {
  return createHash('sha256').update(credentialId).digest('base64url');
}

/** What stands for a remembered browser in forms: nothing that its cookie could be told from. */
function deviceKey(tokenHash: Uint8Array): string {
  return createHash('sha256').update(tokenHash).digest('base64url');
}
