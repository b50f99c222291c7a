import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { activityReport } from '../audit/report/activity.js';
import { activityDocument } from '../audit/report/activity-document.js';
import { reportCsv } from '../audit/report/as-csv.js';
import { reportHtml } from '../audit/report/as-html.js';
import { reportText } from '../audit/report/as-text.js';
import type { ReportDocument } from '../audit/report/document.js';
import { type PeriodOptions, parsePeriod } from '../audit/report/period.js';
import { shadowReport } from '../audit/report/shadow.js';
import { shadowDocument } from '../audit/report/shadow-document.js';
import { loadConfig } from '../config/load.js';
import { errorText, UserError } from '../shared/errors.js';
import { cleanJson, type Source, withReader, withSource } from './audit-source.js';
import { configFile } from './config-option.js';
import { printable } from './print.js';

interface ReportCommand extends Source, PeriodOptions {
  readonly shadow?: boolean;
  readonly top: string;
  readonly csv?: boolean;
  readonly html?: boolean;
  readonly json?: boolean;
  readonly output?: string;
}

/** `sallyport audit report`: what happened in a period, or would have happened without shadow mode. */
export function registerAuditReport(audit: Command): void {
  withSource(
    audit
      .command('report')
      .description('what happened in a period: mail, protection, holds, failures, log-ins, changes'),
  )
    .option('--from <time>', 'from this day or time on (UTC), or a span before now such as 7d')
    .option('--to <time>', 'up to this day, as a whole, or time')
    .option('--month <month>', 'one month, such as 2026-11; default: this month')
    .option('--shadow', 'what would have been protected, held and rejected while in shadow mode')
    .option('--top <n>', 'lines of each list', '20')
    .option('--csv', 'as CSV')
    .option('--html', 'as one HTML file, to be read and printed')
    .option('--json', 'as JSON')
    .option('--output <file>', 'write to this new file instead of standard output')
    .action(async (options: ReportCommand) => {
      const period = parsePeriod(options, Date.now());
      const top = Number(options.top);
      if (!Number.isInteger(top) || top < 1 || top > 10_000)
        throw new UserError('--top must be a number from 1 to 10000', { exitStatus: 2 });
      if ([options.csv, options.html, options.json].filter((one) => one === true).length > 1)
        throw new UserError('choose one of --csv, --html and --json', { exitStatus: 2 });
      const organisation = await organisationName(options);
      await withReader(options, (reader) => {
        if (options.shadow === true) {
          const report = shadowReport(reader, period, { top });
          write(options, report, shadowDocument(report, organisation));
        } else {
          const report = activityReport(reader, period, { top });
          write(options, report, activityDocument(report, organisation));
        }
      });
    });
}

async function organisationName(options: Source): Promise<string | undefined> {
  if (options.auditDir !== undefined) return undefined;
  return (await loadConfig(configFile(options))).config.organisation.name;
}

function write(options: ReportCommand, report: unknown, document: ReportDocument): void {
  const text = rendered(options, report, document);
  if (options.output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    // Addresses are in it: for its owner alone, and never over another file.
    writeFileSync(options.output, text, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new UserError(`cannot write ${options.output}: ${errorText(cause)}`, { cause });
  }
}

function rendered(options: ReportCommand, report: unknown, document: ReportDocument): string {
  if (options.json === true) return `${cleanJson(report, 2)}\n`;
  if (options.html === true) return reportHtml(document);
  if (options.csv === true) return cleanCsv(document);
  return `${reportText(document).map(printable).join('\n')}\n`;
}

function cleanCsv(document: ReportDocument): string {
  return reportCsv(document).split('\r\n').map(printable).join('\r\n');
}
