import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';

/** `sallyport tls`: the highest TLS level ever seen per domain. */
export function registerTls(program: Command): void {
  const tls = program.command('tls').description('the highest TLS level ever seen for a domain');

  withConfig(tls.command('list').description('list the remembered levels'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const rows = openReadOnly(dataDir, (store) => store.tlsMemory());
      if (options.json === true)
        return printJson(rows.map(({ domain, level, at }) => ({ domain, level, at })));
      printTable(
        ['domain', 'level', 'since'],
        rows.map((one) => [one.domain, one.level, printTime(one.at)]),
        'nothing is remembered',
      );
    });

  withConfig(
    tls.command('reset').description('forget a domain, so that notices and codes may travel below its level'),
  )
    .argument('<domain>', 'recipient domain')
    .action(async (domain: string, options: { config: string }) => {
      await perform(options, 'tls reset', { domain });
      printLine(`forgot ${domain}`);
    });
}
