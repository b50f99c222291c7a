import type { PortalPasskey } from '../../model/portal-item.js';
import { formField } from '../../web/forms.js';
import type { PasskeyForm } from '../page-data.js';
import type { OpenedSession } from '../sign-in.js';
import type { Front, Site, Visit } from '../site.js';
import { useOfPasskey } from './pages.js';
import { answeringPasskey, MOST_ANSWER, requestOptions } from './passkeys.js';
import { type Attempt, checkPasskey, raise } from './proving.js';
import type { Ways } from './ways.js';
import { withAccount } from './with-account.js';

/** For routes whose form carries a passkey's answer. */
export const PASSKEY_BODY = { bodyLimit: 16 * 1024 } as const;

/**
 * The form of a page that asks for a passkey, with a challenge for this browser alone.
 * @param passkeys those that would do; left out: any that the browser knows of (a discoverable credential)
 */
export async function passkeyForm(
  site: Site,
  front: Front,
  ways: Ways,
  visit: Visit,
  action: string,
  passkeys?: readonly PortalPasskey[],
): Promise<PasskeyForm> {
  const form = front.form(visit, action);
  const { challenge, json } = await requestOptions(site.settings, passkeys);
  ways.challenges.put(`get\n${form.token}`, challenge, visit.now);
  return useOfPasskey(visit.t, form, json);
}

/**
 * Opens or raises a session by what the page's passkey form brought; undefined when it proved nothing.
 * @param recipient whose passkey it must be; left out: whosesoever it is
 */
export async function signInByPasskey(
  site: Site,
  ways: Ways,
  visit: Visit,
  attempt: Attempt,
  recipient?: string,
): Promise<OpenedSession | undefined> {
  const { body } = visit.request;
  const answer = formField(body, 'answer', MOST_ANSWER);
  // Taken whatever comes of it: a challenge is for one try.
  const challenge = ways.challenges.take(`get\n${formField(body, 'token') ?? ''}`, visit.now);
  const credentialId = answeringPasskey(answer);
  const owner =
    recipient ??
    (credentialId === undefined ? undefined : (await site.portal.passkey(credentialId))?.recipient);
  return withAccount(site, owner ?? '', async () => {
    const right = await checkPasskey(site, ways, credentialId, answer, challenge, owner, attempt);
    if (!right || owner === undefined) return undefined;
    return raise(site, visit.session, owner, ['passkey'], attempt);
  });
}
