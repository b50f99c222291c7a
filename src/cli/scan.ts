import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { withCrlf } from '../inspect/bytes.js';
import type { Inspection, PartReport } from '../model/inspection.js';
import { withPolicies } from '../ops/in-force.js';
import { errorCode, UserError } from '../shared/errors.js';
import { detectionHere } from './detection-here.js';
import { inspectHere } from './inspect-here.js';
import { printJson, printLine, printTable } from './print.js';

/** `sallyport scan FILE`: parts and findings of a message, masked. */
export function registerScan(program: Command): void {
  program
    .command('scan')
    .description('show the parts and findings of a message, with every value masked')
    .argument('<file>', 'a message in RFC 5322 form, or - for standard input')
    .option('--config <file>', 'configuration, for its limits, detectors of its policies, and rosters')
    .option('--json', 'as JSON')
    .action(async (file: string, options: { config?: string; json?: boolean }) => {
      const { bytes, converted } = withCrlf(await readMessageFile(file));
      const inspection = await inspectWith(bytes, options.config);
      if (options.json === true) printJson(scanJson(inspection, converted));
      else print(inspection, converted);
    });
}

async function inspectWith(bytes: Uint8Array, configFile: string | undefined): Promise<Inspection> {
  if (configFile === undefined) return inspectHere(bytes);
  const { loaded, policy } = await withPolicies(await loadConfig(configFile));
  return inspectHere(bytes, loaded.config.inspect, { detection: await detectionHere(loaded, policy) });
}

async function readMessageFile(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${errorCode(error) ?? 'unknown error'}`, {
      exitStatus: 2,
      cause: error,
    });
  }
}

function scanJson(inspection: Inspection, lineEndsConverted: boolean) {
  return {
    size: inspection.size,
    lineEndsConverted,
    parts: inspection.parts.map((part) => ({
      path: part.path,
      mediaType: part.mediaType,
      disposition: part.disposition,
      status: part.status,
      size: part.size,
      ...(part.fileName === undefined ? {} : { fileName: maskedFileName(part.fileName) }),
    })),
    ambiguities: inspection.ambiguities.map(({ name, part, material }) => ({ name, part, material })),
    findings: inspection.findings.map((finding) => ({
      detector: finding.detector,
      class: finding.class,
      ...(finding.safeHarbor === undefined ? {} : { safeHarbor: finding.safeHarbor }),
      confidence: finding.confidence,
      count: finding.count,
      distinct: { ...finding.distinct },
      masked: [...finding.masked],
      where: [...finding.where],
    })),
    classifications: inspection.classifications.map((one) => ({ ...one, detectors: [...one.detectors] })),
    ...(inspection.protection === undefined ? {} : { protection: { ...inspection.protection } }),
  };
}

function print(inspection: Inspection, lineEndsConverted: boolean): void {
  if (lineEndsConverted) printLine('note: the file had bare line feeds; they were read as CRLF\n');
  printTable(
    ['part', 'type', 'name', 'status', 'bytes', 'odd'],
    inspection.parts.map((part) => [
      part.path,
      part.mediaType,
      part.fileName === undefined ? '' : maskedFileName(part.fileName),
      part.status,
      String(part.size),
      oddities(inspection, part),
    ]),
    'no parts',
  );
  printLine('');
  printTable(
    ['detector', 'class', 'confidence', 'hits', 'distinct', 'masked', 'where'],
    inspection.findings.map((finding) => [
      finding.detector,
      finding.class,
      finding.confidence,
      String(finding.count),
      String(finding.distinct.low),
      finding.masked.join(' '),
      finding.where.join(' '),
    ]),
    'no findings',
  );
  printLine('');
  const classes = inspection.classifications.map((one) => `${one.classification} (${one.confidence})`);
  const { protection } = inspection;
  if (protection !== undefined) {
    const how = [...(protection.encrypted ? ['encrypted'] : []), ...(protection.signed ? ['signed'] : [])];
    printLine(`protected by its sender: ${protection.kind}, ${how.join(' and ')}`);
  }
  printLine(`classification: ${classes.length === 0 ? 'none' : classes.join(', ')}`);
}

/** Names of ambiguities, with a mark on those that make the part ambiguous. */
function oddities(inspection: Inspection, part: PartReport): string {
  return inspection.ambiguities
    .filter((one) => one.part === part.path)
    .map((one) => (one.material ? `${one.name}!` : one.name))
    .join(' ');
}

/** File names may hold a patient's name: only the extension is shown. */
function maskedFileName(name: string): string {
  return `*${/\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? ''}`;
}
