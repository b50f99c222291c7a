import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { BULK_SENDER, type CampaignStage, campaignStage } from '../support/campaign.js';
import { PATIENT } from '../support/patience.js';

/*
 * A campaign of 2,000 messages in the stream `bulk`, and lab results of the same identity in `clinical`: whatever the
 * campaign does, no result waits behind more than a few of its messages. Counted by the server that gets both, in order.
 */

const BULK = 2000;
/** Bulk messages that may arrive between a result's 250 and the result. */
const FEW = 100;

let stage: CampaignStage;
let openGate: () => void = () => undefined;

beforeAll(async () => {
  const gate = new Promise<void>((resolve) => {
    openGate = resolve;
  });
  stage = await campaignStage({ onBulk: () => gate });
});

afterAll(async () => {
  openGate();
  await stage?.close();
});

describe('a campaign', () => {
  it('that is stuck on every connection it may have keeps no result back', async () => {
    await stage.submitBulk(BULK);
    for (const name of ['stuck1', 'stuck2', 'stuck3']) {
      await stage.submitResult(name);
      await stage.arrival(name);
    }
    expect(stage.bulkTaken()).toBe(0);
  });

  it('that goes on lets each result pass, and arrives whole itself', async () => {
    openGate();
    const passed: number[] = [];
    for (let n = 0; n < 15; n++) {
      await stage.submitResult(`moving${n}`);
      const before = stage.bulkTaken();
      await stage.arrival(`moving${n}`);
      if (before < BULK) passed.push(stage.bulkTaken() - before);
    }
    // The campaign was still under way for some of them, or nothing was shown.
    expect(passed.length).toBeGreaterThan(2);
    expect(Math.max(...passed)).toBeLessThanOrEqual(FEW);
    await vi.waitFor(() => expect(stage.bulkTaken()).toBe(BULK), PATIENT);
    const bulk = stage.sink.messages.filter((one) => one.sender === BULK_SENDER);
    expect(new Set(bulk.flatMap((one) => one.recipients)).size).toBe(BULK);
  });

  it('leaves no trace of streams in the mail, and shows them in listings', async () => {
    for (const { text } of stage.sink.messages) expect(text).not.toMatch(/sallyport-stream/i);
    const delivered = () =>
      openReadOnly(stage.home.dataDir, (store) => store.list({ states: ['delivered'], limit: 5000 }));
    // The last of them have arrived, but that may not be on record yet.
    await vi.waitFor(() => expect(delivered()).toHaveLength(BULK + 18), PATIENT);
    const streams = delivered().map(({ message }) => message.stream);
    expect(streams.filter((one) => one === 'clinical')).toHaveLength(18);
    expect(new Set(streams)).toEqual(new Set(['clinical', 'bulk']));
  });
});
