import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Every named point of a message's journey at which the process can be killed, with how often it is passed while fifty
 * messages are under way, at least: the hit at which the kill falls is drawn from that.
 */
export const FAULT_POINTS = {
  'start.store-opened': 1,
  'intake.before-finish': 40,
  'body.created': 6,
  'body.written': 6,
  'body.before-sync': 6,
  'body.synced': 6,
  'body.folder-synced': 3,
  'intake.before-insert': 40,
  'writer.begun': 6,
  'writer.before-audit-commit': 4,
  'writer.between-commits': 4,
  'writer.committed': 6,
  'writer.before-checkpoint': 6,
  'reader.begun': 6,
  'intake.inserted': 40,
  'intake.answered': 40,
  'inspect.before-begin': 40,
  'inspect.begun': 40,
  'inspect.in-thread': 10,
  'inspect.done': 40,
  'decide.before-commit': 40,
  'decide.committed': 40,
  'deliver.before-attempt': 10,
  'deliver.attempt-begun': 10,
  'protect.before': 10,
  'protect.in-thread': 5,
  'protect.done': 10,
  'deliver.before-dial': 2,
  'deliver.connected': 2,
  'deliver.envelope-answered': 10,
  'deliver.data-answered': 10,
  'deliver.content-sent': 10,
  'deliver.dot-sent': 10,
  'deliver.dot-answered': 10,
  'deliver.before-commit': 10,
  'deliver.committed': 10,
  'portal.before-commit': 5,
  'portal.committed': 5,
  'bounce.before-commit': 3,
  'bounce.committed': 3,
  'destroy.before-commit': 5,
  'destroy.committed': 5,
  'body.before-unlink': 1,
  'body.unlinked': 1,
} as const;

export type FaultPoint = keyof typeof FAULT_POINTS;

/** What happens at the planned hit of a point. */
export interface FaultPlan {
  readonly point: string;
  /** From 1. */
  readonly hit: number;
  readonly action: 'kill' | 'end-thread' | 'loop' | 'eat';
  /** File to which the point's name is written just before. */
  readonly report: string;
}

/** A piece of a compiled file (by its path in dist/) that is replaced: a mutant, which must be noticed. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A relay that stops waits for an hour for what it waits for at all: a test that ends shows that it did not wait. */
export const WAITS_FOR_AN_HOUR: readonly Edit[] = [
  { file: 'relay/parts.js', from: 'DRAIN_MS = 30_000', to: 'DRAIN_MS = 3_600_000' },
  // Nor does a connection to one of its sites end by itself.
  { file: 'web/server.js', from: 'STANDSTILL_MS = 120_000', to: 'STANDSTILL_MS = 3_600_000' },
];

/** How a relay is started so that it has the points; with a plan, so that one of them is fatal. */
export function withFaultPoints(
  plan?: FaultPlan,
  edits: readonly Edit[] = [],
): { readonly nodeArgs: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const register = pathToFileURL(fileURLToPath(new URL('./register.mjs', import.meta.url))).href;
  return {
    // What is loaded by require() passes no loader hooks; the pools' threads load their entry so where that is possible.
    nodeArgs: ['--no-experimental-require-module', '--import', register],
    env: {
      SALLYPORT_FAULT_EDITS: JSON.stringify(edits),
      ...(plan === undefined ? {} : { SALLYPORT_FAULT_PLAN: JSON.stringify(plan) }),
    },
  };
}
