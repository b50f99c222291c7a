import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { METHODS } from '../model/method.js';
import { UserError } from '../shared/errors.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';
import { recipientOf } from './queue.js';
import { describeRow, messageJson, showMessage } from './queue-view.js';

/** `sallyport held`: messages that wait for a person. */
export function registerHeld(program: Command): void {
  const held = program.command('held').description('messages waiting for a person');

  withConfig(held.command('list').description('list held recipients'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const rows = openReadOnly(dataDir, (store) => store.list({ states: ['held'], limit: 10_000 }));
      if (options.json === true) return printJson(rows.map(describeRow));
      printTable(
        ['id', 'received', 'sender', 'recipient', 'reason', 'becomes a bounce'],
        rows.map(({ message, recipient }) => [
          message.id,
          printTime(message.receivedAt),
          message.sender === '' ? '<>' : message.sender,
          recipient.address,
          recipient.lastReason ?? recipient.decision?.holdReason ?? '',
          printTime(recipient.expiresAt),
        ]),
        'nothing is held',
      );
    });

  withConfig(held.command('show').description('why a message is held'))
    .argument('<id>', 'message ID')
    .option('--json', 'as JSON')
    .action(async (id: string, options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const rows = openReadOnly(dataDir, (store) =>
        store.list({ messageId: id, states: ['held'], limit: 10_000 }),
      );
      const first = rows[0];
      if (first === undefined) throw new UserError(`no message with the ID ${id} is held`);
      if (options.json === true) return printJson(messageJson(rows));
      showMessage(first.message, rows);
    });

  withConfig(held.command('release').description('let held recipients go by a method that the rules allow'))
    .argument('<id>', 'message ID')
    .option('--recipient <address>', 'only this recipient')
    .option('--method <method>', `one of ${METHODS.join(', ')}; default: the first allowed one`)
    .action(async (id: string, options: { config: string; recipient?: string; method?: string }) => {
      await perform(options, 'held release', {
        id,
        ...recipientOf(options),
        ...(options.method === undefined ? {} : { method: options.method }),
      });
      printLine(`released ${id}`);
    });

  withConfig(held.command('reject').description('bounce held recipients to the sender'))
    .argument('<id>', 'message ID')
    .option('--recipient <address>', 'only this recipient')
    .requiredOption('--reason <text>', 'what the sender is told; no patient data (required)')
    .action(async (id: string, options: { config: string; recipient?: string; reason: string }) => {
      await perform(options, 'held reject', { id, reason: options.reason, ...recipientOf(options) });
      printLine(`rejected ${id}`);
    });
}
