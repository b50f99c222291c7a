import type { Proof } from '../../model/portal-item.js';
import { seeOther, sendPage } from '../../web/answers.js';
import { formField } from '../../web/forms.js';
import type { WebServer } from '../../web/server.js';
import { newestSender } from '../brand.js';
import { oneLine } from '../notice.js';
import { allowScript } from '../script-policy.js';
import type { Front, Site } from '../site.js';
import { type AccountRoutes, type AccountVisit, passkeyKey } from './account-routes.js';
import { changeAccount } from './changes.js';
import { acceptsTry } from './entering.js';
import { PASSKEY_BODY } from './passkey-steps.js';
import { creationOptions, MOST_ANSWER, newPasskey } from './passkeys.js';
import { newTotpSecret, sealTotp, totpQrCode, totpStep } from './totp.js';
import { newAccount, type Ways } from './ways.js';

const MOST_PASSKEYS = 20;

/** Enrolling and removing second factors. */
export function factorRoutes(
  server: WebServer,
  site: Site,
  front: Front,
  ways: Ways,
  { onChange, changed }: AccountRoutes,
): void {
  const { name } = site.loaded.config.organisation;
  const sessionKey = (visit: AccountVisit) => Buffer.from(visit.session.tokenHash).toString('hex');

  const authenticatorPage = async (visit: AccountVisit, status: number, problem?: string) => {
    const { session, now } = visit;
    const key = sessionKey(visit);
    const secret = ways.secrets.get(key, now) ?? newTotpSecret();
    ways.secrets.put(key, secret, now);
    const { svg, uri } = await totpQrCode(secret, oneLine(name), session.recipient);
    return sendPage(
      visit.reply,
      status,
      site.pages.page(
        'authenticator',
        front.context(visit, await newestSender(site.portal, session.recipient)),
        {
          qrCode: svg,
          uri,
          secret: secret.replace(/(.{4})(?!$)/g, '$1 '),
          form: front.form(visit, '/account/authenticator'),
          ...(problem === undefined ? {} : { problem }),
        },
      ),
    );
  };
  // It is asked for beside the password, so one is chosen first.
  server.get(
    '/account/authenticator',
    onChange(async (visit) =>
      visit.account?.passwordHash === undefined
        ? seeOther(visit.reply, '/account/password')
        : authenticatorPage(visit, 200),
    ),
  );
  server.post(
    '/account/authenticator',
    onChange(async (visit) => {
      const { request, reply, session, t, now, behind } = visit;
      if (!(await acceptsTry(front, ways, visit, '/account/authenticator'))) return reply;
      if (visit.account?.passwordHash === undefined) return seeOther(reply, '/account/password');
      const { recipient } = session;
      const secret = ways.secrets.get(sessionKey(visit), now);
      const typed = formField(request.body, 'code') ?? '';
      const step = secret === undefined ? undefined : await totpStep(secret, typed, 0, now);
      if (secret === undefined || step === undefined)
        return authenticatorPage(visit, 403, t('lost-code.refused'));
      ways.secrets.take(sessionKey(visit), now);
      const sealed = sealTotp(site.codeKey, recipient, secret);
      const opened = await changeAccount(
        site,
        visit,
        { kind: 'totp-enrolled', enrolledBy: behind },
        (proofs) => without(proofs, 'totp', ...dropped(visit)),
        async () => {
          const before = await site.portal.account(recipient);
          const totp = { sealed, enrolledBy: behind, confirmed: true, lastStep: step };
          const account = { ...(before ?? newAccount(recipient, now)), totp, changedAt: now };
          if (!(await site.portal.putAccount(account, before, []))) return false;
          await dropMailboxFactors(site, visit, 'totp');
          return true;
        },
      );
      return changed(visit, opened);
    }),
  );
  server.post(
    '/account/authenticator/remove',
    onChange(async (visit) => {
      if (!(await front.acceptsForm(visit, '/account'))) return visit.reply;
      const { recipient } = visit.session;
      const opened = await changeAccount(
        site,
        visit,
        { kind: 'totp-removed' },
        (proofs) => without(proofs, 'totp'),
        async () => {
          const before = await site.portal.account(recipient);
          if (before?.totp === undefined) return false;
          const { totp: _, ...account } = before;
          return site.portal.putAccount({ ...account, changedAt: visit.now }, before, []);
        },
      );
      return changed(visit, opened);
    }),
  );

  const passkeyPage = async (visit: AccountVisit, status: number, problem?: string) => {
    const { t, session, now } = visit;
    const { recipient } = session;
    const { challenge, json } = await creationOptions(site.settings, {
      organisation: oneLine(name),
      recipient,
      codeKey: site.codeKey,
      existing: await site.portal.passkeys(recipient),
    });
    const form = front.form(visit, '/account/passkey');
    ways.challenges.put(`create\n${form.token}`, challenge, now);
    const nonce = allowScript(visit.reply);
    return sendPage(
      visit.reply,
      status,
      site.pages.page(
        'form',
        { ...front.context(visit, await newestSender(site.portal, recipient)), nonce },
        {
          title: t('passkey-add.title'),
          paragraphs: [t('passkey-add.what'), t('passkey.what')],
          ...(problem === undefined ? {} : { problem }),
          passkey: {
            ...form,
            kind: 'create',
            options: json,
            button: t('passkey-add.add'),
            missing: t('passkey.missing'),
            failed: t('passkey.failed'),
            nameLabel: t('passkey-add.name'),
          },
          links: [{ href: '/account', label: t('account.back') }],
        },
      ),
    );
  };
  server.get(
    '/account/passkey',
    onChange(async (visit) => passkeyPage(visit, 200)),
  );
  server.post(
    '/account/passkey',
    PASSKEY_BODY,
    onChange(async (visit) => {
      const { request, reply, session, t, now, behind } = visit;
      if (!(await acceptsTry(front, ways, visit, '/account/passkey'))) return reply;
      const { recipient } = session;
      const token = formField(request.body, 'token') ?? '';
      const challenge = ways.challenges.take(`create\n${token}`, now);
      const answer = formField(request.body, 'answer', MOST_ANSWER);
      const made = challenge === undefined ? undefined : await newPasskey(site.settings, answer, challenge);
      if (made === undefined) return passkeyPage(visit, 403, t('passkey.failed'));
      const given = oneLine(formField(request.body, 'name', 60) ?? '');
      const opened = await changeAccount(
        site,
        visit,
        { kind: 'passkey-added', enrolledBy: behind },
        (proofs) => without(proofs, ...dropped(visit)),
        async () => {
          const mine = await site.portal.passkeys(recipient);
          // A credential is one row: nobody takes over somebody else's.
          if ((await site.portal.passkey(made.credentialId)) !== undefined || mine.length >= MOST_PASSKEYS)
            return false;
          await dropMailboxFactors(site, visit, 'passkey');
          await site.portal.putPasskey(
            {
              recipient,
              ...made,
              name: given === '' ? t('passkey-add.name') : given,
              enrolledBy: behind,
              createdAt: now,
            },
            [],
          );
          return true;
        },
      );
      return changed(visit, opened);
    }),
  );
  server.post(
    '/account/passkey/remove',
    onChange(async (visit) => {
      const { request, reply, session } = visit;
      if (!(await front.acceptsForm(visit, '/account'))) return reply;
      const { recipient } = session;
      const wanted = formField(request.body, 'passkey');
      const passkeys = await site.portal.passkeys(recipient);
      const found = passkeys.find(({ credentialId }) => passkeyKey(credentialId) === wanted);
      if (found === undefined) return seeOther(reply, '/account');
      const opened = await changeAccount(
        site,
        visit,
        { kind: 'passkey-removed' },
        (proofs) => without(proofs, 'passkey'),
        () => site.portal.removePasskey(found.credentialId, recipient, []),
      );
      return changed(visit, opened);
    }),
  );
}

