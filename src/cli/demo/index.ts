import Table from 'cli-table3';
import type { Command } from 'commander';
import { printable, printJson, printLine } from '../print.js';
import type { DemoRow } from './report.js';
import { runDemo } from './run.js';

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
          opened: result.opened,
          events: result.events,
        });
      else {
        printLine('');
        printLine(table(result.rows));
        printLine('');
        printLine(`Audit log: ${result.events} events, verified; head ${result.auditHead.slice(0, 16)}…`);
        printLine(
          `Sealed copies that their recipients' keys opened, Subject and every byte of the body as sent: ${result.opened}.`,
        );
        for (const problem of result.problems) printLine(`NOT AS ITS POLICY SAYS: ${problem}`);
        if (result.problems.length === 0)
          printLine('Everything is as the policies say. Nothing protected travelled in the clear.');
      }
      if (result.problems.length > 0) process.exitCode = 1;
    });
}

/** As wide as a terminal of 120 columns; the findings of a message are shown once for all its recipients. */
function table(rows: readonly DemoRow[]): string {
  const out = new Table({
    head: ['message', 'recipient', 'findings', 'decision', 'on the wire', 'audit'],
    colWidths: [14, 25, 20, 21, 24, 9],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const [i, row] of rows.entries()) {
    const isFirst = rows[i - 1]?.sample !== row.sample;
    const rowSpan = rows.filter((one) => one.sample === row.sample).length;
    const cell = (content: string) => content.split('\n').map(printable).join('\n');
    const shared = (content: string) => (isFirst ? [{ content: cell(content), rowSpan }] : []);
    out.push([
      ...shared(row.sample),
      cell(row.recipient),
      ...shared(row.findings),
      ...[row.decision, row.wire, row.auditSeq].map(cell),
    ]);
  }
  return out.toString();
}
