import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { RECIPIENT_STATES } from '../model/message.js';
import { UserError } from '../shared/errors.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printable, printJson, printLine, printTable, printTime } from './print.js';
import { describeRow, listingRow, messageJson, showMessage } from './queue-view.js';

/** `sallyport queue`: work in progress. */
export function registerQueue(program: Command): void {
  const queue = program.command('queue').description('work in progress');

  withConfig(queue.command('list').description('list messages that have not reached their end'))
    .option('--state <state>', `one of ${RECIPIENT_STATES.join(', ')}`)
    .option('--limit <n>', 'how many at most', '200')
    .option('--json', 'as JSON')
    .action(async (options: { config: string; state?: string; limit: string; json?: boolean }) => {
      const state = RECIPIENT_STATES.find((one) => one === options.state);
      if (options.state !== undefined && state === undefined) {
        throw new UserError(`unknown state ${options.state}; one of ${RECIPIENT_STATES.join(', ')}`, {
          exitStatus: 2,
        });
      }
      const limit = Number(options.limit);
      if (!Number.isInteger(limit) || limit < 1)
        throw new UserError('--limit must be a positive number', { exitStatus: 2 });
      const { dataDir } = await loadConfig(configFile(options));
      const rows = openReadOnly(dataDir, (store) =>
        store.list({
          states: state === undefined ? ['received', 'pending', 'held', 'in-portal'] : [state],
          limit,
        }),
      );
      if (options.json === true) return printJson(rows.map(describeRow));
      printTable(
        ['id', 'received', 'sender', 'recipient', 'state', 'method', 'attempts', 'next / ends', 'last'],
        rows.map(listingRow),
        'the queue is empty',
      );
    });

  withConfig(queue.command('show').description('one message with all its recipients'))
    .argument('<id>', 'message ID')
    .option('--json', 'as JSON')
    .action(async (id: string, options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const rows = openReadOnly(dataDir, (store) => store.list({ messageId: id, limit: 10_000 }));
      const first = rows[0];
      if (first === undefined) throw new UserError(`no message has the ID ${id}`);
      if (options.json === true) return printJson(messageJson(rows));
      showMessage(first.message, rows);
    });

  withConfig(queue.command('retry').description('try pending recipients again now'))
    .argument('<id>', 'message ID')
    .option('--recipient <address>', 'only this recipient')
    .action(async (id: string, options: { config: string; recipient?: string }) => {
      await perform(options, 'queue retry', { id, ...recipientOf(options) });
      printLine(`trying ${id} again`);
    });

  withConfig(
    queue
      .command('cancel')
      .description('end recipients that wait or are tried, and held ones as a reviewer; no DSN is sent'),
  )
    .argument('<id>', 'message ID')
    .option('--recipient <address>', 'only this recipient')
    .requiredOption('--reason <text>', 'why, for the audit log; no patient data (required)')
    .action(async (id: string, options: { config: string; recipient?: string; reason: string }) => {
      const answer = await perform(options, 'queue cancel', {
        id,
        reason: options.reason,
        ...recipientOf(options),
      });
      const { ended, left, untold } = cancelResult.parse(answer);
      printLine(`ended ${id}`);
      if (untold !== undefined)
        printLine(
          printable(
            `The portal item ${untold.item} of ${untold.recipient} waits until ${printTime(untold.expiresAt)}, and no mail tells of it now: \`portal revoke ${untold.item}\` ends it, \`portal resend ${untold.item}\` sends another notice.`,
          ),
        );
      if (left > 0)
        throw new UserError(
          `only ${ended} of ${ended + left} recipients: held ones are a reviewer's to end, others an administrator's; see \`queue show ${id}\``,
        );
    });
}

const cancelResult = z.object({
  ended: z.int(),
  left: z.int(),
  untold: z.object({ item: z.string(), recipient: z.string(), expiresAt: z.number() }).optional(),
});

/** The option as the act takes it: left out when not given. */
export function recipientOf(options: { readonly recipient?: string }): { readonly recipient?: string } {
  return options.recipient === undefined ? {} : { recipient: options.recipient };
}
