/*
 * Inspects mails, or parses them with mailparser. In a thread of its own and in plain JavaScript, as the relay does it.
 * `thread.ts` has the types.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { simpleParser } from 'mailparser';

const { inspectMessage } = await import(workerData.inspectMessage);
const OPTIONS = {
  limits: { max_depth: 20, max_parts: 1000, max_part_text: 20 * 1024 * 1024 },
  fingerprintKey: new Uint8Array(32),
};

const WORK = {
  inspect: (mail) => inspectMessage(mail, OPTIONS),
  // What its users do with it: a tree of parts, text and attachments, and nothing is looked for.
  mailparser: (mail) => simpleParser(Buffer.from(mail), { skipImageLinks: true }),
};

parentPort.on('message', async ({ kind, mails, units, seconds }) => {
  const work = WORK[kind];
  const each = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  let rounds = 0;
  do {
    for (const mail of mails) {
      const began = performance.now();
      await work(mail);
      each.push(performance.now() - began);
    }
    rounds++;
  } while (performance.now() - start < seconds * 1000);
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  parentPort.postMessage({ spent: { units: units * rounds, wall, cpu: (user + system) / 1e6 }, each });
});