/**
 * Where the organisation stood behind a new factor, those that the mailbox alone enrolled go: whoever once read the
 * mailbox may hold them, and beside them the new one would count for nothing.
 */
async function dropMailboxFactors(
  site: Pick<Site, 'portal'>,
  { session, behind }: AccountVisit,
  added: 'totp' | 'passkey',
): Promise<void> {
  if (behind !== 'organisation') return;
  const { recipient } = session;
  for (const { credentialId, enrolledBy } of await site.portal.passkeys(recipient))
    if (enrolledBy === 'mailbox') await site.portal.removePasskey(credentialId, recipient, []);
  if (added === 'totp') return;
  const account = await site.portal.account(recipient);
  if (account?.totp?.enrolledBy !== 'mailbox') return;
  const { totp: _, ...rest } = account;
  await site.portal.putAccount(rest, account, []);
}

/** What a session proved by factors that go then. */
function dropped({ behind, enrolment }: AccountVisit): readonly Proof[] {
  if (behind !== 'organisation') return [];
  return (['totp', 'passkey'] as const).filter((factor) => enrolment[factor] === 'mailbox');
}

function without(proofs: readonly Proof[], ...gone: readonly Proof[]): readonly Proof[] {
  return proofs.filter((proof) => !gone.includes(proof));
}
