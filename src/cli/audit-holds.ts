import { join } from 'node:path';
import type { Command } from 'commander';
import { holdWords } from '../audit/describe.js';
import { listMember, member, textMember } from '../audit/json-value.js';
import { monthsKept, pruningResult } from '../audit/pruning.js';
import { planRetention } from '../audit/retention.js';
import { parseMailbox, parseTime } from '../audit/search-options.js';
import { loadConfig } from '../config/load.js';
import type { LegalHold } from '../model/legal-hold.js';
import type { ActName } from '../ops/acts/index.js';
import type { Json } from '../shared/canonical-json.js';
import { foldAddress } from '../shared/fold-address.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { printJson, printLine, printTable, printTime } from './print.js';

/** Performs a command that changes something. */
export type Perform = (
  options: { readonly config: string },
  name: ActName,
  input: { readonly [key: string]: Json | undefined },
) => Promise<Json>;

interface AddOptions {
  readonly config: string;
  readonly reason: string;
  readonly from?: string;
  readonly to?: string;
  readonly address?: string;
}

const DAY_MS = 86_400_000;

/** `sallyport audit hold` and `audit prune`: what is kept, and what goes when its time is over. */
export function registerAuditHolds(audit: Command, perform: Perform): void {
  const hold = audit
    .command('hold')
    .description('legal holds: what they cover is neither removed from the log nor destroyed');

  withConfig(hold.command('add').description('place a legal hold'))
    .argument('<name>', 'what to call it, such as matter-2026-17')
    .requiredOption('--reason <text>', 'why; no patient data, because it is in the log (required)')
    .option('--from <time>', 'mail from this day or time on (UTC); default: always')
    .option('--to <time>', 'mail up to this day, as a whole, or time')
    .option('--address <address>', 'mail from or to this address, or @domain; default: everybody')
    .action(async (name: string, options: AddOptions) => {
      const now = Date.now();
      const scope = {
        ...(options.from === undefined ? {} : { since: parseTime('--from', options.from, now, 0) }),
        ...(options.to === undefined ? {} : { until: parseTime('--to', options.to, now, DAY_MS) }),
        ...(options.address === undefined ? {} : { address: parseScope(options.address) }),
      };
      await perform(options, 'audit hold add', { name, reason: options.reason, ...scope });
      printLine(`placed ${name}: ${holdWords(scope)} is kept until the hold is removed`);
    });

  withConfig(hold.command('list').description('list the legal holds'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const holds = openReadOnly(dataDir, (store) => store.legalHolds());
      if (options.json === true) return printJson(holds.map(asJson));
      printTable(
        ['hold', 'placed', 'by', 'covers', 'reason'],
        holds.map((one) => [one.name, printTime(one.createdAt), one.actor, holdWords(one), one.reason]),
        'no legal holds',
      );
    });

  withConfig(
    hold.command('remove').description('remove a legal hold: what it alone kept goes when its time is over'),
  )
    .argument('<name>', 'name of the hold')
    .requiredOption('--reason <text>', 'why; no patient data, because it is in the log (required)')
    .action(async (name: string, options: { config: string; reason: string }) => {
      await perform(options, 'audit hold remove', { name, reason: options.reason });
      printLine(`removed ${name}`);
    });

  withConfig(
    audit
      .command('prune')
      .description('remove the months of the log that are older than `audit.retention`; legal holds stop it'),
  )
    .option('--dry-run', 'only say which')
    .option('--json', 'as JSON')
    .action(async (options: { config: string; dryRun?: boolean; json?: boolean }) => {
      const result =
        options.dryRun === true
          ? await plannedPruning(options.config)
          : await perform(options, 'audit prune', {});
      if (options.json === true) return printJson(result);
      for (const line of pruningLines(result, options.dryRun === true)) printLine(line);
    });
}

async function plannedPruning(config: string): Promise<Json> {
  const { config: read, dataDir } = await loadConfig(configFile({ config }));
  const retention = monthsKept(read.audit.retention);
  const holds = openReadOnly(dataDir, (store) => store.legalHolds());
  const plan = planRetention({ dir: join(dataDir, 'audit'), now: Date.now(), retention, holds });
  return pruningResult(plan);
}

function pruningLines(result: Json, planned: boolean): readonly string[] {
  const removed = listMember(result, 'removed').map((one) => textMember(one, 'month') ?? '');
  const heldBack = member(result, 'heldBack');
  const lines = [
    removed.length === 0
      ? 'nothing to remove: no month is older than `audit.retention`, or a legal hold keeps it'
      : `${planned ? 'would remove' : 'removed'} ${removed.join(', ')}`,
  ];
  if (heldBack !== undefined) {
    const holds = listMember(heldBack, 'holds').join(', ');
    lines.push(`${textMember(heldBack, 'month') ?? ''} and later stay, kept by the legal hold ${holds}`);
  }
  return lines;
}

function asJson({ name, reason, actor, createdAt, since, until, address }: LegalHold): Json {
  return { name, reason, actor, createdAt, since, until, address };
}

/** An address, or `@domain`, as the log has them. */
function parseScope(text: string): string {
  const whole = text.trim().startsWith('@');
  const address = parseMailbox('--address', whole ? `any${text.trim()}` : text);
  return foldAddress(whole ? address.slice(address.lastIndexOf('@')) : address);
}
