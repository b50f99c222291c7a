import { type Command, Option } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { KEY_KINDS } from '../model/key.js';
import { decideResult, findResult } from '../ops/acts/key-results.js';
import { UserError } from '../shared/errors.js';
import { masterKeyFile } from '../store/rotation.js';
import { configFile, withConfig } from './config-option.js';
import { registerKeysDkim } from './keys-dkim.js';
import { type ImportOptions, importFiles } from './keys-import.js';
import { exportKeys, listKeys, showKey } from './keys-read.js';
import { kindName, printFound } from './keys-view.js';
import { perform } from './perform.js';
import { printable, printJson, printLine } from './print.js';

interface Common {
  readonly config: string;
  readonly json?: boolean;
}
interface Target extends Common {
  readonly address?: string;
}
const rotated = z.object({
  from: z.number(),
  to: z.number(),
  resealed: z.number(),
  damaged: z.array(z.object({ kind: z.string(), id: z.string() })),
});
const FINGERPRINT = 'fingerprint, or at least 8 digits of its beginning or end';

/** `sallyport keys`: recipients' keys and certificates, and the gateway's own for signing. */
export function registerKeys(program: Command): void {
  const keys = program
    .command('keys')
    .enablePositionalOptions()
    .description('recipients’ and the gateway’s keys');

  withConfig(
    keys
      .command('import')
      .description(
        'take OpenPGP keys and certificates of recipients; secret keys and PKCS#12 files for signing',
      ),
  )
    .argument('<files...>', 'files of any of these forms')
    .option('--address <address>', 'take the keys for this address only')
    .option(
      '--for <address>',
      'the sender whose mail a secret key signs; left out: the gateway’s key, for all others',
    )
    .option('--gateway', 'the secret key signs for the gateway, though it names no address of ours')
    .option('--json', 'as JSON')
    .action((files: readonly string[], options: ImportOptions) => importFiles(files, options));

  withConfig(keys.command('list').description('list keys, by address'))
    .argument('[address]', 'only those of this address')
    .option('--pending', 'only keys that wait for a decision')
    .option('--own', 'the keys that sign our mail')
    .option('--removed', 'what was removed, and is remembered for its revocations only')
    .addOption(new Option('--kind <kind>', 'only these').choices(KEY_KINDS))
    .option('--limit <n>', 'how many at most', '1000')
    .option('--json', 'as JSON')
    .action(listKeys);

  withConfig(
    keys
      .command('rotate-master')
      .description('make a new master key, seal everything anew with it and destroy the old one'),
  )
    .option('--json', 'as JSON')
    .action(async (options: Common) => {
      const answer = await perform(options, 'keys rotate-master', {});
      if (options.json === true) return printJson(answer);
      const { from, to, resealed, damaged } = rotated.parse(answer);
      printLine(`Master key ${to} is in force; key ${from} is destroyed. ${resealed} keys were sealed anew.`);
      for (const { kind, id } of damaged)
        printLine(
          printable(`Damaged, and opens with no key: ${kind} ${id}; the relay's log says what to do.`),
        );
      const { config, dataDir } = await loadConfig(configFile(options));
      printLine(
        `Put a copy of ${masterKeyFile(config.master_key, dataDir) ?? 'the new key'} away now, and make a backup: older ones open with the key of their time.`,
      );
    });

  withConfig(keys.command('show').description('all about one key'))
    .argument('<fingerprint>', FINGERPRINT)
    .option('--json', 'as JSON')
    .action(showKey);

  withConfig(keys.command('find').description('what would be used for a recipient now, and from where'))
    .argument('<address>', 'recipient')
    .option('--json', 'as JSON')
    .action(async (address: string, options: Common) => {
      const found = findResult.parse(await perform(options, 'keys find', { address }));
      if (options.json === true) printJson(found);
      else printFound(found);
      if (found.openpgp.usable.length + found.x509.usable.length === 0) process.exitCode = 1;
    });

  withConfig(
    keys
      .command('trust')
      .description('use this key from now on; the one used before for its address is put aside'),
  )
    .argument('<fingerprint>', FINGERPRINT)
    .option('--address <address>', 'only for this address')
    .option(
      '--pin',
      'vouch for the certificate yourself: it needs no known CA; a revocation that its CA tells of still counts',
    )
    .action(async (fingerprint: string, options: Target & { readonly pin?: boolean }) => {
      const result = await perform(options, 'keys trust', {
        ...target(fingerprint, options),
        pin: options.pin === true,
      });
      printDecided(options.pin === true ? 'trusted and pinned' : 'trusted', result);
    });

  withConfig(keys.command('reject').description('refuse a pending key; the one used before is used on'))
    .argument('<fingerprint>', FINGERPRINT)
    .option('--address <address>', 'only for this address')
    .action(async (fingerprint: string, options: Target) => {
      printDecided('refused', await perform(options, 'keys reject', target(fingerprint, options)));
    });

  withConfig(keys.command('remove').description('take a key out; a directory may give it again'))
    .argument('<fingerprint>', FINGERPRINT)
    .option('--address <address>', 'only for this address')
    .option('--own', 'destroy a key that signs our mail')
    .action(async (fingerprint: string, options: Target & { readonly own?: boolean }) => {
      if (options.own === true && options.address !== undefined)
        throw new UserError('--own takes no --address: the key is removed as a whole', { exitStatus: 2 });
      const result =
        options.own === true
          ? await perform(options, 'keys remove-own', { fingerprint })
          : await perform(options, 'keys remove', target(fingerprint, options));
      printDecided('removed', result);
    });

  withConfig(keys.command('export').description('write public keys (armoured) and certificates (PEM)'))
    .argument('<fingerprint|address>', 'one key, also of our own; or the keys in use for an address')
    .option('--out <file>', 'into this file, which must not exist yet')
    .action(exportKeys);

  registerKeysDkim(keys);
}

function target(fingerprint: string, options: Target) {
  return { fingerprint, ...(options.address === undefined ? {} : { address: options.address }) };
}

function printDecided(done: string, answer: unknown): void {
  const { changed, stillPending, usedOn, stillInUseFor } = decideResult.parse(answer);
  for (const { kind, fingerprint, address } of changed)
    printLine(printable(`${done}: ${kindName(kind)} ${fingerprint} of ${address ?? 'the gateway'}`));
  for (const { kind, fingerprint, address, source } of usedOn) {
    const used = `in use for ${address}: ${kindName(kind)} ${fingerprint}`;
    printLine(
      printable(
        source === 'imported'
          ? used
          : `${used}, as long as its source (${source.toUpperCase()}) publishes it; to keep it whatever the source says, import it`,
      ),
    );
  }
  if (stillInUseFor.length > 0)
    printLine(printable(`it stays in use for ${stillInUseFor.join(', ')}: \`sallyport keys remove\``));
  for (const address of stillPending)
    printLine(
      printable(
        `another key of ${address} still waits, and until you decide none is used: \`sallyport keys list ${address}\``,
      ),
    );
}
