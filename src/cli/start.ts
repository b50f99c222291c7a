import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { endOnCrash } from '../ops/crash.js';
import { createLog } from '../ops/log.js';
import { type Relay, startRelay } from '../relay.js';
import { systemClock } from '../shared/clock.js';
import { errorText } from '../shared/errors.js';
import { giveBackMemory } from '../shared/give-back-memory.js';
import { letHeapGrow } from '../shared/let-heap-grow.js';
import { ThreadStuck } from '../store/errors.js';
import { configFile, withConfig } from './config-option.js';
import { howToCall } from './how-to-call.js';
import { printLine } from './print.js';
import { NOT_INSPECTED, PRIVATE_TARGETS } from './warnings.js';

/** `sallyport start`: runs the relay and the portal until SIGTERM or SIGINT; SIGHUP reloads. */
export function registerStart(program: Command): void {
  withConfig(program.command('start').description('run the relay and the portal')).action(
    async (options: { config: string }) => {
      const loaded = await loadConfig(configFile(options));
      const log = createLog(loaded.config.logging);
      endOnCrash(log);
      if (loaded.config.dns.allow_private_targets) log.warn(PRIVATE_TARGETS);
      if (!loaded.config.inspect.enabled) log.warn(NOT_INSPECTED);
      // Unheard, a reload asked for in this moment would end the process.
      let reloadAsked = false;
      let reload = () => {
        reloadAsked = true;
      };
      process.on('SIGHUP', () => reload());
      letHeapGrow();
      // Before there is a queue in memory, which it would take long to look through.
      await giveBackMemory();
      const relay = await startRelay(loaded, { clock: systemClock, log });

      let stopping = false;
      const stop = (reason: string, status: number) => {
        if (stopping) return;
        stopping = true;
        relay.stop(reason).then(
          () => process.exit(status),
          (error: unknown) => {
            log.fatal({ reason: errorText(error) }, 'the relay did not stop cleanly');
            // An exit would wait for the thread.
            if (error instanceof ThreadStuck) process.kill(process.pid, 'SIGKILL');
            process.exit(1);
          },
        );
      };
      process.on('SIGTERM', () => stop('SIGTERM', 0));
      process.on('SIGINT', () => stop('SIGINT', 0));
      reload = () => {
        relay
          .reload()
          .catch((error: unknown) => log.error({ reason: errorText(error) }, 'the reload was not recorded'));
      };
      if (reloadAsked) reload();
      relay.failed.then((error) => stop(`the store failed: ${error.message}`, 1));
      // Last: whoever reads it may send a signal at once.
      for (const line of welcome(relay, loaded.config, options.config)) printLine(line);
    },
  );
}

/** Where to connect, as a person wants to read it. */
function welcome(relay: Relay, { hostname, enforcement }: Config, configOption: string): readonly string[] {
  const security: Record<string, string> = {
    submission: 'STARTTLS, log-in with account and password',
    submissions: 'SSL/TLS, log-in with account and password',
    relay: 'STARTTLS, for the servers named under identities',
  };
  const lines = [`Sallyport is running as ${hostname}.`, ''];
  if (enforcement === 'shadow') lines.push('SHADOW MODE: nothing is enforced; all mail leaves as plain.', '');
  for (const one of relay.listeners) {
    lines.push(
      `  ${`SMTP ${one.name}`.padEnd(20)} ${one.host}:${one.port}   ${security[one.mode] ?? one.mode}`,
    );
  }
  if (relay.portalUrl !== undefined) lines.push(`  ${'Pickup portal'.padEnd(20)} ${relay.portalUrl}`);
  if (relay.reviewUrl !== undefined) lines.push(`  ${'Review page'.padEnd(20)} ${relay.reviewUrl}`);
  lines.push(`  ${'Health, metrics'.padEnd(20)} http://127.0.0.1:${relay.adminPort}/healthz and /metrics`);
  lines.push(`  ${'Policies'.padEnd(20)} ${relay.policyRules} rules in force`);
  lines.push('', `Self-signed certificate (SHA-256): ${relay.certificateFingerprint}`);
  if (relay.firstAccount !== undefined) {
    lines.push(
      '',
      'First submission account; the password is shown this once and kept nowhere:',
      `  account   ${relay.firstAccount.name}`,
      `  password  ${relay.firstAccount.password}`,
    );
  }
  lines.push(
    '',
    `Stop with Ctrl-C; \`kill -HUP ${process.pid}\` reloads configuration and policies.`,
    `Why was my mail protected? ${howToCall('audit search', configOption)}`,
    '',
  );
  return lines;
}
