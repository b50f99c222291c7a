import { setTimeout as delay } from 'node:timers/promises';
import type { RecipientState } from '../../src/model/message.js';
import { openReadOnly } from '../../src/store/read-only.js';
import type { RelayHome } from './relay-process.js';

/** Waits, by looking at the database as `queue list` does, until a recipient is in one of the states. */
export async function untilState(
  home: RelayHome,
  messageId: string,
  recipient: string,
  ...states: readonly RecipientState[]
): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const seen = openReadOnly(home.dataDir, (store) =>
      store.recipients(messageId).find((one) => one.address === recipient),
    );
    if (seen !== undefined && states.includes(seen.state)) return;
    if (Date.now() > deadline) {
      throw new Error(
        `${recipient} is ${seen?.state ?? 'unknown'} (${seen?.lastReason ?? ''}), not ${states.join(' or ')}`,
      );
    }
    await delay(25);
  }
}
