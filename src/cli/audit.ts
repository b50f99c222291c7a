import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { formatCheckpoint } from '../audit/checkpoint.js';
import { readEvidence } from '../audit/checkpoint-evidence.js';
import { toCsv } from '../audit/csv.js';
import { describeEvent } from '../audit/describe.js';
import type { LoggedEvent } from '../audit/logged-event.js';
import { type AuditReader, eventPager, newestCheckpoint, readHead, toEvent } from '../audit/reader.js';
import { messageOf, recipientOf, searchAudit } from '../audit/search.js';
import { parseSearch, type SearchOptions } from '../audit/search-options.js';
import { LISTING_HEAD, type ListingRow, listingCells, listingRow } from '../audit/search-rows.js';
import { PUBLIC_KEY_FILE, readPublicKey } from '../audit/signing-key.js';
import { readStory } from '../audit/story.js';
import { storyLines } from '../audit/story-text.js';
import { subjectFingerprint } from '../audit/subject-fingerprint.js';
import { verifyAuditLog } from '../audit/verify.js';
import { reportLines } from '../audit/verify-text.js';
import { timeWords } from '../audit/words.js';
import { loadConfig } from '../config/load.js';
import { UserError } from '../shared/errors.js';
import { deriveKey, loadMasterKey } from '../store/master-key.js';
import { registerAuditExport } from './audit-export.js';
import { type Perform, registerAuditHolds } from './audit-holds.js';
import { registerAuditReport } from './audit-report.js';
import { auditDir, cleanJson, printCleanJson, type Source, withReader, withSource } from './audit-source.js';
import { configFile } from './config-option.js';
import { printable, printLine, printTable } from './print.js';

export interface AuditDeps {
  /**
   * What changes something, or must be on record before it is done (`audit.exported`): through the running relay, or
   * with the store opened under its lock. Not called for `--audit-dir`: a snapshot has no writer.
   */
  readonly perform: Perform;
  /** Ends `tail -f`; otherwise it ends with the process. */
  readonly stop?: AbortSignal;
}

const POLL_MS = 250;

