import type { AuditEvent } from '../audit/events.js';
import type { QueueChange } from '../store/ports.js';

/** A change of the queue with the events that permit it; nothing is done until both are applied together. */
export interface Planned {
  /** To be applied before it; where that is refused, this isn't applied either. */
  readonly before?: Planned;
  readonly change: QueueChange;
  readonly events: AuditEvent[];
}

/** One change of several, events in order. `onlyIfAllApply` of any holds for all. */
export function merged(plans: readonly Planned[]): Planned {
  const changes = plans.map((plan) => plan.change);
  return {
    change: {
      recipients: changes.flatMap((one) => one.recipients ?? []),
      create: changes.flatMap((one) => one.create ?? []),
      createPortalItems: changes.flatMap((one) => one.createPortalItems ?? []),
      changePortalItems: changes.flatMap((one) => one.changePortalItems ?? []),
      suppress: changes.flatMap((one) => one.suppress ?? []),
      rememberTls: changes.flatMap((one) => one.rememberTls ?? []),
      ...(changes.some((one) => one.onlyIfAllApply === true) ? { onlyIfAllApply: true } : {}),
    },
    events: plans.flatMap((plan) => plan.events),
  };
}
