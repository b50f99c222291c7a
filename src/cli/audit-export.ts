import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Command } from 'commander';
import type { Head } from '../audit/chain.js';
import { checkCursor, readCursor, writeCursor } from '../audit/export/cursor.js';
import { EXPORT_FORMATS, type ExportFormat, lines, messages } from '../audit/export/formats.js';
import { connectSink, fileSink, parseReceiver, type Sink, streamSink } from '../audit/export/sink.js';
import { exportEvents } from '../audit/export/stream.js';
import { EXAMPLE_ENTERPRISE } from '../audit/export/syslog.js';
import { parseTime } from '../audit/search-options.js';
import { exportSnapshot, refuseOverwriting } from '../audit/snapshot.js';
import { loadConfig } from '../config/load.js';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import type { Perform } from './audit-holds.js';
import { auditDir, type Source, withReader, withSource } from './audit-source.js';
import { configFile } from './config-option.js';
import { printable, printLine } from './print.js';

interface ExportOptions extends Source {
  readonly snapshot?: string;
  readonly format?: string;
  readonly output?: string;
  readonly to?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly since?: string;
  readonly until?: string;
  readonly follow?: boolean;
  readonly cursor?: string;
  readonly enterprise: string;
}

const DAY_MS = 86_400_000;

/** `sallyport audit export`: the log for other systems, or a copy that verifies anywhere. */
export function registerAuditExport(audit: Command, perform: Perform, stop: AbortSignal | undefined): void {
  withSource(
    audit
      .command('export')
      .description('copy the log so that it can be verified anywhere, or give its events to other systems'),
  )
    .option('--snapshot <dir>', 'copy the log as it is, signed, to this new folder')
    .option('--format <format>', `events as ${EXPORT_FORMATS.join(', ')}`)
    .option('--output <file>', 'write to this new file instead of standard output')
    .option('--to <url>', 'send to a syslog receiver: tls://host:port, or tcp:// on this machine')
    .option('--ca <file>', 'certificates that may have signed the receiver’s; default: those of the system')
    .option('--cert <file>', 'our certificate, where the receiver asks for one')
    .option('--key <file>', 'its private key')
    .option('--since <time>', 'only events from this time on: 2026-11-21, or 24h for the last 24 hours')
    .option('--until <time>', 'only events up to this time; a day counts as a whole')
    .option('-f, --follow', 'go on as events are recorded')
    .option('--cursor <file>', 'keep there how far it has come, and go on from it the next time')
    .option('--enterprise <number>', 'enterprise number in structured data', String(EXAMPLE_ENTERPRISE))
    .action(async (options: ExportOptions) => {
      if ((options.snapshot === undefined) === (options.format === undefined))
        throw wrong(`choose --snapshot DIR, or --format with one of ${EXPORT_FORMATS.join(', ')}`);
      if (options.snapshot !== undefined) await snapshot(options, options.snapshot, perform);
      else await stream(options, formatOf(options.format), perform, stop);
    });
}

async function snapshot(options: ExportOptions, target: string, perform: Perform): Promise<void> {
  const dir = await auditDir(options);
  refuseOverwriting(target);
  // Recorded first: an act that is not on record must not happen.
  if (options.auditDir === undefined)
    await perform({ config: options.config }, 'audit record-export', { target });
  const report = exportSnapshot(dir, target);
  printLine(`Exported ${report.events} events to ${printable(target)}; the copy was verified.`);
  printLine('Hand it over with a checkpoint that was kept elsewhere, such as one from the system log.');
}

async function stream(
  options: ExportOptions,
  format: ExportFormat,
  perform: Perform,
  stop: AbortSignal | undefined,
): Promise<void> {
  const now = Date.now();
  const since = options.since === undefined ? undefined : parseTime('--since', options.since, now, 0);
  const until = options.until === undefined ? undefined : parseTime('--until', options.until, now, DAY_MS);
  const connect = destination(options, format);
  const enterprise = Number(options.enterprise);
  if (!Number.isInteger(enterprise) || enterprise < 1) throw wrong('--enterprise must be a number');
  const syslog = { hostname: await relayName(options), enterprise };
  const rendering =
    options.to === undefined || format === 'csv' ? lines(format, syslog) : messages(format, syslog);
  const { cursor } = options;
  await withReader(options, async (reader) => {
    const from = cursor === undefined ? undefined : readCursor(cursor);
    if (from !== undefined) checkCursor(reader, from);
    if (options.auditDir === undefined) {
      const target = options.to ?? options.output ?? 'standard output';
      await perform({ config: options.config }, 'audit record-export', { target, format });
    }
    const ended = new AbortController();
    const end = () => ended.abort();
    process.once('SIGTERM', end).once('SIGINT', end);
    stop?.addEventListener('abort', end);
    try {
      await exportEvents({
        reader,
        rendering,
        ...(from === undefined ? {} : { from }),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
        connect,
        follow: options.follow === true,
        stop: ended.signal,
        onLeft: (head: Head) => {
          if (cursor !== undefined) writeCursor(cursor, head);
        },
        isEnd: (error) => options.to === undefined && errorCode(error) === 'EPIPE',
        onBroken: (reason) =>
          process.stderr.write(
            `${printable(reason)}; trying again, from the last event that surely arrived\n`,
          ),
      });
    } finally {
      process.off('SIGTERM', end).off('SIGINT', end);
    }
  });
}

function destination(options: ExportOptions, format: ExportFormat): () => Promise<Sink> {
  const { to, output, cert, key } = options;
  if (to === undefined) {
    if ((options.ca ?? cert ?? key) !== undefined) throw wrong('--ca, --cert and --key go with --to');
    if (output === undefined) return async () => streamSink(process.stdout);
    if (options.cursor !== undefined)
      throw wrong('--cursor goes with standard output or --to; a file is written once');
    return async () => fileSink(output);
  }
  if (output !== undefined) throw wrong('choose --to or --output');
  if (format === 'csv') throw wrong('--to takes the formats jsonl, cef and syslog');
  if ((cert === undefined) !== (key === undefined)) throw wrong('--cert and --key go together');
  const receiver = {
    ...parseReceiver(to),
    ...(options.ca === undefined ? {} : { ca: readPem(options.ca) }),
    ...(cert === undefined || key === undefined
      ? {}
      : { certificate: { cert: readPem(cert), key: readPem(key) } }),
  };
  return () => connectSink(receiver);
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UserError(`cannot read ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
}

async function relayName(options: Source): Promise<string> {
  if (options.auditDir !== undefined) return hostname();
  return (await loadConfig(configFile(options))).config.hostname;
}

function formatOf(text: string | undefined): ExportFormat {
  const format = EXPORT_FORMATS.find((one) => one === text);
  if (format === undefined)
    throw wrong(`unknown --format ${text ?? ''}; one of ${EXPORT_FORMATS.join(', ')}`);
  return format;
}

function wrong(text: string): UserError {
  return new UserError(text, { exitStatus: 2 });
}
