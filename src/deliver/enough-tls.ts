import type { ReachedTlsLevel } from '../model/method.js';
import type { Shipment } from './shipment.js';
import { SmtpFailure } from './smtp-failure.js';
import type { SmtpSession } from './smtp-session.js';
import { reaches, stricter } from './tls-levels.js';

/** A password goes over verified TLS only, so such a route is never dialled for less. */
export async function wanted(
  shipment: Shipment,
): Promise<{ least: ReachedTlsLevel; configuredTls: boolean }> {
  const { configuredTls } = shipment;
  const least = await shipment.least();
  if (shipment.route?.auth === undefined) return { least, configuredTls };
  return { least: stricter(least, 'verified'), configuredTls: true };
}

/**
 * A higher level may have been seen since this connection was dialled: by another attempt, or by the TLS session that
 * broke and was replaced by clear text. Nothing was said yet about the recipients who are left.
 * @throws SmtpFailure
 */
export async function stillEnough(session: SmtpSession, shipment: Shipment): Promise<void> {
  const { least } = await wanted(shipment);
  if (reaches(session.facts.level, least)) return;
  session.wire.destroy();
  throw new SmtpFailure(
    'tls-temporary',
    session.facts.shortfall ?? 'it reached less TLS than was seen before',
  );
}
