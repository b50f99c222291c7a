import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { loadConfig } from '../../config/load.js';
import { createLog } from '../../ops/log.js';
import { type Relay, startRelay } from '../../relay.js';
import { systemClock } from '../../shared/clock.js';
import { openReadOnly } from '../../store/read-only.js';
import { type Peers, startPeers } from './peers.js';
import { importPublicKeys, makePeople, type People } from './people.js';
import { type DemoResult, report } from './report.js';
import { submitSamples } from './submit.js';

/** Longest wait for the last message to reach its end, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Runs the relay with local peers on loopback, gives it the keys of two recipients, sends the samples, and compares what
 * happened with what the shipped policies say: states, methods, what the peers saw in the clear, what the recipients' keys
 * open, and the audit log.
 * @param progress told each step in words
 */
export async function runDemo(progress: (text: string) => void): Promise<DemoResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
  const peers = await startPeers(systemClock.now());
  try {
    const people = await makePeople(systemClock.now());
    progress(`recipients' servers: ${peers.list.map((peer) => `${peer.domain} (${peer.name})`).join(', ')}`);
    const dataDir = join(folder, 'data');
    const relay = await startDemoRelay(folder, peers, people);
    try {
      progress(`keys imported: ${await importPublicKeys(dataDir, people)}`);
      const submitted = await submitSamples(relay, progress);
      progress('waiting until every recipient reached its end or the portal');
      await settled(dataDir, relay);
      return await report({
        auditDir: join(dataDir, 'audit'),
        submitted,
        received: peers.received,
        people: people.list,
      });
    } finally {
      await relay.stop('the demo is over');
    }
  } finally {
    await peers.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startDemoRelay(folder: string, peers: Peers, people: People): Promise<Relay> {
  const caFile = join(folder, 'demo-ca.pem');
  const peopleCaFile = join(folder, 'people-ca.pem');
  await writeFile(caFile, peers.caPem);
  await writeFile(peopleCaFile, people.caPem);
  const configFile = join(folder, 'config.yaml');
  await writeFile(configFile, stringify(demoConfig(peers, caFile, peopleCaFile)));
  const loaded = await loadConfig(configFile);
  return startRelay(loaded, { clock: systemClock, log: createLog(loaded.config.logging) });
}

function demoConfig(peers: Peers, caFile: string, peopleCaFile: string) {
  return {
    hostname: 'sallyport.clinic.example',
    data_dir: 'data',
    policies: fileURLToPath(new URL('../../../policies', import.meta.url)),
    organisation: {
      name: 'Example Clinic',
      domains: ['clinic.example'],
      postmaster: 'postmaster@clinic.example',
    },
    logging: { level: 'error' },
    first_account: { name: 'demo', senders: ['clinic.example'] },
    listeners: [{ name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true }],
    delivery: {
      routes: peers.list.map((peer, i) => ({
        name: `peer-${i}`,
        domains: [peer.domain],
        host: '127.0.0.1',
        port: peer.port,
        kind: 'recipient-server',
        tls_name: `mx.${peer.domain}`,
        ca: caFile,
      })),
      first_retry: '1s',
      max_retry: '2s',
    },
    portal: {
      address: '127.0.0.1:0',
      url: 'https://127.0.0.1:8443',
      sender: 'pickup@clinic.example',
      code_over_plain: 'hold',
    },
    // A CA of the demo publishes no revocation lists.
    keys: { trust_anchors: [{ file: peopleCaFile, revocation: 'not-published' }] },
    admin: { address: '127.0.0.1:0' },
    audit: { syslog: false },
  };
}

/** Every recipient has left `received` and `pending`; retries of the busy server take some seconds. */
async function settled(dataDir: string, relay: Relay): Promise<void> {
  const deadline = systemClock.now() + PATIENCE_MS;
  for (;;) {
    await relay.idle();
    const counts = openReadOnly(dataDir, (store) => store.counts());
    if (counts.received + counts.pending === 0) return;
    if (systemClock.now() > deadline)
      throw new Error('not every recipient reached its end or the portal in time');
    await delay(100);
  }
}
