/** The identity of mail that the relay writes itself: DSNs, notices, messages about the portal. */
export const RELAY_IDENTITY = 'sallyport';

/** The identity of what recipients write in the pickup portal. */
export const PORTAL_IDENTITY = 'portal';

/** Whether nobody else may have this name: he would be taken for the relay in policies, throttles and on record. */
export function isOwnIdentity(name: string): boolean {
  return name === RELAY_IDENTITY || name === PORTAL_IDENTITY;
}
