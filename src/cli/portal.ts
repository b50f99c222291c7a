import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';

/** `sallyport portal`: pickup items. */
export function registerPortal(program: Command): void {
  const portal = program.command('portal').description('pickup items');

  withConfig(portal.command('list').description('list pickup items'))
    .option('--message <id>', 'only those of this message')
    .option('--recipient <address>', 'only those of this recipient')
    .option('--json', 'as JSON')
    .action(async (options: { config: string; message?: string; recipient?: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const items = openReadOnly(dataDir, (store) =>
        store.items({
          ...(options.message === undefined ? {} : { messageId: options.message }),
          ...(options.recipient === undefined ? {} : { recipient: options.recipient }),
          limit: 10_000,
        }),
      );
      // The link's hash is nobody's business.
      const shown = items.map((item) => ({
        id: item.id,
        messageId: item.messageId,
        recipientIndex: item.recipientIndex,
        recipient: item.recipient,
        sender: item.sender,
        createdAt: item.createdAt,
        expiresAt: item.expiresAt,
        state: item.state,
        ...(item.firstReadAt === undefined ? {} : { firstReadAt: item.firstReadAt }),
        strength: item.strength,
      }));
      if (options.json === true) return printJson(shown);
      printTable(
        ['item', 'message', 'recipient', 'state', 'created', 'first read', 'expires'],
        shown.map((one) => [
          one.id,
          one.messageId,
          one.recipient,
          one.state,
          printTime(one.createdAt),
          printTime(one.firstReadAt),
          printTime(one.expiresAt),
        ]),
        'no pickup items',
      );
    });

  withConfig(portal.command('revoke').description('end a pickup item at once; says if it was read before'))
    .argument('<item>', 'item ID')
    .requiredOption('--reason <text>', 'why, for the audit log; no patient data (required)')
    .action(async (item: string, options: { config: string; reason: string }) => {
      const result = await perform(options, 'portal revoke', { item, reason: options.reason });
      printLine(`revoked ${item}`);
      if (JSON.stringify(result).includes('"wasRead":true')) printLine('it had been read before');
    });

  withConfig(
    portal
      .command('unlock')
      .description('let a recipient in again: a new passphrase to tell by telephone, shown once'),
  )
    .argument('<address>', 'the recipient, whom you have recognised')
    .option('--json', 'as JSON')
    .action(async (address: string, options: { config: string; json?: boolean }) => {
      const result = await perform(options, 'portal unlock', { address });
      if (options.json === true) return printJson(result);
      const { passphrase, items } = unlockResult.parse(result);
      printLine(`unlocked ${address}`);
      if (passphrase === undefined)
        return printLine('no message waits that asks for more than a code, so there is no passphrase');
      printLine(`passphrase for ${items === 1 ? 'one message' : `${items} messages`}: ${passphrase}`);
      printLine('Tell it by telephone, on a number that you know; never by mail.');
    });
}

const unlockResult = z.object({ passphrase: z.string().optional(), items: z.number() });
