import { auditEvent } from '../../audit/events.js';
import type { PortalItem } from '../../model/portal-item.js';
import { hadItsCodes } from '../code-limit.js';
import { codeHash, newCode } from '../secrets.js';
import { about } from '../sign-in.js';
import type { Site } from '../site.js';
import { sendSms } from './sms.js';

/**
 * Has a new code sent by the organisation's gateway, in place of the item's code before.
 * @throws StoreUnavailable
 */
export async function sendSmsCode(
  site: Site,
  item: PortalItem,
  clientAddress: string,
  language: string,
  now: number,
): Promise<'sent' | 'unknown' | 'failed' | 'too-many'> {
  const { config, portal } = site;
  const gateway = config.sms;
  if (gateway === undefined) return 'failed';
  return site.inTurn(item.id, async () => {
    if (await hadItsCodes(site, item, now)) {
      const reason = 'too many codes asked for';
      await portal.record([auditEvent('portal.code-refused', { ...about(item, clientAddress), reason })]);
      return 'too-many';
    }
    const code = newCode();
    await portal.putCode(
      {
        itemId: item.id,
        codeHash: codeHash(site.codeKey, item.id, code),
        createdAt: now,
        expiresAt: now + config.code_lifetime,
        failedTries: 0,
        way: 'sms',
      },
      undefined,
      [auditEvent('portal.sms-asked', about(item, clientAddress))],
    );
    const tokenFile = gateway.token_file === undefined ? undefined : site.loaded.path(gateway.token_file);
    const result = await sendSms(gateway, tokenFile, { recipient: item.recipient, code, language });
    if (result.kind === 'sent') return 'sent';
    const reason = result.kind === 'failed' ? result.reason : 'the gateway knows no number';
    await portal.record([auditEvent('portal.sms-failed', { ...about(item, clientAddress), reason })]);
    return result.kind;
  });
}
