import { join } from 'node:path';
import type { Command } from 'commander';
import { tenantWarnings } from '../config/check-shared-identities.js';
import { loadConfig } from '../config/load.js';
import { formatProblem } from '../config/yaml-source.js';
import { runDetectorTests } from '../decide/detector-tests.js';
import { healthSenderWarnings } from '../inspect/health-sender.js';
import { policiesOf } from '../ops/in-force.js';
import { RELAY_DB } from '../store/data-dir.js';
import { hasOlderLayout } from '../store/read-only.js';
import { configFile, withConfig } from './config-option.js';
import { keyWarnings } from './key-warnings.js';
import { operatorWarnings } from './operator-warnings.js';
import { printJson, printLine } from './print.js';
import { problemLine, startProblems } from './start-problems.js';
import { submitterWarnings } from './submitter-warnings.js';
import { NOT_INSPECTED, ownAddressWarnings, PRIVATE_TARGETS, retentionWarnings } from './warnings.js';

/** `sallyport check`: validates config, policies, keys and certificates without starting anything. */
export function registerCheck(program: Command): void {
  withConfig(program.command('check').description('validate config, policies, keys and certificates'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const loaded = await loadConfig(configFile(options));
      const problems: string[] = (await startProblems(loaded, Date.now())).map(problemLine);
      const warnings: string[] = [];
      const policies = await policiesOf(loaded);
      if (policies.ok) {
        warnings.push(...policies.warnings.map(formatProblem));
        const tests = runDetectorTests(policies.policy.detectors, policies.detectorTests);
        problems.push(
          ...tests
            .filter((one) => !one.passed)
            .map(({ test, outcome }) =>
              formatProblem({ ...test, message: `detector \`${test.detector}\` ${outcome}` }),
            ),
        );
      } else problems.push(...policies.problems.map(formatProblem));
      if (policies.ok && problems.length === 0 && hasOlderLayout(loaded.dataDir))
        warnings.push(
          `${join(loaded.dataDir, RELAY_DB)} has an older layout, which the next start brings up to date: keys, accounts and operators in it are not looked at before; run this again then`,
        );
      else if (policies.ok && problems.length === 0)
        warnings.push(
          ...(await keyWarnings(loaded, policies.policy, Date.now())),
          ...operatorWarnings(loaded, policies.policy),
          ...submitterWarnings(loaded, policies.policy),
        );
      for (const warning of ownAddressWarnings(loaded.config)) warnings.push(`${loaded.file}: ${warning}`);
      for (const warning of healthSenderWarnings(loaded.config)) warnings.push(`${loaded.file}: ${warning}`);
      for (const warning of tenantWarnings(loaded.config)) warnings.push(`${loaded.file}: ${warning}`);
      if (loaded.config.enforcement === 'shadow')
        warnings.push(`${loaded.file}: SHADOW MODE: nothing is enforced`);
      if (!loaded.config.inspect.enabled) warnings.push(`${loaded.file}: ${NOT_INSPECTED}`);
      for (const warning of retentionWarnings(loaded.config)) warnings.push(`${loaded.file}: ${warning}`);
      if (loaded.config.dns.allow_private_targets) warnings.push(`${loaded.file}: ${PRIVATE_TARGETS}`);
      for (const one of loaded.config.listeners) {
        if (one.tls.mode === 'off') {
          warnings.push(
            `${loaded.file}: listener ${one.name} lets ${one.tls.off_for.join(', ')} submit without TLS`,
          );
        }
      }
      if (options.json === true) printJson({ ok: problems.length === 0, problems, warnings });
      else {
        for (const warning of warnings) printLine(`warning: ${warning}`);
        for (const problem of problems) printLine(problem);
        if (policies.ok && problems.length === 0) {
          printLine(`ok: ${policies.policy.rules.length} rules, ${loaded.config.listeners.length} listeners`);
        }
      }
      if (problems.length > 0) process.exitCode = 2;
    });
}
