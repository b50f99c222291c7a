export const HEALTH_STATES = ['running', 'draining', 'store-hangs', 'store-failed'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** What `/healthz` says: 200 when `ok`, else 503. */
export interface Health {
  readonly ok: boolean;
  readonly state: HealthState;
  readonly enforcement: 'enforce' | 'shadow';
  readonly policyHash: string;
  /** SHA-256 (hex) of the configuration file that is in force. */
  readonly configHash: string;
}

/** For so long a disk may keep the store from an answer, in milliseconds; then clients wait in vain, or soon will. */
const HANGS_AFTER = 10_000;

/** @param unansweredFor milliseconds that the oldest question to the store has waited */
export function healthState(about: {
  readonly hasFailed: boolean;
  readonly isDraining: boolean;
  readonly unansweredFor: number;
}): HealthState {
  if (about.hasFailed) return 'store-failed';
  if (about.isDraining) return 'draining';
  return about.unansweredFor >= HANGS_AFTER ? 'store-hangs' : 'running';
}
