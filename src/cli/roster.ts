import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { COLUMN_KINDS, KIND_WORDS } from '../inspect/detect/roster/kinds.js';
import { rosterFiles } from '../roster/load.js';
import { readRosterHeader } from '../roster/roster-file.js';
import { configFile, withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine, printTable, printTime } from './print.js';
import { type ImportOptions, importRoster } from './roster-import.js';

/** `sallyport roster`: lists of patients, for exact data match. */
export function registerRoster(program: Command): void {
  const roster = program
    .command('roster')
    .description('patient rosters, of which two columns of one row in a mail are PHI (exact data match)');

  withConfig(
    roster
      .command('import')
      .description('build a keyed index of a file of patients and put it in force; no values are kept'),
  )
    .argument('<file>', 'delimited text with a header (CSV, RFC 4180)')
    .option('--columns <kind=header...>', 'which columns to use, and what they hold')
    .option('--name <name>', 'name of the roster; one of that name is replaced (default: by the file)')
    .option('--delimiter <character>', 'between cells, or the word tab (default: found by the first line)')
    .option('--encoding <name>', 'encoding of the file (default: UTF-8, or UTF-16 where it is marked)')
    .option('--no-header', 'the first line is a patient too; columns are #1, #2, …')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\nKinds of columns:\n${COLUMN_KINDS.map((kind) => `  ${kind.padEnd(9)} ${KIND_WORDS[kind]}`).join('\n')}\n\nExample:\n  sallyport roster import patients.csv --columns "mrn=MRN,family=Last Name,given=First Name,dob=DOB"\n`,
    )
    .action((file: string, options: ImportOptions) => importRoster(file, options));

  withConfig(roster.command('list').description('list the rosters'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const { dataDir } = await loadConfig(configFile(options));
      const rosters = await Promise.all((await rosterFiles(dataDir)).map((file) => readRosterHeader(file)));
      if (options.json === true)
        return printJson(
          rosters.map(({ name, rows, columns, importedAt, size }) => ({
            name,
            rows,
            columns: columns.map((column) => ({ ...column })),
            importedAt,
            size,
          })),
        );
      printTable(
        ['roster', 'rows', 'columns', 'imported'],
        rosters.map(({ name, rows, columns, importedAt }) => [
          name,
          String(rows),
          columns.map(({ kind, header }) => `${kind}=${header}`).join(', '),
          printTime(importedAt),
        ]),
        'no rosters',
      );
    });

  withConfig(roster.command('remove').description('delete a roster; mail is no longer compared with it'))
    .argument('<name>', 'name of the roster')
    .action(async (name: string, options: { config: string }) => {
      await perform(options, 'roster remove', { name });
      printLine(`removed ${name}`);
    });
}
