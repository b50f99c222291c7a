import type { Slots } from '../shared/slots.js';
import type { DetectionSettings } from './detect/settings.js';
import type { InspectionStep } from './inspect-message.js';

/** Bytes of a message that may travel to a thread together with others. */
export const SMALL = 128 * 1024;
/** Messages of one batch, and their bytes. */
const MOST = 16;
const MOST_BYTES = 512 * 1024;

/** A message to be looked at for the first time. */
export interface SmallMessage {
  readonly message: Uint8Array;
  readonly detection: DetectionSettings;
  readonly healthSender: boolean;
  /** Looks at this one alone, with a deadline of its own. */
  readonly alone: () => Promise<InspectionStep>;
}

interface Waiting {
  readonly small: SmallMessage;
  readonly resolve: (step: InspectionStep) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gives small messages to the inspecting threads, several at a time where more wait than there are threads: each way to
 * a thread and back costs the main thread as much as a good part of the inspection. A batch that dies or is late says
 * nothing of the messages in it: each is then looked at alone, and answers for itself.
 * @param options.together looks at messages of the same settings, in their order; their memory stays with the caller
 * @param options.gather resolves when what becomes ready in this moment had the time to come along
 */
export function createBatches(options: {
  readonly threads: number;
  readonly slots: Slots;
  readonly together: (batch: readonly SmallMessage[]) => Promise<readonly InspectionStep[]>;
  readonly gather: () => Promise<void>;
  readonly onLost: (messages: number, error: unknown) => void;
}): (small: SmallMessage) => Promise<InspectionStep> {
  const { threads, slots } = options;
  const waiting: Waiting[] = [];
  let asked = 0;

  const pump = () => {
    while (asked < Math.min(threads, waiting.length)) {
      asked++;
      void slots.run(next);
    }
  };

  const next = async (): Promise<void> => {
    await options.gather();
    asked--;
    const batch = take(waiting, threads);
    pump();
    const [first] = batch;
    if (first === undefined) return;
    if (batch.length === 1) return alone(first);
    try {
      const steps = await options.together(batch.map(({ small }) => small));
      if (steps.length !== batch.length) throw new Error('a batch came back with another number of messages');
      steps.forEach((step, i) => {
        batch[i]?.resolve(step);
      });
    } catch (error) {
      options.onLost(batch.length, error);
      // Not awaited: each of them needs a place, and one of those is given back here.
      for (const one of batch) void slots.run(() => alone(one));
    }
  };

  const alone = ({ small, resolve, reject }: Waiting): Promise<void> => small.alone().then(resolve, reject);

  return (small) =>
    new Promise((resolve, reject) => {
      waiting.push({ small, resolve, reject });
      pump();
    });
}

/** The first that wait, a fair share of them for one thread, with the same settings. */
function take(waiting: Waiting[], threads: number): readonly Waiting[] {
  const first = waiting[0]?.small;
  const most = Math.min(MOST, Math.ceil(waiting.length / threads));
  let count = 0;
  for (let bytes = 0; count < most; count++) {
    const small = waiting[count]?.small;
    if (small === undefined || small.detection.id !== first?.detection.id) break;
    bytes += small.message.length;
    if (count > 0 && bytes > MOST_BYTES) break;
  }
  return waiting.splice(0, count);
}