/** `sallyport audit`: the log. Everything but the export's record only reads, whether or not a relay runs. */
export function registerAudit(program: Command, deps: AuditDeps): void {
  const audit = program.command('audit').description('the audit log');
  const command = (name: string, description: string) =>
    withSource(audit.command(name).description(description));

  command('search', 'find events')
    .option(
      '--since <time>',
      'from this time on: 2026-11-21, 2026-11-21T14:00Z, or 24h for the last 24 hours',
    )
    .option('--until <time>', 'up to this time; a day counts as a whole')
    .option('--sender <address>', 'mail of this sender (<> is the empty one)')
    .option('--recipient <address>', 'mail to this recipient')
    .option('--id <id>', 'our message ID')
    .option('--message-id <id>', "the Message-ID header's value")
    .option(
      '--subject <text>',
      'mail with this Subject as a whole, by its keyed fingerprint; reads the master key',
    )
    .option('--outcome <state>', 'events that lead to this state, such as delivered or held')
    .option('--method <method>', 'events with this method, such as portal')
    .option('--rule <rule>', 'mail for which this rule matched')
    .option('--detector <name>', 'mail in which this detector or classification was found')
    .option('--type <type>', 'events of this type, such as login.failed')
    .option('--limit <n>', 'how many at most, the newest ones', '200')
    .option('--json', 'as JSON')
    .option('--csv', 'as CSV')
    .action(async (options: Source & SearchOptions & { json?: boolean; csv?: boolean }) => {
      const key = options.subject === undefined ? undefined : await fingerprintKey(options);
      const query = parseSearch(options, Date.now(), (subject) =>
        key === undefined ? undefined : subjectFingerprint(key, subject),
      );
      await withReader(options, (reader) => {
        const { events, more } = searchAudit(reader, query);
        const rows = events.map((event) => listingRow(reader, event));
        if (options.json === true) printCleanJson(rows);
        else if (options.csv === true) {
          process.stdout.write(toCsv([LISTING_HEAD, ...rows.map((row) => listingCells(row).map(printable))]));
        } else printRows(rows);
        if (more) {
          process.stderr.write(`These are the newest ${query.limit}; there are more (--limit, --until).\n`);
        }
      });
    });

  command('show', 'the whole story of one message')
    .argument('<id>', 'message ID, as in "queued as …"')
    .option('--json', 'as JSON')
    .action((id: string, options: Source & { json?: boolean }) =>
      withReader(options, (reader) => {
        const story = readStory(reader, id.trim());
        if (story === undefined) throw new UserError(`the audit log has no message ${printable(id)}`);
        if (options.json === true) printCleanJson(story);
        else for (const line of storyLines(story)) printLine(printable(line));
      }),
    );

  command('tail', 'the newest events')
    .option('-n, --lines <n>', 'how many', '10')
    .option('-f, --follow', 'go on as events are recorded')
    .option('--json', 'one JSON object a line')
    .action((options: Source & { lines: string; follow?: boolean; json?: boolean }) =>
      withReader(options, async (reader) => {
        const lines = Number(options.lines);
        if (!Number.isInteger(lines) || lines < 0) {
          throw new UserError('--lines must be a number', { exitStatus: 2 });
        }
        const print = (event: LoggedEvent) =>
          printLine(options.json === true ? cleanJson(listingRow(reader, event)) : tailLine(event));
        let seq = Math.max(0, readHead(reader).seq - lines);
        seq = printAfter(reader, seq, print);
        while (options.follow === true && deps.stop?.aborted !== true) {
          await setTimeout(POLL_MS);
          // Finished months first: the last events of one may have come after it was read.
          seq = printAfter(reader, seq, print);
          if (reader.refresh()) seq = printAfter(reader, seq, print);
        }
      }),
    );

  command('verify', 'check that nothing was changed, removed or reordered')
    .option(
      '--checkpoint <file-or-line>',
      'checkpoints kept elsewhere: a file, such as a system log, or one line',
    )
    .option(
      '--public-key <file>',
      `the key to check signatures with; default: ${PUBLIC_KEY_FILE} beside the log`,
    )
    .option('--json', 'as JSON')
    .action(async (options: Source & { checkpoint?: string; publicKey?: string; json?: boolean }) => {
      const dir = await auditDir(options);
      const publicKey = readPublicKey(options.publicKey ?? join(dir, PUBLIC_KEY_FILE));
      const evidence = options.checkpoint === undefined ? undefined : readEvidence(options.checkpoint);
      const report = verifyAuditLog({ dir, publicKey, ...(evidence === undefined ? {} : { evidence }) });
      if (options.json === true) printCleanJson(report);
      else
        for (const line of reportLines(report, options.publicKey !== undefined)) printLine(printable(line));
      if (!report.ok) throw new UserError('the audit log does not verify');
    });

  command('checkpoint', 'print the newest signed checkpoint, to be kept elsewhere').action(
    (options: Source) =>
      withReader(options, (reader) => {
        const newest = newestCheckpoint(reader);
        if (newest === undefined)
          throw new UserError(
            'the audit log has no checkpoint yet: the relay writes one after `audit.checkpoint_every` (5 minutes unless set) and when it stops',
          );
        printLine(formatCheckpoint(newest));
      }),
  );

  registerAuditExport(audit, deps.perform, deps.stop);
  registerAuditReport(audit);
  registerAuditHolds(audit, deps.perform);
}

/** The key of fingerprints. A snapshot has none: the configuration beside it says where the master key is. */
async function fingerprintKey(source: Source): Promise<Uint8Array> {
  const { config, dataDir } = await loadConfig(configFile(source));
  return deriveKey(loadMasterKey(config.master_key, dataDir, { createIfMissing: false }), 'fingerprint');
}

/** Gives every event after `seq` to `print`; gives the number of the last one. */
function printAfter(reader: AuditReader, seq: number, print: (event: LoggedEvent) => void): number {
  let last = seq;
  for (const month of reader.months) {
    const page = eventPager(month, 500);
    for (let rows = page(last); rows.length > 0; rows = page(last)) {
      for (const row of rows) {
        print(toEvent(row, month.name));
        last = row.seq;
      }
    }
  }
  return last;
}

function tailLine(event: LoggedEvent): string {
  const row = [String(event.seq), timeWords(event.at), subject(event), describeEvent(event)];
  return printable(row.filter((text) => text !== '').join('  '));
}

function printRows(rows: readonly ListingRow[]): void {
  printTable(
    ['seq', 'time', 'message', 'sender', 'recipient', 'what'],
    rows.map((row) => [
      String(row.seq),
      row.time,
      row.messageId ?? '',
      row.sender ?? '',
      row.recipient ?? '',
      row.summary,
    ]),
    'no event matches',
  );
}

/** What an event is about: its message and recipient. */
function subject(event: LoggedEvent): string {
  return [messageOf(event), recipientOf(event)].filter((text) => text !== undefined).join(' ');
}
