/*
 * Does what is measured. In a thread of its own and in plain JavaScript, because that is how the relay seals: beside
 * everything that the benchmark has in memory, each garbage collection would take longer. `thread.ts` has the types.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { rawOnce } from './raw.mjs';

const { product, messages } = workerData;
const { buildPayload } = await import(product.payload);
const { sealPgp } = await import(product.pgp);
const { sealSmime } = await import(product.smime);
const { judgeOpenPgp } = await import(product.openPgpKeys);
const { judgeCertificate } = await import(product.certificates);

/** As much as the store gives at a time. */
const CHUNK = 64 * 1024;
const PAYLOAD = { subject: '[...]', legacyDisplay: false };

parentPort.on('message', async (job) => parentPort.postMessage(await measured(job)));

/** Until the time is over; each key once at least. */
async function measured(job) {
  const once = job.kind === 'raw' ? () => rawOnce(job.cipher, bytesOf(job), job.lines) : sealing(job);
  const least = job.kind === 'raw' ? 1 : job.keys.length;
  const cpu = process.cpuUsage();
  const start = performance.now();
  let calls = 0;
  do await once(calls++);
  while (calls < least || performance.now() - start < job.seconds * 1000);
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { units: calls * job.unitsEach, wall, cpu: (user + system) / 1e6 };
}

/** All that a copy takes, from the stored message to the last line of what is sent. */
function sealing(job) {
  const original = originalOf(bytesOf(job));
  return async (index) => {
    const known = job.keys[index % job.keys.length];
    const key = job.judge === undefined ? known : await judged(job.judge);
    const payload = await buildPayload(original, PAYLOAD);
    const now = Date.now();
    const copy =
      job.kind === 'pgp'
        ? sealPgp({ payload, keys: [key], hiddenKeyIds: false, now })
        : sealSmime({ payload, key, ...job.algorithms, now });
    let size = 0;
    for await (const chunk of copy) size += chunk.length;
    if (size < original.size) throw new Error('nothing was sealed');
  };
}

async function judged({ material, chain, address, options }) {
  const verdict =
    chain === undefined
      ? await judgeOpenPgp(material, address, options.limits, options.now)
      : judgeCertificate(material, chain, address, options);
  if (!verdict.usable) throw new Error(`the key is not usable: ${verdict.reason}`);
  return verdict.sealing;
}

function bytesOf({ message }) {
  const bytes = messages[message];
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function originalOf(bytes) {
  return {
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
    },
  };
}
