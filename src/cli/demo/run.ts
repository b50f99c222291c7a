import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import { stringify } from 'yaml';
import { verifyAuditLog } from '../../audit/verify.js';
import { loadConfig } from '../../config/load.js';
import { createLog } from '../../ops/log.js';
import { type Relay, startRelay } from '../../relay.js';
import { systemClock } from '../../shared/clock.js';
import { openReadOnly } from '../../store/read-only.js';
import { type Peers, startPeers } from './peers.js';
import { readStory, type StoryLine } from './read-story.js';
import { SAMPLES, type Sample } from './samples.js';

/** One recipient of one sample, and what became of it. */
export interface DemoRow {
  readonly sample: string;
  readonly recipient: string;
  readonly findings: string;
  readonly decision: string;
  readonly wire: string;
  readonly auditSeq: string;
  /** What is not as the policy says; absent when all is well. */
  readonly problem?: string;
}

export interface DemoResult {
  readonly rows: readonly DemoRow[];
  /** Everything that is not as it should be. */
  readonly problems: readonly string[];
  readonly events: number;
  readonly auditHead: string;
}

/** Longest wait for the last message to reach its end, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Runs the relay with local peers on loopback, sends the samples, and compares what happened with what the shipped
 * policies say: states, methods, what the peers saw in the clear, and the audit log.
 * @param progress told each step in words
 */
export async function runDemo(progress: (text: string) => void): Promise<DemoResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
  const peers = await startPeers(systemClock.now());
  try {
    progress(`recipients' servers: ${peers.list.map((peer) => `${peer.domain} (${peer.name})`).join(', ')}`);
    const relay = await startDemoRelay(folder, peers);
    try {
      const ids = await sendSamples(relay, progress);
      progress('waiting until every recipient reached its end or the portal');
      await settled(join(folder, 'data'), relay);
      return await report(folder, peers, ids);
    } finally {
      await relay.stop('the demo is over');
    }
  } finally {
    await peers.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startDemoRelay(folder: string, peers: Peers): Promise<Relay> {
  const caFile = join(folder, 'demo-ca.pem');
  await writeFile(caFile, peers.caPem);
  const configFile = join(folder, 'config.yaml');
  await writeFile(configFile, stringify(demoConfig(peers, caFile)));
  const loaded = await loadConfig(configFile);
  return startRelay(loaded, { clock: systemClock, log: createLog(loaded.config.logging) });
}

function demoConfig(peers: Peers, caFile: string) {
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
    admin: { address: '127.0.0.1:0' },
    audit: { syslog: false },
  };
}

/** Submits every sample as a mail client would; gives our ID of each. */
async function sendSamples(
  relay: Relay,
  progress: (text: string) => void,
): Promise<ReadonlyMap<Sample, string>> {
  const { firstAccount } = relay;
  const port = relay.listeners[0]?.port;
  if (firstAccount === undefined || port === undefined)
    throw new Error('the demo relay has no account or listener');
  const client = createTransport({
    host: '127.0.0.1',
    port,
    requireTLS: true,
    // The demo's certificate is self-signed and a moment old.
    tls: { rejectUnauthorized: false },
    auth: { user: firstAccount.name, pass: firstAccount.password },
  });
  const ids = new Map<Sample, string>();
  try {
    for (const sample of SAMPLES) {
      const to = sample.expected.map((one) => one.to);
      const from = 'ward3@clinic.example';
      const sent = await client.sendMail(
        sample.raw === undefined
          ? {
              from,
              to,
              subject: sample.subject,
              text: sample.text,
              ...(sample.html === undefined ? {} : { html: sample.html }),
              attachments: (sample.attachments ?? []).map((one) => ({
                filename: one.fileName,
                content: one.content,
                contentType: one.mediaType,
              })),
            }
          : { envelope: { from, to }, raw: sample.raw },
      );
      const id = /queued as ([a-z0-9]+)/.exec(sent.response)?.[1];
      if (id === undefined) throw new Error(`the relay's answer has no ID: ${sent.response}`);
      ids.set(sample, id);
      progress(`sent “${sample.name}” to ${to.join(', ')}: ${id}`);
    }
  } finally {
    client.close();
  }
  return ids;
}

async function report(folder: string, peers: Peers, ids: ReadonlyMap<Sample, string>): Promise<DemoResult> {
  const auditDir = join(folder, 'data', 'audit');
  const rows: DemoRow[] = [];
  for (const [sample, id] of ids) {
    const story = readStory(auditDir, id);
    for (const expected of sample.expected) rows.push(rowOf(sample, expected.to, story, expected));
  }
  const problems = rows.flatMap((row) =>
    row.problem === undefined ? [] : [`${row.sample}, ${row.recipient}: ${row.problem}`],
  );
  problems.push(...leaks(peers));
  const verified = verifyAuditLog({
    dir: auditDir,
    publicKey: createPublicKey(await readFile(join(auditDir, 'public-key.pem'))),
  });
  problems.push(...verified.problems.map((one) => `audit log: ${one.text}`));
  return { rows, problems, events: verified.events, auditHead: verified.head.hash };
}

function rowOf(
  sample: Sample,
  recipient: string,
  story: readonly StoryLine[],
  expected: Sample['expected'][number],
): DemoRow {
  const mine = story.filter((line) => line.recipient === undefined || line.recipient === recipient);
  const decided = mine.find((line) => line.kind === 'decided');
  const last = mine.findLast((line) => line.kind === 'end');
  const reached =
    last === undefined ? 'no end' : `${last.state}${last.method === undefined ? '' : ` by ${last.method}`}`;
  const wanted = `${expected.state}${expected.method === undefined ? '' : ` by ${expected.method}`}`;
  return {
    sample: sample.name,
    recipient,
    findings: mine.find((line) => line.kind === 'inspected')?.text ?? 'not inspected',
    decision: decided?.text ?? 'not decided',
    wire: mine
      .filter((line) => line.kind === 'attempt' || line.kind === 'end')
      .map((line) => line.text)
      .join('\n'),
    auditSeq: mine.length === 0 ? '' : `${mine[0]?.seq}–${mine[mine.length - 1]?.seq}`,
    ...(reached === wanted ? {} : { problem: `expected ${wanted}, but it is ${reached}` }),
  };
}

/** What left in the clear may hold a sample's text only for recipients for whom no rule asked for protection. */
function leaks(peers: Peers): readonly string[] {
  const inTheClear = peers.received.filter((got) => got.tls === undefined);
  return inTheClear.flatMap((got) =>
    SAMPLES.filter((sample) => got.bytes.includes(sample.canary)).flatMap((sample) =>
      got.recipients
        .filter((to) => !sample.expected.some((one) => one.to === to && one.method === 'plain'))
        .map((to) => `${sample.name}: travelled in the clear to ${to}`),
    ),
  );
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
