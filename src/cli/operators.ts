import type { Command } from 'commander';
import QRCode from 'qrcode';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { ROLES } from '../model/operator.js';
import type { ActName } from '../ops/acts/index.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';

const made = z.object({
  token: z.string().optional(),
  totp: z.object({ uri: z.string(), secret: z.string() }).optional(),
});

/** `sallyport operators`: people who may change things. */
export function registerOperators(program: Command): void {
  const operators = program.command('operators').description('people who may change things');
  const roleOption = `what they may do: ${ROLES.join(', ')} (required)`;

  withConfig(operators.command('list').description('list the operators'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const shown = openReadOnly(dataDir, (store) => store.operators()).map((one) => ({
        name: one.name,
        roles: one.roles,
        secondFactor: one.sealedTotp !== undefined,
        disabled: one.disabled,
        lockedUntil: one.failures > 0 ? one.lockedUntil : undefined,
        createdAt: one.createdAt,
        changedAt: one.changedAt,
      }));
      if (options.json === true) return printJson(shown);
      printTable(
        ['operator', 'roles', 'second factor', 'state', 'changed'],
        shown.map((one) => [
          one.name,
          one.roles.join(', '),
          one.secondFactor ? 'app' : 'none',
          one.disabled ? 'disabled' : 'active',
          printTime(one.changedAt),
        ]),
        'no operators: `sallyport operators add NAME --role administrator` makes the first',
      );
    });

  withConfig(operators.command('add').description('make an operator; prints a token and a second factor'))
    .argument('<name>', 'name, as the audit log will show it')
    .requiredOption('--role <roles...>', roleOption)
    .option(
      '--without-second-factor',
      'for programs: the token alone is enough, and the review page refuses it',
    )
    .action(
      async (name: string, options: { config: string; role: string[]; withoutSecondFactor?: boolean }) => {
        const totp = options.withoutSecondFactor !== true;
        const answer = await perform(options, 'operators add', { name, roles: options.role, totp });
        printLine(`added ${name}`);
        await printSecrets(answer);
      },
    );

  withConfig(operators.command('roles').description('give an operator other roles'))
    .argument('<name>', 'operator')
    .requiredOption('--role <roles...>', roleOption)
    .action(async (name: string, options: { config: string; role: string[] }) => {
      await perform(options, 'operators roles', { name, roles: options.role });
      printLine(`changed the roles of ${name}`);
    });

  withConfig(operators.command('disable').description('end an operator’s right to change things'))
    .argument('<name>', 'operator')
    .action(async (name: string, options: { config: string }) => {
      await perform(options, 'operators disable', { name });
      printLine(`disabled ${name}`);
    });

  const renewing = (command: 'token' | 'totp' | 'recover', act: ActName, description: string) =>
    withConfig(operators.command(command).description(description))
      .argument('<name>', 'operator')
      .action(async (name: string, options: { config: string }) => {
        const answer = await perform(options, act, { name });
        printLine(`changed ${name}`);
        await printSecrets(answer);
      });
  renewing('token', 'operators token', 'a new token in place of the one before; enables a disabled operator');
  renewing('totp', 'operators totp', 'a new second factor in place of the one before');
  renewing(
    'recover',
    'operators recover',
    'a new token and second factor for an administrator who lost them; with the relay stopped',
  );
}

/** Shown once: nothing keeps the token, and the secret stays sealed. */
async function printSecrets(answer: unknown): Promise<void> {
  const { token, totp } = made.parse(answer);
  if (token !== undefined) printLine(`token (shown once): ${token}`);
  if (totp === undefined) return;
  printLine(`second factor (shown once), for an authenticator app: ${totp.uri}`);
  if (process.stdout.isTTY === true)
    printLine(await QRCode.toString(totp.uri, { type: 'terminal', small: true }));
}
