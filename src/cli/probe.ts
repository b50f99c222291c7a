import { type Command, Option } from 'commander';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { createResolver } from '../deliver/resolver.js';
import { createTlsContexts } from '../deliver/tls-contexts.js';
import { doctorDns } from '../doctor/dns.js';
import type { ReachedTlsLevel, TlsLevel } from '../model/method.js';
import { probeDomain } from '../probe/probe.js';
import { type ProbeReport, type ProbeVerdict, verdictOf } from '../probe/report.js';
import { canonicalDomain } from '../shared/address.js';
import { errorText, UserError } from '../shared/errors.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { printable, printJson, printLine, printTable } from './print.js';
import { secondsOption, withTimeout } from './timeout-option.js';

interface Options {
  readonly config: string;
  readonly tls: TlsLevel;
  readonly timeout: string;
  readonly json?: boolean;
}

/** `sallyport probe`: what transport security a domain offers, now. */
export function registerProbe(program: Command): void {
  withTimeout(
    withConfig(program.command('probe').description('what transport security a domain offers, now'))
      .argument('<domain>', 'recipient domain')
      .addOption(
        new Option('--tls <level>', 'the level that is asked about: exit status 1 where no server has it')
          .choices(['encrypted', 'verified'])
          .default('verified'),
      ),
  )
    .option('--json', 'as JSON')
    .action(async (given: string, options: Options) => {
      const domain = canonicalDomain(given);
      if (domain === undefined)
        throw new UserError(`${printable(given)} is no domain: give what stands behind the @ of an address`, {
          exitStatus: 2,
        });
      const timeout = secondsOption(options.timeout);
      const report = await probed(await loadConfig(configFile(options)), domain, timeout);
      const verdict = verdictOf(report, options.tls);
      if (options.json === true) printJson(asJson(report, verdict, options.tls));
      else print(report, verdict, options.tls);
      if (!verdict.usable) process.exitCode = 1;
    });
}

async function probed(loaded: LoadedConfig, domain: string, timeout: number): Promise<ProbeReport> {
  const contexts = createTlsContexts(() => loaded);
  return probeDomain(
    {
      loaded,
      resolver: createResolver(loaded.config.dns),
      txt: doctorDns(loaded.config.dns).txt,
      setup: async (route) => {
        try {
          return await contexts.get(route, true);
        } catch (error) {
          const where = route === undefined ? '`delivery.ca`' : `route ${route.name}`;
          throw new UserError(`a CA or certificate file of ${where} can't be used: ${errorText(error)}`);
        }
      },
      remembered: (one) => rememberedOf(loaded.dataDir, one),
      timeout,
    },
    domain,
  );
}

/** Without a database nothing was ever sent from here. */
function rememberedOf(dataDir: string, domain: string): ReachedTlsLevel | undefined {
  if (!databaseExists(dataDir)) return undefined;
  return openReadOnly(dataDir, (store) => store.tlsMemory().find((one) => one.domain === domain)?.level);
}

function asJson(report: ProbeReport, verdict: ProbeVerdict, wanted: TlsLevel) {
  return {
    domain: report.domain,
    route: report.route ?? null,
    wanted,
    usable: verdict.usable,
    best: verdict.best ?? null,
    worst: verdict.worst ?? null,
    remembered: report.remembered ?? null,
    mta_sts: report.mtaSts ?? null,
    problem: report.problem ?? (report.tls.available ? null : report.tls.reason),
    servers: report.servers.map(({ host, address, port, tls, problem }) => ({
      host,
      address,
      port,
      level: tls?.level ?? null,
      protocol: tls?.protocol ?? null,
      cipher: tls?.cipher ?? null,
      fingerprint: tls?.fingerprint ?? null,
      problem: problem ?? tls?.shortfall ?? null,
    })),
  };
}

function print(report: ProbeReport, verdict: ProbeVerdict, wanted: TlsLevel): void {
  const { domain, route, servers, problem } = report;
  printLine(`${domain}, ${route === undefined ? 'by MX' : `by route ${route}`}`);
  printLine('');
  if (servers.length === 0) return printLine(`No server to ask: ${problem ?? 'the domain has none'}.`);
  printTable(
    ['server', 'address', 'TLS', 'protocol', 'cipher suite', 'certificate', 'why not more'],
    servers.map((one) => [
      `${one.host}:${one.port}`,
      one.address,
      one.tls?.level ?? 'not reached',
      one.tls?.protocol ?? '',
      one.tls?.cipher ?? '',
      one.tls?.fingerprint?.slice(0, 16) ?? '',
      one.problem ?? one.tls?.shortfall ?? '',
    ]),
    'no server to ask',
  );
  printLine('');
  if (problem !== undefined) printLine(`Not all could be asked: ${problem}.`);
  printLine(demandSentence(report, verdict, wanted));
  if (verdict.worst === 'none')
    printLine('Mail for which no rule demands protection may travel to it in the clear.');
  if (verdict.fell)
    printLine(
      `TLS was ${report.remembered} once: notices and codes wait until it is again, or until \`sallyport tls reset ${domain}\`. Ask its administrator first.`,
    );
  if (report.mtaSts === true)
    printLine('The domain says that it has an MTA-STS policy; this relay does not read those.');
}

function demandSentence({ tls }: ProbeReport, { usable, best }: ProbeVerdict, wanted: TlsLevel): string {
  if (usable) return `Mail that demands ${wanted} TLS can be delivered by TLS now.`;
  const why = !tls.available
    ? tls.reason
    : best === undefined
      ? 'no server answered'
      : best === 'none'
        ? 'no server offers TLS that counts'
        : `the best that a server has is ${best}`;
  return `Mail that demands ${wanted} TLS can't be delivered by TLS now: ${why}. It goes by the next method that its rules allow, or waits.`;
}
