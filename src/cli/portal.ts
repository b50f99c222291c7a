import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { parseDuration } from '../config/units.js';
import type { PortalItem } from '../model/portal-item.js';
import { itemsMeant, portalFilter } from '../ops/acts/portal-items.js';
import { MOST_PASSPHRASE_TRIES } from '../portal/passphrase.js';
import { UserError } from '../shared/errors.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { changedItems, ITEM_COLUMNS, itemJson, itemRow, showItem } from './portal-view.js';
import { printable, printJson, printLine, printTable, printTime } from './print.js';

/** `sallyport portal`: pickup items. */
export function registerPortal(program: Command): void {
  const portal = program.command('portal').description('pickup items');

  withConfig(portal.command('list').description('list pickup items'))
    .argument('[target]', 'an item, a message or a recipient’s address')
    .option('--message <id>', 'only those of this message')
    .option('--recipient <address>', 'only those of this recipient')
    .option('--sender <address>', 'only those of this sender')
    .option('--state <state>', `only those in this state: ${ITEM_STATES.join(', ')}`)
    .option('--json', 'as JSON')
    .action(async (target: string | undefined, options: ListOptions) => {
      const state = ITEM_STATES.find((one) => one === options.state);
      if (options.state !== undefined && state === undefined)
        throw new UserError(`unknown state ${options.state}; one of ${ITEM_STATES.join(', ')}`, {
          exitStatus: 2,
        });
      const { dataDir } = await loadConfig(configFile(options));
      const items =
        target === undefined
          ? openReadOnly(dataDir, (store) =>
              store.items({
                ...(options.message === undefined ? {} : { messageId: options.message }),
                ...(options.recipient === undefined ? {} : { recipient: options.recipient }),
                ...(options.sender === undefined ? {} : { sender: options.sender }),
                ...(state === undefined ? {} : { states: [state] }),
                limit: 10_000,
              }),
            )
          : named(dataDir, target, options)
              .filter((item) => options.message === undefined || item.messageId === options.message)
              .filter((item) => options.sender === undefined || item.sender === options.sender)
              .filter((item) => state === undefined || item.state === state);
      if (options.json === true) return printJson(items.map(itemJson));
      printTable(ITEM_COLUMNS, items.map(itemRow), 'no pickup items');
    });

  withConfig(portal.command('show').description('pickup items with all that is known of them'))
    .argument('<target>', 'an item, a message or a recipient’s address')
    .option('--recipient <address>', 'of a message only this recipient’s')
    .option('--json', 'as JSON')
    .action(async (target: string, options: TargetOptions) => {
      const { dataDir } = await loadConfig(configFile(options));
      const items = named(dataDir, target, options);
      if (options.json === true) return printJson(items.map(itemJson));
      for (const item of items) showItem(item, MOST_PASSPHRASE_TRIES);
    });

  withReason(
    portal.command('revoke').description('end pickup items at once; says if they were read before'),
  ).action(async (target: string, options: ChangeOptions) => {
    const result = await perform(options, 'portal revoke', { ...targetOf(target, options) });
    if (options.json === true) return printJson(result);
    for (const { item, recipient, wasRead, firstReadAt } of changedItems.parse(result).items) {
      printLine(printable(`revoked ${item} of ${recipient}`));
      if (wasRead === true) printLine(`  it had been read before, first at ${printTime(firstReadAt)}`);
    }
  });

  withReason(portal.command('extend').description('let pickup items stay longer'))
    .requiredOption('--by <duration>', 'how much longer, such as 7d (required)')
    .action(async (target: string, options: ChangeOptions & { by: string }) => {
      const by = parseDuration(options.by);
      if (by === undefined)
        throw new UserError('--by must be a duration with a unit, such as 36h or 7d', { exitStatus: 2 });
      const result = await perform(options, 'portal extend', { ...targetOf(target, options), by });
      if (options.json === true) return printJson(result);
      for (const { item, recipient, expiresAt } of changedItems.parse(result).items)
        printLine(printable(`${item} of ${recipient} stays until ${printTime(expiresAt)}`));
    });

  withReason(
    portal
      .command('resend')
      .description(
        'send the pickup notice again, with a new link and, where one is asked for, a new passphrase',
      ),
  ).action(async (target: string, options: ChangeOptions) => {
    const result = await perform(options, 'portal resend', { ...targetOf(target, options) });
    const { items, left = [] } = changedItems.parse(result);
    if (options.json === true) printJson(result);
    else
      for (const { item, recipient } of items)
        printLine(
          printable(`sent the notice of ${item} to ${recipient} again; its link before opens nothing now`),
        );
    if (left.length > 0)
      throw new UserError(
        [
          `${left.length} of ${items.length + left.length} notices were not sent again:`,
          ...left.map(({ item, recipient, reason }) => printable(`  ${item} of ${recipient}: ${reason}`)),
        ].join('\n'),
      );
  });

  withConfig(
    portal
      .command('unlock')
      .description('let a recipient in again: a new passphrase to tell by telephone, shown once'),
  )
    .argument('<address>', 'the recipient, whom you have recognised')
    .option(
      '--reset',
      'remove the account: password, second factors, passkeys, remembered browsers and sessions',
    )
    .option('--json', 'as JSON')
    .action(async (address: string, options: { config: string; reset?: boolean; json?: boolean }) => {
      const reset = options.reset === true;
      const result = await perform(options, 'portal unlock', { address, ...(reset ? { reset } : {}) });
      if (options.json === true) return printJson(result);
      const { passphrase, items, reset: removed } = unlockResult.parse(result);
      if (reset)
        printLine(
          removed === true ? 'removed the account; its owner is told by mail' : 'there was no account',
        );
      printLine(`unlocked ${address}`);
      if (passphrase === undefined)
        return printLine('no message waits that asks for more than a code, so there is no passphrase');
      printLine(`passphrase for ${items === 1 ? 'one message' : `${items} messages`}: ${passphrase}`);
      printLine('Tell it by telephone, on a number that you know; never by mail.');
    });
}

interface TargetOptions {
  readonly config: string;
  readonly recipient?: string;
  readonly json?: boolean;
}

interface ListOptions extends TargetOptions {
  readonly message?: string;
  readonly sender?: string;
  readonly state?: string;
}

interface ChangeOptions extends TargetOptions {
  readonly reason: string;
}

const ITEM_STATES: readonly PortalItem['state'][] = [
  'waiting',
  'picked-up',
  'expired',
  'revoked',
  'undeliverable',
];

function withReason(command: Command): Command {
  return withConfig(command)
    .argument('<target>', 'an item, a message or a recipient’s address: then all of theirs')
    .option('--recipient <address>', 'of a message only this recipient’s')
    .requiredOption('--reason <text>', 'why, for the audit log; no patient data (required)')
    .option('--json', 'as JSON');
}

function targetOf(target: string, { recipient, reason }: ChangeOptions) {
  return { target, reason, ...(recipient === undefined ? {} : { recipient }) };
}

/** The items that an argument names; newest first. */
function named(dataDir: string, target: string, { recipient }: TargetOptions): readonly PortalItem[] {
  const wanted = { target, recipient };
  return openReadOnly(dataDir, (store) => {
    const one = store.item(target);
    return itemsMeant(one, one === undefined ? store.items(portalFilter(wanted)) : [], wanted);
  });
}

const unlockResult = z.object({
  passphrase: z.string().optional(),
  items: z.number(),
  reset: z.boolean().optional(),
});
