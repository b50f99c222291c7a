import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { withConfig } from './config-option.js';
import { perform } from './perform.js';
import { printJson, printLine } from './print.js';

const made = z.object({
  backup: z.string(),
  files: z.number(),
  bytes: z.number(),
  messages: z.number(),
  recipients: z.record(z.string(), z.number()),
  portalItems: z.number(),
  auditSeq: z.number(),
  leftOut: z.array(z.string()),
  manifestHash: z.string(),
});

/** `sallyport backup`: a sealed copy of everything but the master key, while the relay runs or without it. */
export function registerBackup(program: Command): void {
  withConfig(
    program.command('backup').description('make a sealed backup, while the relay runs or without it'),
  )
    .argument('<dir>', 'a new folder for it')
    .option('--json', 'as JSON')
    .action(async (dir: string, options: { config: string; json?: boolean }) => {
      const answer = await perform(options, 'backup', { to: resolve(dir) });
      if (options.json === true) return printJson(answer);
      const { backup, files, bytes, messages, recipients, portalItems, auditSeq, leftOut } =
        made.parse(answer);
      printLine(`${backup}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB`);
      printLine(
        `  ${messages} messages; recipients: ${countsText(recipients)}; ${portalItems} open portal items`,
      );
      printLine(`  audit log up to event ${auditSeq}`);
      for (const line of leftOutLines(leftOut)) printLine(line);
      printLine('The master key is not in it: keep a copy of that somewhere else.');
    });
}

/** Files that the configuration names and that somebody has to keep in another way. */
export function leftOutLines(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  return [
    'Not in it, because they are not below the folder of the configuration, or could not be read: keep these, too.',
    ...paths.map((path) => `  ${path}`),
  ];
}

/** States with how many recipients are in them. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'none' : some.map(([state, count]) => `${count} ${state}`).join(', ');
}
