import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { UserError } from '../shared/errors.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';

/** `sallyport suppress`: addresses that are not tried again. */
export function registerSuppress(program: Command): void {
  const suppress = program.command('suppress').description('addresses that are not to be tried again');

  withConfig(suppress.command('list').description('list the suppressed addresses, newest first'))
    .option('--limit <n>', 'how many at most', '200')
    .option('--json', 'as JSON')
    .action(async (options: { config: string; limit: string; json?: boolean }) => {
      const limit = Number(options.limit);
      if (!Number.isInteger(limit) || limit < 1)
        throw new UserError('--limit must be a positive number', { exitStatus: 2 });
      const { dataDir } = await loadConfig(configFile(options));
      const rows = openReadOnly(dataDir, (store) => store.suppressions(Date.now(), limit));
      if (options.json === true)
        return printJson(
          rows.map(({ address, reason, status, host, messageId, actor, addedAt, expiresAt }) => ({
            address,
            reason,
            status,
            host,
            messageId,
            actor,
            addedAt,
            expiresAt,
          })),
        );
      printTable(
        ['address', 'since', 'until', 'status', 'by', 'reason'],
        rows.map((one) => [
          one.address,
          printTime(one.addedAt),
          one.expiresAt === undefined ? '' : printTime(one.expiresAt),
          one.status ?? '',
          one.actor ?? 'the gateway',
          one.reason,
        ]),
        'no address is suppressed',
      );
    });

  withConfig(suppress.command('add').description('bounce mail to an address at once instead of trying it'))
    .argument('<address>', 'recipient address')
    .requiredOption('--reason <text>', 'why, for the audit log and the DSN; no patient data (required)')
    .option('--for <span>', 'for so long, such as 12h or 30d; default: until it is removed')
    .action(async (address: string, options: { config: string; reason: string; for?: string }) => {
      const span = options.for === undefined ? {} : { for: options.for };
      await perform(options, 'suppress add', { address, reason: options.reason, ...span });
      printLine(`${address} is not tried any more`);
    });

  withConfig(suppress.command('remove').description('try an address again'))
    .argument('<address>', 'recipient address')
    .option('--reason <text>', 'why, for the audit log; no patient data')
    .action(async (address: string, options: { config: string; reason?: string }) => {
      const why = options.reason === undefined ? {} : { reason: options.reason };
      await perform(options, 'suppress remove', { address, ...why });
      printLine(`${address} is tried again`);
    });
}
