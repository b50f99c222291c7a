import Table from 'cli-table3';
import type { Command } from 'commander';
import { printable, printJson, printLine } from '../print.js';
import { type DemoRow, runDemo } from './run.js';

/** `sallyport demo`: the relay with local peers and sample mail, and what happened. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('run the relay with local peers, send sample mail by every method, show what happened')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const quiet = options.json === true;
      const result = await runDemo((text) => {
        if (!quiet) printLine(`· ${text}`);
      });
      if (quiet)
        printJson({
          rows: result.rows.map((row) => ({ ...row })),
          problems: result.problems,
          events: result.events,
        });
      else {
        printLine('');
        printLine(table(result.rows));
        printLine('');
        printLine(`Audit log: ${result.events} events, verified; head ${result.auditHead.slice(0, 16)}…`);
        for (const problem of result.problems) printLine(`NOT AS ITS POLICY SAYS: ${problem}`);
        if (result.problems.length === 0)
          printLine('Everything is as the policies say. Nothing protected travelled in the clear.');
      }
      if (result.problems.length > 0) process.exitCode = 1;
    });
}

function table(rows: readonly DemoRow[]): string {
  const out = new Table({
    head: ['message', 'recipient', 'findings', 'decision', 'on the wire', 'audit'],
    colWidths: [20, 27, 30, 26, 38, 9],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const cells = [row.sample, row.recipient, row.findings, row.decision, row.wire, row.auditSeq];
    out.push(cells.map((cell) => cell.split('\n').map(printable).join('\n')));
  }
  return out.toString();
}
