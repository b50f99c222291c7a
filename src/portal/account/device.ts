import { auditEvent } from '../../audit/events.js';
import { deviceCookie, setCookie } from '../cookies.js';
import { newSecret, secretHash } from '../secrets.js';
import type { Site, Visit } from '../site.js';

/** Remembers this browser for a recipient who has just proved the mailbox; nothing where that is not configured. */
export async function rememberDevice(
  site: Pick<Site, 'portal' | 'config' | 'settings'>,
  { reply, now, client }: Pick<Visit, 'reply' | 'now' | 'client'>,
  recipient: string,
): Promise<void> {
  const lifetime = site.config.remember_device;
  if (lifetime === undefined) return;
  const token = newSecret();
  const tokenHash = secretHash(token);
  if (tokenHash === undefined) throw new Error('a new secret has no hash');
  await site.portal.putDevice({ tokenHash, recipient, createdAt: now, expiresAt: now + lifetime }, [
    auditEvent('portal.account-changed', { recipient, clientAddress: client, change: 'device-remembered' }),
  ]);
  reply.header(
    'set-cookie',
    setCookie(deviceCookie(site.settings.secure), token, Math.max(1, Math.floor(lifetime / 1000))),
  );
}
