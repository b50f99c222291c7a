import { auditEvent } from '../../audit/events.js';
import type { PortalSession } from '../../model/portal-item.js';
import { setCookie } from '../../web/cookies.js';
import { newSecret, secretHash } from '../../web/secrets.js';
import { deviceCookie } from '../cookies.js';
import type { Site, Visit } from '../site.js';
import { clientName } from './client-name.js';

/**
 * Remembers this browser for the recipient of a session that has just proved the mailbox; not when that has ended
 * meanwhile, because what ends sessions forgets browsers, too. Nothing where that is not configured.
 */
export async function rememberDevice(
  site: Pick<Site, 'portal' | 'config' | 'settings'>,
  { request, reply, now, client }: Pick<Visit, 'request' | 'reply' | 'now' | 'client'>,
  session: PortalSession,
): Promise<void> {
  const lifetime = site.config.remember_device;
  if (lifetime === undefined) return;
  const token = newSecret();
  const tokenHash = secretHash(token);
  if (tokenHash === undefined) throw new Error('a new secret has no hash');
  const { recipient } = session;
  const name = clientName(request.headers['user-agent']);
  const device = { tokenHash, recipient, client: name, createdAt: now, expiresAt: now + lifetime };
  const kept = await site.portal.putDevice(device, session.tokenHash, [
    auditEvent('portal.account-changed', { recipient, clientAddress: client, change: 'device-remembered' }),
  ]);
  if (!kept) return;
  reply.header(
    'set-cookie',
    setCookie(deviceCookie(site.settings.secure), token, Math.max(1, Math.floor(lifetime / 1000))),
  );
}
