import type { LoadedConfig } from '../config/load.js';
import type { DoctorDns } from './dns.js';
import type { RelayView } from './relay-view.js';

/** How much a finding matters: `problem` keeps mail from travelling as it should, `warning` soon will. */
export type Level = 'ok' | 'warning' | 'problem';

/** One thing that was looked at. */
export interface Finding {
  /** Name of the check, as `--only` takes it. */
  readonly check: string;
  readonly level: Level;
  /** What was seen, in one sentence. Holds no secret and nothing out of mail. */
  readonly what: string;
  /** What to do; always there for warnings and problems. */
  readonly fix?: string;
}

/** What checks need besides the network. */
export interface DoctorContext {
  readonly loaded: LoadedConfig;
  readonly dns: DoctorDns;
  /** What the relay that runs says of itself. */
  readonly relay: RelayView;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How long one question to the network may take, in milliseconds. */
  readonly timeout: number;
  /** PEM certificates that count as trusted besides the system's; for authorities of your own. */
  readonly trusted: readonly string[];
}

export type Check = (context: DoctorContext) => Promise<readonly Finding[]>;

export function ok(check: string, what: string): Finding {
  return { check, level: 'ok', what };
}

export function warning(check: string, what: string, fix: string): Finding {
  return { check, level: 'warning', what, fix };
}

export function problem(check: string, what: string, fix: string): Finding {
  return { check, level: 'problem', what, fix };
}
