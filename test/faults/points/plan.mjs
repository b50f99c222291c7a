import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/*
 * What is to happen at which point, as the test put it into the environment of the relay that it started:
 * {"point": …, "hit": 3, "action": "kill", "report": "/…/file"}. The third time that the point is passed, the process is
 * killed, or only the thread ends (`end-thread`), or it goes round for ever (`loop`), or eats memory (`eat`).
 */
const plan = JSON.parse(process.env.SALLYPORT_FAULT_PLAN ?? 'null');

let hits = 0;

/**
 * Passes a point; at the planned hit nothing comes after it.
 * @param {string} point
 * @param {Uint8Array} [what] is at fault, where the point is passed for something that is tried again: it is fatal each time
 */
export function pass(point, what) {
  if (plan === null || plan.point !== point) return;
  hits += 1;
  // Once: a thread that takes the place of one that ended counts anew.
  const done = existsSync(plan.report);
  if (
    done ? what === undefined || !readFileSync(plan.report, 'utf8').includes(digest(what)) : hits !== plan.hit
  )
    return;
  appendFileSync(plan.report, `${point} ${what === undefined ? '' : digest(what)}\n`);
  switch (plan.action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      // The signal may take a moment; nothing more may be done until then.
      return forEver();
    case 'end-thread':
      if (isMainThread) throw new Error('the main thread is ended by killing the process');
      return process.exit(1);
    case 'loop':
      return forEver();
    case 'eat':
      return eat();
  }
}

function digest(what) {
  return createHash('sha256').update(what).digest('hex');
}

function forEver() {
  for (;;);
}

function eat() {
  const kept = [];
  for (;;) kept.push(new Array(100_000).fill(kept.length));
}
