import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageId, recipientOf, writeLongLog } from './audit/long-log.js';
import { median } from './compare.js';
import { openAuditReader, readPublicKey, type SearchQuery, searchAudit, verifyAuditLog } from './product.js';
import type { BenchOptions, BenchTable, Subject } from './subject.js';

/** What it takes to verify a long audit log and to find something in one. */
export const audit: Subject = { name: 'audit', run };

const MILLION = 1_000_000;
const VERIFIED = MILLION;
const SEARCHED = 5 * MILLION;
/** Searches of a kind in a round, each for something else. */
const SEARCHES = 50;
const MB = 1024 * 1024;

async function* run({ rounds }: BenchOptions): AsyncGenerator<BenchTable> {
  yield inLog(VERIFIED, (dir) => verifying(dir, rounds));
  yield inLog(SEARCHED, (dir, events) => searching(dir, events, rounds));
}

function inLog(wanted: number, measure: (dir: string, events: number) => BenchTable): BenchTable {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));
  const dir = join(dataDir, 'audit');
  try {
    const began = performance.now();
    const events = writeLongLog(dataDir, dir, wanted);
    const table = measure(dir, events);
    const size = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    const made = `${events} events, ${Math.round(size / MB)} MB, made beforehand in ${Math.round((performance.now() - began) / 1000)} s with the measuring`;
    return { ...table, notes: [made, ...table.notes] };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function verifying(dir: string, rounds: number): BenchTable {
  const publicKey = readPublicKey(join(dir, 'public-key.pem'));
  const rates: number[] = [];
  const costs: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const cpu = process.cpuUsage();
    const began = performance.now();
    const report = verifyAuditLog({ dir, publicKey });
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    if (!report.ok) throw new Error(`the log does not verify: ${report.problems[0]?.text}`);
    if (round < 0) continue;
    rates.push(report.events / seconds);
    costs.push(report.events / ((user + system) / 1e6));
  }
  return {
    title: 'Audit log: verify',
    head: ['events/s', 'by CPU time', 'asked'],
    rows: [[median(rates).toFixed(0), median(costs).toFixed(0), '≥ 150000']],
    notes: ['one thread, the files in the page cache'],
  };
}

function searching(dir: string, events: number, rounds: number): BenchTable {
  const reader = openAuditReader(dir);
  const messages = events / 5;
  // Spread over the whole log.
  const nth = (i: number) => Math.floor(((i + 0.5) * messages) / SEARCHES);
  const kinds: readonly (readonly [string, (i: number) => SearchQuery])[] = [
    ['by message', (i) => ({ messageId: messageId(nth(i)), limit: 200 })],
    ['by recipient', (i) => ({ recipient: recipientOf(nth(i)), limit: 200 })],
    ['by Message-ID', (i) => ({ headerMessageId: `<${messageId(nth(i))}@clinic.example>`, limit: 200 })],
  ];
  try {
    const rows = kinds.map(([what, query]) => {
      const times: number[] = [];
      let found = 0;
      for (let round = -1; round < rounds; round++) {
        for (let i = 0; i < SEARCHES; i++) {
          const began = performance.now();
          const result = searchAudit(reader, query(i));
          if (round >= 0) times.push(performance.now() - began);
          if (result.events.length === 0) throw new Error(`nothing found ${what}`);
          found = result.events.length;
        }
      }
      const sorted = times.toSorted((a, b) => a - b);
      const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
      return [what, String(found), `${median(times).toFixed(2)} ms`, `${p99.toFixed(2)} ms`, '≤ 5 ms'];
    });
    return {
      title: 'Audit log: search',
      head: ['', 'events found', 'p50', 'p99', 'asked'],
      rows,
      notes: ['a recipient has 50 messages; 200 events at most, as the command asks for by itself'],
    };
  } finally {
    reader.close();
  }
}
