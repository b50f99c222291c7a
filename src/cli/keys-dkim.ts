import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/load.js';
import type { DkimKeyState } from '../keys/dkim/index.js';
import { DKIM_KEY_TYPES, type DkimKeyType, MAX_RSA_BITS, MIN_RSA_BITS } from '../keys/dkim/key.js';
import { type DkimKeyResult, dkimKeyResult, dkimResult } from '../ops/acts/keys-dkim.js';
import { canonicalDomain } from '../shared/address.js';
import type { Json } from '../shared/canonical-json.js';
import { UserError } from '../shared/errors.js';
import { configFile, withConfig } from './config-option.js';
import { dkimKeys } from './dkim-keys.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';

interface Common {
  readonly config: string;
  readonly json?: boolean;
}

/** `sallyport keys dkim`: keys that sign mail for a domain. */
export function registerKeysDkim(keys: Command): void {
  const dkim = withConfig(
    keys
      .command('dkim')
      // So that options behind `list` and the others are theirs.
      .enablePositionalOptions()
      .description('make a DKIM key, keep it sealed, and print the record to publish'),
  )
    .argument('<domain>', 'domain of the senders, as in From')
    .option('--selector <name>', 'name of the key in DNS (default: by the month)')
    .addOption(new Option('--type <type>', 'algorithm').choices(DKIM_KEY_TYPES).default('rsa'))
    .option('--bits <n>', `of an RSA key, ${MIN_RSA_BITS} to ${MAX_RSA_BITS}`, wholeNumber, MIN_RSA_BITS)
    .option('--json', 'as JSON')
    .action(
      async (
        domain: string,
        options: Common & { readonly selector?: string; readonly type: DkimKeyType; readonly bits: number },
      ) => {
        const { selector, type, bits } = options;
        const made = dkimKeyResult.parse(
          await perform(options, 'keys dkim', {
            domain,
            type,
            bits,
            ...(selector === undefined ? {} : { selector }),
          }),
        );
        if (options.json === true) return printJson(made);
        printRecord(made);
        printLine(
          `\nWhen that can be seen (dig +short TXT ${made.record.name}), name the key in the configuration and reload:\n\n` +
            `dkim:\n  - domain: ${made.domain}\n    selector: ${made.selector}`,
        );
      },
    );

  withConfig(dkim.command('list').description('list the keys that are kept, and those of the configuration'))
    .option('--json', 'as JSON')
    .action(async (options: Common) => {
      const all = await inventory(options);
      if (options.json === true) return printJson(all.map(stateJson));
      printTable(
        ['domain', 'selector', 'algorithm', 'kept', 'signs', 'made', ''],
        all.map((one) => [
          one.domain,
          one.selector,
          one.key?.algorithm ?? '',
          one.kept,
          one.signs ?? 'nothing yet',
          printTime(one.addedAt),
          one.problem ?? '',
        ]),
        'no DKIM keys',
      );
    });

  withConfig(dkim.command('record').description('print the records to publish again'))
    .argument('<domain>', 'domain of the senders')
    .option('--selector <name>', 'only this key')
    .option('--json', 'as JSON')
    .action(async (text: string, options: Common & { readonly selector?: string }) => {
      const domain = canonical(text);
      const found = (await inventory(options)).flatMap(({ key, ...one }) =>
        key !== undefined &&
        one.domain === domain &&
        (options.selector === undefined || one.selector === options.selector.toLowerCase())
          ? [dkimResult({ ...one, spki: key.spki })]
          : [],
      );
      if (found.length === 0)
        throw new UserError(
          `there is no such DKIM key of ${domain}; \`sallyport keys dkim list\` shows them`,
        );
      if (options.json === true) return printJson(found);
      found.forEach((one, i) => {
        if (i > 0) printLine('');
        printRecord(one);
      });
    });

  withConfig(dkim.command('remove').description('destroy a kept key that the configuration no longer names'))
    .argument('<domain>', 'domain of the senders')
    .requiredOption('--selector <name>', 'name of the key in DNS (required)')
    .action(async (domain: string, options: Common & { readonly selector: string }) => {
      const { record } = dkimKeyResult.parse(
        await perform(options, 'keys dkim-remove', { domain, selector: options.selector }),
      );
      printLine(
        `removed: ${record.name}\nLeave its record in DNS for two weeks, as long as its signatures are good; then take that away too.`,
      );
    });
}

async function inventory(options: Common): Promise<readonly DkimKeyState[]> {
  return dkimKeys(await loadConfig(configFile(options)));
}

function stateJson({ key, ...state }: DkimKeyState): Json {
  return {
    ...state,
    signs: state.signs ?? null,
    ...(key === undefined ? {} : { ...dkimResult({ ...state, spki: key.spki }) }),
  };
}

function printRecord({ algorithm, record }: DkimKeyResult): void {
  printLine(
    `${algorithm} key. Publish this TXT record.\n\nIn a DNS console:\n  name   ${record.name}\n  value  ${record.value}\n\nIn a zone file:\n${record.zone}`,
  );
}

function canonical(text: string): string {
  const domain = canonicalDomain(text);
  if (domain === undefined) throw new UserError(`${text} is not a domain`, { exitStatus: 2 });
  return domain;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}
