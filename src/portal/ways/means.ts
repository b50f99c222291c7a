import type { PortalItem } from '../../model/portal-item.js';
import { foldAddress } from '../../shared/fold-address.js';
import { readCookie } from '../../web/cookies.js';
import { sameBytes, secretHash } from '../../web/secrets.js';
import { deviceCookie } from '../cookies.js';
import { takesPassphrase } from '../passphrase.js';
import type { Site, Visit } from '../site.js';
import type { Means } from './steps.js';

/** What there is to sign in with for an item, in this browser. */
export async function meansFor(
  site: Pick<Site, 'portal' | 'config' | 'settings'>,
  visit: Pick<Visit, 'request' | 'now'>,
  item: Pick<PortalItem, 'recipient' | 'passphraseHash' | 'passphraseTries'>,
): Promise<Means> {
  const account = await site.portal.account(item.recipient);
  const passkeys = await site.portal.passkeys(item.recipient);
  const password = account?.passwordHash !== undefined;
  const totp = account?.totp?.confirmed === true;
  const passkey = passkeys.length > 0;
  return {
    password,
    totp,
    passkey,
    device: await isRemembered(site, visit, item.recipient),
    sms: site.config.sms !== undefined,
    passphrase: takesPassphrase(item),
    register: !password && !totp && !passkey,
  };
}

/** Whether this browser is remembered for a recipient; not when remembering was switched off since. */
export async function isRemembered(
  site: Pick<Site, 'portal' | 'config' | 'settings'>,
  { request, now }: Pick<Visit, 'request' | 'now'>,
  recipient: string,
): Promise<boolean> {
  if (site.config.remember_device === undefined) return false;
  const token = readCookie(request.headers.cookie, deviceCookie(site.settings.secure));
  const hash = token === undefined ? undefined : secretHash(token);
  if (hash === undefined) return false;
  const device = await site.portal.device(hash, now);
  return (
    device !== undefined &&
    sameBytes(device.tokenHash, hash) &&
    device.recipient === foldAddress(recipient) &&
    // A shorter time than the one in force when it was remembered counts, too.
    now - device.createdAt < site.config.remember_device
  );
}
