import { type Command, Option } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { newPassword } from '../ops/first-account.js';
import { openReadOnly } from '../store/read-only.js';
import { askSecret } from './ask.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';

const passwordChanged = z.object({ disabled: z.boolean() });

/** `sallyport users`: submission accounts. */
export function registerUsers(program: Command): void {
  const users = program.command('users').description('submission accounts');

  withConfig(users.command('list').description('list the accounts'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const accounts = openReadOnly(dataDir, (store) => store.accounts());
      const shown = accounts.map(({ name, senders, allow, disabled, changedAt }) => ({
        name,
        senders,
        ...(allow === undefined ? {} : { allow }),
        disabled,
        changedAt,
      }));
      if (options.json === true) return printJson(shown);
      printTable(
        ['account', 'may send as', 'state', 'changed'],
        shown.map((one) => [
          one.name,
          [
            one.senders.join(', '),
            ...(one.allow === undefined || one.allow.forwarding === 'off'
              ? []
              : [`forwarding ${one.allow.forwarding}`]),
            ...(one.allow === undefined || one.allow.onBehalfOf.length === 0
              ? []
              : [`on behalf of ${one.allow.onBehalfOf.join(', ')}`]),
          ].join('; '),
          one.disabled ? 'disabled' : 'active',
          printTime(one.changedAt),
        ]),
        'no accounts',
      );
    });

  withConfig(users.command('add').description('make an account; prints its password unless you give one'))
    .argument('<name>', 'account name')
    .requiredOption('--senders <addresses...>', 'addresses and domains that it may send as (required)')
    .option('--ask-password', 'ask for the password (or read it from a pipe) instead of making one')
    .action(async (name: string, options: { config: string; senders: string[]; askPassword?: boolean }) => {
      const password = options.askPassword === true ? await askSecret('Password: ') : newPassword();
      await perform(options, 'users add', { name, password, senders: options.senders });
      printLine(`added ${name}`);
      if (options.askPassword !== true) printLine(`password (shown once): ${password}`);
    });

  withConfig(users.command('password').description('give an account a new password'))
    .argument('<name>', 'account name')
    .option('--ask-password', 'ask for the password (or read it from a pipe) instead of making one')
    .action(async (name: string, options: { config: string; askPassword?: boolean }) => {
      const password = options.askPassword === true ? await askSecret('New password: ') : newPassword();
      const changed = passwordChanged.parse(await perform(options, 'users password', { name, password }));
      printLine(`changed the password of ${name}`);
      if (options.askPassword !== true) printLine(`password (shown once): ${password}`);
      if (changed.disabled)
        printLine(`The account is still disabled: \`sallyport users enable ${name}\` lets it log in again.`);
    });

  withConfig(
    users
      .command('allow')
      .description('say what an account may do beyond writing in its own name; what is left out it may not'),
  )
    .argument('<name>', 'account name')
    .addOption(
      new Option('--forwarding <how>', 'send on mail from others (docs/identities.md)')
        .choices(['off', 'resent', 'redirected'])
        .default('off'),
    )
    .option(
      '--on-behalf-of <addresses...>',
      'addresses and domains in whose name it may write, as Sender',
      [],
    )
    .action(
      async (
        name: string,
        options: { config: string; forwarding: string; onBehalfOf: readonly string[] },
      ) => {
        const { forwarding, onBehalfOf } = options;
        await perform(options, 'users allow', { name, forwarding, onBehalfOf });
        printLine(`changed what ${name} may do`);
      },
    );

  withConfig(users.command('disable').description('end an account’s right to log in'))
    .argument('<name>', 'account name')
    .action(async (name: string, options: { config: string }) => {
      await perform(options, 'users disable', { name });
      printLine(`disabled ${name}`);
    });

  withConfig(users.command('enable').description('let a disabled account log in again'))
    .argument('<name>', 'account name')
    .action(async (name: string, options: { config: string }) => {
      await perform(options, 'users enable', { name });
      printLine(`enabled ${name}`);
    });
}
