import { errorText } from '../shared/errors.js';
import { checkClock } from './clock.js';
import { checkSpace, checkSync } from './disk.js';
import { checkFileModes } from './files.js';
import { type Check, type DoctorContext, type Finding, problem } from './finding.js';
import { checkListeners } from './listeners.js';
import { checkNames } from './names.js';
import { checkPortal } from './portal.js';
import { checkReview } from './review.js';
import { checkRoutes } from './routes.js';
import { checkRunning } from './running.js';
import { checkUpstream } from './upstream.js';

/** Where the clock is compared. */
export interface TimeServer {
  readonly host: string;
  readonly port: number;
}

/**
 * Looks at a set-up from outside, check by check. One that fails to run is a problem itself: nothing passes for having
 * been skipped.
 */
export async function examine(
  context: DoctorContext,
  { timeServer }: { readonly timeServer: TimeServer },
): Promise<readonly Finding[]> {
  const checks: readonly (readonly [string, Check])[] = [
    ['relay', checkRunning],
    ['files', checkFileModes],
    ['space', checkSpace],
    ['sync', checkSync],
    ['clock', (own) => checkClock(own, timeServer)],
    ['dns', checkNames],
    ['listeners', checkListeners],
    ['upstream', checkUpstream],
    ['outward', checkRoutes],
    ['portal', checkPortal],
    ['review', checkReview],
  ];
  const results = await Promise.all(checks.map(([name, check]) => guarded(name, check, context)));
  return results.flat();
}

async function guarded(name: string, check: Check, context: DoctorContext): Promise<readonly Finding[]> {
  try {
    return await check(context);
  } catch (error) {
    return [
      problem(name, `could not be checked: ${errorText(error)}`, 'see to what it says, and run it again'),
    ];
  }
}
