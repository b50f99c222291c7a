import { setTimeout as delay } from 'node:timers/promises';
import { type CampaignStage, campaignStage } from '../support/campaign.js';
import type { BenchTable, Subject } from './subject.js';

/** What a campaign does to the time that a lab result takes from the 250 to the recipient's server. */
export const streams: Subject = { name: 'streams', run };

const BULK = 20_000;
/** With nothing else to do; during the campaign they go on until its end. */
const QUIET_RESULTS = 200;
const EVERY_MS = 100;

async function* run(): AsyncGenerator<BenchTable> {
  const stage = await campaignStage({});
  try {
    const quiet = await results(stage, 'quiet', (sent) => sent < QUIET_RESULTS);
    const began = performance.now();
    let running = true;
    const campaign = stage.submitBulk(BULK).then(async () => {
      while (stage.bulkTaken() < BULK) await delay(50);
      running = false;
    });
    const busy = await results(stage, 'busy', () => running);
    await campaign;
    const seconds = (performance.now() - began) / 1000;
    yield {
      title: 'Streams: a lab result, from its 250 to the recipient’s server',
      head: ['', 'results', 'p50', 'p99', 'most'],
      rows: [row('nothing else to do', quiet), row(`with a campaign of ${BULK} under way`, busy)],
      notes: [
        `The campaign was submitted, judged and delivered in ${seconds.toFixed(0)} s (${(BULK / seconds).toFixed(0)} messages/s).`,
        `A result, and ${EVERY_MS} ms after its arrival the next. Both streams go to one server; client and server run on the same cores.`,
      ],
    };
  } finally {
    await stage.close();
  }
}

/** Times in milliseconds, of one result after another. */
async function results(
  stage: CampaignStage,
  name: string,
  goesOn: (sent: number) => boolean,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let n = 0; goesOn(n); n++) {
    await stage.submitResult(`${name}${n}`);
    const accepted = performance.now();
    await stage.arrival(`${name}${n}`);
    times.push(performance.now() - accepted);
    await delay(EVERY_MS);
  }
  return times;
}

function row(what: string, times: readonly number[]): readonly string[] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN).toFixed(0)} ms`;
  return [what, String(times.length), at(0.5), at(0.99), at(1)];
}
