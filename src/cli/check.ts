import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { checkFiles } from '../config/check-files.js';
import { loadConfig } from '../config/load.js';
import { formatProblem } from '../config/yaml-source.js';
import { loadPolicies } from '../decide/index.js';
import { DETECTORS } from '../inspect/index.js';
import { UserError } from '../shared/errors.js';
import { databaseExists } from '../store/data-dir.js';
import { loadMasterKey } from '../store/index.js';
import { configFile, withConfig } from './config-option.js';
import { printJson, printLine } from './print.js';

/** `sallyport check`: validates config, policies, keys and certificates without starting anything. */
export function registerCheck(program: Command): void {
  withConfig(program.command('check').description('validate config, policies, keys and certificates'))
    .option('--json', 'as JSON')
    .action(async (options: { config: string; json?: boolean }) => {
      const loaded = await loadConfig(configFile(options));
      const problems: string[] = [...(await checkFiles(loaded, Date.now()))];
      const warnings: string[] = [];
      const policies = await loadPolicies(loaded.policyDir, { detectors: DETECTORS.map((one) => one.name) });
      if (policies.ok) warnings.push(...policies.warnings.map(formatProblem));
      else problems.push(...policies.problems.map(formatProblem));
      if (await exists(loaded.dataDir)) {
        try {
          if (databaseExists(loaded.dataDir)) {
            loadMasterKey(loaded.config.master_key, loaded.dataDir, { createIfMissing: false });
          }
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          problems.push(error.message);
        }
      }
      if (loaded.config.enforcement === 'shadow')
        warnings.push(`${loaded.file}: SHADOW MODE: nothing is enforced`);
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

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
