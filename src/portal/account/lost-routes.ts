import { parseAddress } from '../../shared/address.js';
import { seeOther, sendPage } from '../../web/answers.js';
import { formField } from '../../web/forms.js';
import { pathPart } from '../../web/path-part.js';
import type { WebServer } from '../../web/server.js';
import { enrolmentOf } from '../access.js';
import { brandFor, lostPath, newestSender, senderOfLostPath } from '../brand.js';
import type { PageData } from '../page-data.js';
import type { Front, SessionVisit, Site, Visit } from '../site.js';
import { durationText } from '../time-text.js';
import { isFresh, standsBehind } from '../ways/enrolling.js';
import { changeAccount } from './changes.js';
import { acceptsTry, enter, giveSession } from './entering.js';
import { mailCode, mailedCodeOwner } from './mailed-code.js';
import { addressField, codeField, newPasswordFields, passwordRule, sendForm, totpField } from './pages.js';
import { PASSKEY_BODY, passkeyForm, signInByPasskey } from './passkey-steps.js';
import { PASSWORD_LENGTH, passwordProblem } from './passwords.js';
import { checkTotp, raise } from './proving.js';
import { accountOf } from './sign-in-routes.js';
import { newAccount, type Ways } from './ways.js';
import { withAccount } from './with-account.js';

/**
 * A lost password: a code to the mailbox, and the second factor where one is enrolled. A lost second factor: only the
 * organisation can help, because whoever reads the mailbox could do all that this site could ask for.
 */
export function lostRoutes(server: WebServer, site: Site, front: Front, ways: Ways): void {
  for (const start of ['/lost', '/lost/of/:organisation'] as const)
    askRoutes(start, server, site, front, ways);
  passwordRoutes(server, site, front, ways);
}

/** Asking for a code, and typing it. Which organisation the visitor came from is in the path, and changes its looks alone. */
function askRoutes(
  start: '/lost' | '/lost/of/:organisation',
  server: WebServer,
  site: Site,
  front: Front,
  ways: Ways,
): void {
  /** The path of this visit's first page, and whose looks it has. */
  const whose = async (visit: Visit) => {
    const named = senderOfLostPath(site.loaded.config, pathPart(visit.request, 'organisation'));
    if (named !== '') return { path: lostPath(site.loaded.config, named), sender: named };
    const { session } = visit;
    return {
      path: '/lost',
      sender: session === undefined ? '' : await newestSender(site.portal, session.recipient),
    };
  };

  server.get(
    start,
    front.onVisit(async (visit) => {
      const { t } = visit;
      const { path, sender } = await whose(visit);
      const organisation = brandFor(site.loaded.config, sender).name;
      const page: PageData['form'] = {
        title: t('lost.title'),
        paragraphs: [t('lost.what'), t('lost.factor', { organisation })],
        form: {
          ...front.form(visit, path),
          fields: [addressField(t)],
          button: t('lost.send'),
        },
        links: [{ href: '/sign-in', label: t('sign-in.title') }],
      };
      return sendForm(site, front, visit, 200, page, sender);
    }),
  );

  server.post(
    start,
    front.onVisit(async (visit) => {
      const { request, reply } = visit;
      const { path, sender } = await whose(visit);
      if (!(await acceptsTry(front, ways, visit, path))) return reply;
      const typed = formField(request.body, 'address', 254);
      const parsed = parseAddress(typed?.trim() ?? '');
      const account = await accountOf(site, typed);
      const address = account?.recipient ?? (parsed.ok ? parsed.mailbox.address : '');
      const passkeys = await site.portal.passkeys(address);
      const token = formField(request.body, 'token') ?? '';
      const known = account !== undefined || passkeys.length > 0;
      if (await mailCode(site, ways, visit, token, address, known)) return seeOther(reply, `${path}/code`);
      reply.header('retry-after', '3600');
      return sendPage(
        reply,
        429,
        site.pages.text(front.context(visit, sender), {
          title: 'no-more-codes.title',
          paragraphs: ['no-more-codes.why', 'no-more-codes.what'],
          back: { href: `${path}/code`, label: 'no-more-codes.back' },
        }),
      );
    }),
  );

  const codePage = async (visit: Visit, status: number, problem?: string) => {
    const { t } = visit;
    const { path, sender } = await whose(visit);
    const page: PageData['form'] = {
      title: t('lost-code.title'),
      paragraphs: [t('lost-code.what', { lifetime: durationText(site.config.code_lifetime, t) })],
      ...(problem === undefined ? {} : { problem }),
      form: {
        ...front.form(visit, `${path}/code`),
        fields: [codeField(t, 'code.label')],
        button: t('step.continue'),
      },
      links: [{ href: path, label: t('lost-code.again') }],
    };
    return sendForm(site, front, visit, status, page, sender);
  };
  server.get(
    `${start}/code`,
    front.onVisit(async (visit) => codePage(visit, 200)),
  );
  server.post(
    `${start}/code`,
    front.onVisit(async (visit) => {
      const { request, reply, session, t } = visit;
      if (!(await acceptsTry(front, ways, visit, (await whose(visit)).path))) return reply;
      const token = formField(request.body, 'token') ?? '';
      const recipient = await mailedCodeOwner(site, ways, visit, token, formField(request.body, 'code'));
      const opened =
        recipient === undefined
          ? undefined
          : await withAccount(site, recipient, () => raise(site, undefined, recipient, ['mailbox'], visit));
      // The new session begins with the mailbox alone; whatever was proved before ends with the old one.
      if (opened !== undefined && session !== undefined)
        await site.portal.closeSession(session.tokenHash, []);
      return opened === undefined
        ? codePage(visit, 403, t('lost-code.refused'))
        : enter(site, visit, opened, '/lost/password');
    }),
  );
}

