import type { AuditEventType } from './events.js';

/** What each event type is called in listings. */
export const EVENT_LABELS: Readonly<Record<AuditEventType, string>> = {
  'relay.started': 'relay started',
  'relay.stopped': 'relay stopped',
  'config.loaded': 'configuration loaded',
  'config.rejected': 'configuration refused',
  'policy.loaded': 'policy loaded',
  'policy.rejected': 'policy refused',
  'login.succeeded': 'logged in',
  'login.failed': 'log-in failed',
  'session.refused': 'refused',
  'message.accepted': 'accepted',
  'message.inspected': 'inspected',
  'message.rewritten': 'rewritten',
  'recipient.decided': 'decided',
  'recipient.held': 'held',
  'recipient.method-changed': 'method changed',
  'recipient.deferred': 'put off',
  'recipient.sealed': 'sealed',
  'recipient.delivered': 'delivered',
  'recipient.bounced': 'bounced',
  'recipient.expired': 'expired',
  'recipient.ended': 'ended',
  'recipient.released': 'released',
  'notice.queued': 'notice queued',
  'content.destroyed': 'content destroyed',
  'portal.item-created': 'put in the portal',
  'portal.opened': 'link opened',
  'portal.code-sent': 'code sent',
  'portal.code-refused': 'code refused',
  'portal.signed-in': 'signed in to the portal',
  'portal.message-read': 'read in the portal',
  'portal.attachment-read': 'attachment read in the portal',
  'portal.signed-out': 'signed out of the portal',
  'portal.refused': 'portal access refused',
  'portal.expired': 'portal item expired',
  'portal.revoked': 'portal item revoked',
  'portal.notice-undeliverable': 'pickup notice undeliverable',
  'account.added': 'account added',
  'account.password-changed': 'password changed',
  'account.disabled': 'account disabled',
  'key.imported': 'key imported',
  'key.discovered': 'key discovered',
  'key.updated': 'key updated',
  'key.pending': 'different key found',
  'key.trusted': 'key trusted',
  'key.rejected': 'key refused',
  'key.removed': 'key removed',
  'own-key.imported': 'signing key imported',
  'own-key.removed': 'signing key removed',
  'queue.retried': 'retry asked for',
  'tls-memory.reset': 'remembered TLS level forgotten',
  'roster.imported': 'roster imported',
  'roster.removed': 'roster removed',
  'audit.exported': 'log exported',
};

const LABELS: ReadonlyMap<string, string> = new Map(Object.entries(EVENT_LABELS));

/** The label of a type; a type of a newer version is its own label. */
export function eventLabel(type: string): string {
  return LABELS.get(type) ?? type;
}

export function isEventType(type: string): boolean {
  return LABELS.has(type);
}
