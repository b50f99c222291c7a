import { describe, expect, it } from 'vitest';
import { createBatches, type SmallMessage } from '../../../src/inspect/batches.js';
import { type DetectionSettings, NO_SETTINGS } from '../../../src/inspect/detect/settings.js';
import type { InspectionStep } from '../../../src/inspect/inspect-message.js';
import { omittedInspection } from '../../../src/model/unread-inspection.js';
import { slots } from '../../../src/shared/slots.js';

const step = (size: number): InspectionStep => ({ kind: 'inspect', inspection: omittedInspection(size) });
const sizeOf = (one: InspectionStep) => (one.kind === 'inspect' ? one.inspection.size : -1);

/** @param guilty sizes of messages that end the thread that looks at them */
function setup(options: { threads?: number; guilty?: readonly number[] } = {}) {
  const { threads = 1, guilty = [] } = options;
  const together: number[][] = [];
  const alone: number[] = [];
  const lost: number[] = [];
  let most = 0;
  let running = 0;
  const busy = async <T>(work: () => T): Promise<T> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return work();
  };
  const add = createBatches({
    threads,
    slots: slots(threads),
    gather: () => Promise.resolve(),
    together: (batch) =>
      busy(() => {
        const sizes = batch.map(({ message }) => message.length);
        together.push(sizes);
        if (sizes.some((size) => guilty.includes(size))) throw new Error('the thread died');
        return sizes.map(step);
      }),
    onLost: (messages) => lost.push(messages),
  });
  const inspect = (size: number, detection: DetectionSettings = NO_SETTINGS) => {
    const small: SmallMessage = {
      message: new Uint8Array(size),
      detection,
      healthSender: false,
      alone: () =>
        busy(() => {
          alone.push(size);
          if (guilty.includes(size)) throw new Error('the thread died');
          return step(size);
        }),
    };
    return add(small).then(sizeOf);
  };
  return { inspect, together, alone, lost, most: () => most };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('small messages', () => {
  it('that come one at a time go alone', async () => {
    const { inspect, together, alone } = setup();
    expect([await inspect(1), await inspect(2)]).toEqual([1, 2]);
    expect([together, alone]).toEqual([[], [1, 2]]);
  });

  it('go together where more wait than there are threads, and each gets its own answer', async () => {
    const { inspect, together, alone, most } = setup({ threads: 2 });
    expect(await Promise.all(range(40).map((size) => inspect(size)))).toEqual(range(40));
    expect([...together.flat(), ...alone].sort((a, b) => a - b)).toEqual(range(40));
    expect(Math.max(...together.map((one) => one.length))).toBeLessThanOrEqual(16);
    expect(together.length + alone.length).toBeLessThan(10);
    expect(most()).toBe(2);
  });

  it('are no more together than 512 KB', async () => {
    const { inspect, together } = setup();
    const sizes = Array.from({ length: 9 }, (_, i) => 128 * 1024 - i);
    await Promise.all(sizes.map((size) => inspect(size)));
    for (const one of together) expect(one.reduce((a, b) => a + b)).toBeLessThanOrEqual(512 * 1024);
  });

  it('go together with their like: what is detected may change meanwhile', async () => {
    const { inspect, together } = setup();
    const newer = { ...NO_SETTINGS, id: 'newer' };
    const sizes = range(9);
    await Promise.all(sizes.map((size) => inspect(size, size > 4 ? newer : NO_SETTINGS)));
    for (const one of together) expect(new Set(one.map((size) => size > 4)).size).toBe(1);
  });

  it('answer each for itself when the thread dies of one', async () => {
    const { inspect, together, alone, lost } = setup({ guilty: [5] });
    const answers = await Promise.allSettled(range(12).map((size) => inspect(size)));
    expect(answers.map((one) => one.status === 'fulfilled')).toEqual(range(12).map((size) => size !== 5));
    expect(lost).toEqual([together.find((one) => one.includes(5))?.length]);
    expect(alone).toContain(5);
    // The guilty one has had no more than one try by itself.
    expect(alone.filter((size) => size === 5)).toHaveLength(1);
  });
});
