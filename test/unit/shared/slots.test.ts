import { afterEach, describe, expect, it, vi } from 'vitest';
import { slots } from '../../../src/shared/slots.js';
import { streamSlots } from '../../../src/shared/stream-slots.js';

/** Runs jobs that end when they are told to, in the order they began. */
function byHand() {
  const began: string[] = [];
  const ends: (() => void)[] = [];
  return {
    began,
    job: (name: string) => () => {
      began.push(name);
      return new Promise<void>((done) => ends.push(done));
    },
    running: () => ends.length,
    endOne: async () => {
      ends.shift()?.();
      await new Promise((done) => setImmediate(done));
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('slots', () => {
  it('runs so many at once, in the order they came', async () => {
    const two = slots(2);
    const { began, job, running, endOne } = byHand();
    const all = ['a', 'b', 'c', 'd'].map((name) => two.run(job(name)));
    while (running() > 0) {
      expect(running()).toBeLessThanOrEqual(2);
      await endOne();
    }
    await Promise.all(all);
    expect(began).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets nobody wait for longer than was said, and gives the place to who came next', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const one = slots(1);
    const { began, job, endOne } = byHand();
    const first = one.run(job('hangs'));
    const late = expect(one.run(job('late'), 1000)).rejects.toMatchObject({ name: 'NoFreeSlot' });
    const patient = one.run(job('patient'));
    const short = one.run(job('in time'), 2000);
    vi.advanceTimersByTime(1500);
    await late;
    await endOne();
    await endOne();
    vi.advanceTimersByTime(5000);
    await endOne();
    await Promise.all([first, patient, short]);
    expect(began).toEqual(['hangs', 'patient', 'in time']);
  });

  it('gives a place back when a job fails', async () => {
    const one = slots(1);
    await expect(one.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(one.run(async () => 'yes')).resolves.toBe('yes');
  });
});

describe('slots of streams', () => {
  const urgency = {
    priority: (name: string) => (name === 'urgent' ? 90 : 10),
    streams: () => ['urgent', 'bulk'],
  };

  it('lets the urgent go first, and the others in the order they came', async () => {
    const three = streamSlots(3, urgency);
    const { began, job, running, endOne } = byHand();
    const all = [
      ...['a', 'b', 'c', 'd'].map((name) => three.run('bulk', job(name))),
      ...['e', 'f'].map((name) => three.run('urgent', job(name))),
    ];
    await new Promise((done) => setImmediate(done));
    while (running() > 0) {
      expect(running()).toBeLessThanOrEqual(3);
      await endOne();
    }
    await Promise.all(all);
    // One place is kept for what is urgent, though nothing of it was there.
    expect(began).toEqual(['a', 'b', 'e', 'f', 'c', 'd']);
  });

  it('takes turns between senders of a stream', async () => {
    const one = streamSlots(1, urgency);
    const { began, job, running, endOne } = byHand();
    const all = [
      ...['a1', 'a2', 'a3'].map((name) => one.run('bulk', job(name), 'a')),
      ...['b1', 'b2'].map((name) => one.run('bulk', job(name), 'b')),
    ];
    await new Promise((done) => setImmediate(done));
    while (running() > 0) await endOne();
    await Promise.all(all);
    expect(began).toEqual(['a1', 'a2', 'b1', 'a3', 'b2']);
  });

  it('keeps a place for what is not urgent while urgent mail never ends', async () => {
    const three = streamSlots(3, urgency);
    const { began, job, endOne } = byHand();
    const all: Promise<void>[] = [];
    for (let i = 0; i < 4; i++) all.push(three.run('urgent', job(`urgent ${i}`)));
    all.push(three.run('bulk', job('bulk')));
    for (let i = 4; i < 20; i++) {
      all.push(three.run('urgent', job(`urgent ${i}`)));
      await endOne();
    }
    expect(began).toContain('bulk');
    for (let i = 0; i < 20; i++) await endOne();
    await Promise.all(all);
  });

  it('gives a place back when a job fails', async () => {
    const one = streamSlots(1, urgency);
    await expect(one.run('bulk', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(one.run('urgent', async () => 'yes')).resolves.toBe('yes');
  });
});
