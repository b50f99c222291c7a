import type { LogEvent } from './run.js';

/** A member of an event's data that is text; '' when it is not there. */
export function textOf(event: LogEvent, name: string): string {
  const value = memberOf(event.data, name);
  return typeof value === 'string' ? value : '';
}

export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** The event behind which a recipient is never tried again, and the state that its row then has. */
export const ENDS: Readonly<Record<string, string>> = {
  'recipient.delivered': 'delivered',
  'recipient.bounced': 'bounced',
  'recipient.expired': 'expired',
  'recipient.ended': 'ended',
};

/** What the log says a recipient's copy may travel by. */
export interface LoggedDecision {
  readonly seq: number;
  readonly order: readonly string[];
  readonly disposition: string;
  readonly isProtected: boolean;
  readonly shadow: boolean;
}

export function decisionOf(event: LogEvent): LoggedDecision {
  const decision = memberOf(event.data, 'decision');
  const disposition = memberOf(memberOf(decision, 'demand'), 'disposition');
  return {
    seq: event.seq,
    order: textsOf(memberOf(decision, 'order')),
    disposition: typeof disposition === 'string' ? disposition : '',
    isProtected: memberOf(decision, 'protected') === true,
    shadow: memberOf(decision, 'enforcement') === 'shadow',
  };
}