/** The new password, for whoever has just proved the mailbox. */
function passwordRoutes(server: WebServer, site: Site, front: Front, ways: Ways): void {
  /**
   * What is still to be shown beside the mailbox: factors that the organisation stood behind. Those that the mailbox
   * enrolled guard no better than it does, and whoever once read it may hold them, so they go.
   */
  const wanted = async ({ session }: SessionVisit) => {
    const enrolment = await enrolmentOf(site, session.recipient);
    const account = await site.portal.account(session.recipient);
    const passkeys = await site.portal.passkeys(session.recipient);
    const proved = standsBehind(session, enrolment) === 'organisation';
    return {
      totp: !proved && account?.totp?.enrolledBy === 'organisation',
      passkey: !proved && passkeys.some((one) => one.enrolledBy === 'organisation'),
    };
  };
  /** The mailbox must have been proved a short time ago. */
  const onLost = (handler: (visit: SessionVisit) => Promise<unknown>) =>
    front.onSession(async (visit) =>
      visit.session.proofs.includes('mailbox') && isFresh(visit.session, visit.now)
        ? handler(visit)
        : seeOther(visit.reply, '/lost'),
    );
  const passwordPage = async (visit: SessionVisit, status: number, problem?: string) => {
    const { t, session } = visit;
    const { totp, passkey } = await wanted(visit);
    const factor = totp || passkey;
    const passkeys = passkey ? await site.portal.passkeys(session.recipient) : [];
    const page: PageData['form'] = {
      title: t('lost-password.title'),
      paragraphs: [passwordRule(t), ...(factor ? [t('lost-password.factor')] : [])],
      ...(problem === undefined ? {} : { problem }),
      ...(passkey && !totp
        ? {}
        : {
            form: {
              ...front.form(visit, '/lost/password'),
              fields: [...newPasswordFields(t), ...(totp ? [totpField(t)] : [])],
              button: t('password.save'),
            },
          }),
      ...(passkey ? { passkey: await passkeyForm(site, front, ways, visit, '/lost/passkey', passkeys) } : {}),
      links: factor ? [{ href: '/lost', label: t('factor.lost') }] : [],
    };
    const sender = await newestSender(site.portal, session.recipient);
    return sendForm(site, front, visit, status, page, sender);
  };
  server.get(
    '/lost/password',
    onLost(async (visit) => passwordPage(visit, 200)),
  );
  server.post(
    '/lost/passkey',
    PASSKEY_BODY,
    onLost(async (visit) => {
      const { reply, session, t } = visit;
      if (!(await acceptsTry(front, ways, visit, '/lost/password'))) return reply;
      const opened = await signInByPasskey(site, ways, visit, visit, session.recipient);
      return opened === undefined
        ? passwordPage(visit, 403, t('step.refused'))
        : enter(site, visit, opened, '/lost/password');
    }),
  );
  server.post(
    '/lost/password',
    onLost(async (visit) => {
      const { request, reply, session, t, now } = visit;
      if (!(await acceptsTry(front, ways, visit, '/lost/password'))) return reply;
      const { recipient } = session;
      const password = formField(request.body, 'password');
      const problem = passwordProblem(password, formField(request.body, 'again'), recipient);
      if (problem !== undefined || password === undefined)
        return passwordPage(visit, 400, t(problem ?? 'password.too-short', PASSWORD_LENGTH));
      const factor = await wanted(visit);
      const { proofs: proved } = session;
      const keepsTotp = factor.totp || proved.includes('totp');
      const keepsPasskeys = proved.includes('passkey');
      if (factor.totp) {
        const right = await withAccount(site, recipient, async () =>
          checkTotp(site, ways, await site.portal.account(recipient), formField(request.body, 'totp'), visit),
        );
        if (!right) return passwordPage(visit, 403, t('step.refused'));
      } else if (factor.passkey) return passwordPage(visit, 403);
      const passwordHash = await ways.passwords.make(password);
      const opened = await changeAccount(
        site,
        visit,
        { kind: 'password-set' },
        (proofs) => [...proofs, 'password', ...(factor.totp ? (['totp'] as const) : [])],
        async () => {
          const before = await site.portal.account(recipient);
          const { lockedUntil: _, totp, ...account } = before ?? newAccount(recipient, now);
          if (!keepsPasskeys)
            for (const { credentialId, enrolledBy } of await site.portal.passkeys(recipient))
              if (enrolledBy === 'mailbox') await site.portal.removePasskey(credentialId, recipient, []);
          const keptTotp = totp?.enrolledBy === 'organisation' || keepsTotp ? totp : undefined;
          return site.portal.putAccount(
            {
              ...account,
              ...(keptTotp === undefined ? {} : { totp: keptTotp }),
              passwordHash,
              failures: 0,
              changedAt: now,
            },
            before,
            [],
          );
        },
      );
      if (opened === undefined) return seeOther(reply, '/sign-in');
      giveSession(site, reply, opened, now);
      return seeOther(reply, '/inbox');
    }),
  );
}
