import { readFileSync } from 'node:fs';
import type { PortalAccount } from '../../model/portal-item.js';
import { parseAddress } from '../../shared/address.js';
import { foldAddress } from '../../shared/fold-address.js';
import { seeOther } from '../../web/answers.js';
import { formField } from '../../web/forms.js';
import type { WebServer } from '../../web/server.js';
import { newestSender } from '../brand.js';
import type { PageData } from '../page-data.js';
import type { Front, SessionVisit, Site, Visit } from '../site.js';
import { acceptsTry, enter } from './entering.js';
import { addressField, passwordField, sendForm, totpField } from './pages.js';
import { PASSKEY_BODY, passkeyForm, signInByPasskey } from './passkey-steps.js';
import { checkPassword, checkTotp, raise } from './proving.js';
import type { Ways } from './ways.js';
import { withAccount } from './with-account.js';

/** Signing in to an account, without a link. */
export function signInRoutes(server: WebServer, site: Site, front: Front, ways: Ways): void {
  const script = readFileSync(new URL('../templates/passkey.js', import.meta.url), 'utf8');
  server.get('/passkey.js', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=3600').type('text/javascript; charset=utf-8').send(script),
  );

  const page = async (visit: Visit, status: number, problem?: string) => {
    const { t } = visit;
    return sendForm(site, front, visit, status, {
      title: t('sign-in.title'),
      paragraphs: [t('sign-in.what')],
      ...(problem === undefined ? {} : { problem }),
      form: {
        ...front.form(visit, '/sign-in'),
        fields: [addressField(t), passwordField(t)],
        button: t('sign-in.title'),
      },
      passkey: await passkeyForm(site, front, ways, visit, '/sign-in/passkey'),
      links: [{ href: '/lost', label: t('password.lost') }],
    });
  };

  server.get(
    '/sign-in',
    front.onVisit(async (visit) => page(visit, 200)),
  );

  server.post(
    '/sign-in',
    front.onVisit(async (visit) => {
      const { request, reply, session, t } = visit;
      if (!(await acceptsTry(front, ways, visit, '/sign-in'))) return reply;
      const typed = formField(request.body, 'password');
      const address = formField(request.body, 'address', 254);
      const account = await accountOf(site, address);
      // By the address also where nobody has it: who waits for whom must not tell which addresses are known.
      const turn = account?.recipient ?? foldAddress(address?.trim() ?? '');
      const opened = await withAccount(site, turn, async () => {
        // Looked at anew, in turn: the same two questions for known and unknown addresses.
        const now = await site.portal.account(account?.recipient ?? '');
        const right = await checkPassword(site, ways, now, typed, visit);
        return right && now !== undefined
          ? raise(site, session, now.recipient, ['password'], visit)
          : undefined;
      });
      if (opened === undefined) return page(visit, 403, t('sign-in.refused'));
      const next = account?.totp?.confirmed === true ? '/sign-in/totp' : '/inbox';
      return enter(site, visit, opened, next);
    }),
  );

  server.post(
    '/sign-in/passkey',
    PASSKEY_BODY,
    front.onVisit(async (visit) => {
      if (!(await acceptsTry(front, ways, visit, '/sign-in'))) return visit.reply;
      const opened = await signInByPasskey(site, ways, visit, visit);
      return opened === undefined
        ? page(visit, 403, visit.t('step.refused'))
        : enter(site, visit, opened, '/inbox');
    }),
  );

  const totpPage = async (visit: SessionVisit, status: number, problem?: string) => {
    const { t } = visit;
    const page: PageData['form'] = {
      title: t('totp.title'),
      paragraphs: [t('totp.what')],
      ...(problem === undefined ? {} : { problem }),
      form: { ...front.form(visit, '/sign-in/totp'), fields: [totpField(t)], button: t('step.continue') },
      links: [
        { href: '/inbox', label: t('totp.later') },
        { href: '/lost', label: t('factor.lost') },
      ],
    };
    const sender = await newestSender(site.portal, visit.session.recipient);
    return sendForm(site, front, visit, status, page, sender);
  };
  const onTotp = (handler: (visit: SessionVisit) => Promise<unknown>) =>
    front.onSession(async (visit) => {
      const { proofs } = visit.session;
      return proofs.includes('password') && !proofs.includes('totp')
        ? handler(visit)
        : seeOther(visit.reply, '/inbox');
    });
  server.get(
    '/sign-in/totp',
    onTotp(async (visit) => totpPage(visit, 200)),
  );
  server.post(
    '/sign-in/totp',
    onTotp(async (visit) => {
      const { request, reply, session, t } = visit;
      if (!(await acceptsTry(front, ways, visit, '/sign-in/totp'))) return reply;
      const { recipient } = session;
      const opened = await withAccount(site, recipient, async () => {
        const account = await site.portal.account(recipient);
        return (await checkTotp(site, ways, account, formField(request.body, 'totp'), visit))
          ? raise(site, session, recipient, ['totp'], visit)
          : undefined;
      });
      return opened === undefined
        ? totpPage(visit, 403, t('step.refused'))
        : enter(site, visit, opened, '/inbox');
    }),
  );
}

/** The account of a typed address; also where only the case of the letters before the @ is different. */
export async function accountOf(
  site: Pick<Site, 'portal'>,
  typed: string | undefined,
): Promise<PortalAccount | undefined> {
  const parsed = parseAddress(typed?.trim() ?? '');
  return site.portal.account(parsed.ok ? parsed.mailbox.address : '');
}
