#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { registerAudit } from './cli/audit.js';
import { registerCheck } from './cli/check.js';
import { registerDemo } from './cli/demo/index.js';
import { registerExplain } from './cli/explain.js';
import { registerHeld } from './cli/held.js';
import { perform } from './cli/perform.js';
import { registerPolicy } from './cli/policy.js';
import { registerPortal } from './cli/portal.js';
import { registerQueue } from './cli/queue.js';
import { registerScan } from './cli/scan.js';
import { registerStart } from './cli/start.js';
import { registerTls } from './cli/tls.js';
import { registerUsers } from './cli/users.js';
import { errorText, UserError } from './shared/errors.js';
import { VERSION } from './version.js';

const program = new Command('sallyport')
  .description('The one guarded way out for your mail.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(see --help)');

registerStart(program);
registerCheck(program);
registerDemo(program);
registerScan(program);
registerExplain(program);
registerPolicy(program);
registerAudit(program, {
  recordExport: (options, target) => perform(options, 'audit record-export', { target }),
});
registerQueue(program);
registerHeld(program);
registerUsers(program);
registerPortal(program);
registerTls(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`sallyport: ${errorText(error)}\n`);
    process.exitCode = error instanceof UserError ? error.exitStatus : 1;
  }
}
