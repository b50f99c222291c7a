import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import type { StoredRecipient } from '../model/message.js';
import { METHODS } from '../model/method.js';
import type { Approval } from '../model/operator.js';
import { UserError } from '../shared/errors.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';
import { recipientOf } from './queue.js';
import { describeRow, messageJson, type QueueRow, showMessage } from './queue-view.js';

const MOST_LISTED = 10_000;

/** `sallyport held`: messages that wait for a person. */
export function registerHeld(program: Command): void {
  const held = program.command('held').description('messages waiting for a person');

  withConfig(
    held.command('list').description('list held recipients, those that become a bounce soonest first'),
  )
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const { rows, total, approvals } = openReadOnly(dataDir, (store) => ({
        ...store.held({ offset: 0, limit: MOST_LISTED }),
        approvals: store.approvals(),
      }));
      if (total > rows.length)
        process.stderr.write(
          `these are the ${rows.length} that become a bounce soonest; ${total - rows.length} more are held\n`,
        );
      if (options.json === true)
        return printJson(rows.map((row) => ({ ...describeRow(row), ...approvalOf(row, approvals) })));
      printTable(
        ['id', 'received', 'sender', 'recipient', 'reason', 'release', 'becomes a bounce'],
        rows
          .map((row) => [row, approvalOf(row, approvals).approval] as const)
          .map(([{ message, recipient }, approval]) => [
            message.id,
            printTime(message.receivedAt),
            message.sender === '' ? '<>' : message.sender,
            recipient.address,
            recipient.lastReason ?? recipient.decision?.holdReason ?? '',
            recipient.decision?.demand.release === undefined
              ? 'one person'
              : approval === undefined
                ? 'two operators'
                : `approved by ${approval.operator}`,
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
      const { rows, approvals } = openReadOnly(dataDir, (store) => ({
        rows: store.list({ messageId: id, states: ['held'], limit: 10_000 }),
        approvals: store.approvals(id),
      }));
      const first = rows[0];
      if (first === undefined) throw new UserError(`no message with the ID ${id} is held`);
      if (options.json === true)
        return printJson({
          ...messageJson(rows),
          approvals: approvals.map(({ index, operator, method, at }) => ({
            recipient: rows.find(({ recipient }) => recipient.index === index)?.recipient.address,
            operator,
            method,
            at,
          })),
        });
      showMessage(first.message, rows);
      for (const { recipient } of rows)
        if (recipient.decision?.demand.release !== undefined) printLine(releaseWords(recipient, approvals));
    });

  withConfig(held.command('release').description('let held recipients go by a method that the rules allow'))
    .argument('<id>', 'message ID')
    .option('--recipient <address>', 'only this recipient')
    .option('--method <method>', `one of ${METHODS.join(', ')}; default: the first allowed one`)
    .option('--reason <text>', 'why, for the audit log; no patient data')
    .action(
      async (
        id: string,
        options: { config: string; recipient?: string; method?: string; reason?: string },
      ) => {
        const answer = await perform(options, 'held release', {
          id,
          ...recipientOf(options),
          ...(options.method === undefined ? {} : { method: options.method }),
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        });
        const { released, approved } = releaseResult.parse(answer);
        if (released > 0) printLine(`released ${id}`);
        if (approved > 0)
          printLine(`approved ${id}: another operator must release it, too, by the same method`);
      },
    );

  withConfig(held.command('redecide').description('decide again by the policies now in force'))
    .argument('[id]', 'message ID')
    .option('--recipient <address>', 'only this recipient')
    .option('--all', 'everything that is held')
    .action(
      async (id: string | undefined, options: { config: string; recipient?: string; all?: boolean }) => {
        if ((id === undefined) === (options.all !== true))
          throw new UserError('give the ID of a message, or --all', { exitStatus: 2 });
        if (id === undefined && options.recipient !== undefined)
          throw new UserError('--recipient goes with the ID of a message', { exitStatus: 2 });
        const answer = await perform(
          options,
          'held redecide',
          id === undefined ? { all: true } : { id, ...recipientOf(options) },
        );
        const { messages, recipients } = redecideResult.parse(answer);
        printLine(
          messages === 0
            ? 'nothing is held that policies decide'
            : `deciding again: ${recipients} ${recipients === 1 ? 'recipient' : 'recipients'} of ${messages} ${messages === 1 ? 'message' : 'messages'}`,
        );
      },
    );

  withConfig(held.command('reject').description('bounce held recipients to the sender'))
    .argument('<id>', 'message ID')
    .option('--recipient <address>', 'only this recipient')
    .requiredOption('--reason <text>', 'what the sender is told; no patient data (required)')
    .action(async (id: string, options: { config: string; recipient?: string; reason: string }) => {
      await perform(options, 'held reject', { id, reason: options.reason, ...recipientOf(options) });
      printLine(`rejected ${id}`);
    });
}

const releaseResult = z.object({ released: z.int(), approved: z.int() });
const redecideResult = z.object({ messages: z.int(), recipients: z.int() });

function approvalOf(
  { recipient }: QueueRow,
  approvals: readonly Approval[],
): { readonly approval?: { readonly operator: string; readonly method: string; readonly at: number } } {
  const found = approvals.find(
    ({ messageId, index }) => messageId === recipient.messageId && index === recipient.index,
  );
  if (found === undefined) return {};
  const { operator, method, at } = found;
  return { approval: { operator, method, at } };
}

function releaseWords(recipient: StoredRecipient, approvals: readonly Approval[]): string {
  const found = approvals.find(({ index }) => index === recipient.index);
  const so =
    found === undefined ? 'none has approved it yet' : `${found.operator} has approved ${found.method}`;
  return `${recipient.address}: two operators must release it; ${so}`;
}
