import type { Command } from 'commander';
import { perform } from './perform.js';

/** Adds a group's commands to the program. */
type Register = (program: Command) => void;

/** The groups of commands by name. Each is loaded when it is asked for; help loads them all. */
export function commandGroups(
  stop: AbortSignal,
): readonly (readonly [name: string, load: () => Promise<Register>])[] {
  return [
    ['start', async () => (await import('./start.js')).registerStart],
    ['init', async () => (await import('./init.js')).registerInit],
    ['doctor', async () => (await import('./doctor.js')).registerDoctor],
    ['check', async () => (await import('./check.js')).registerCheck],
    ['demo', async () => (await import('./demo/index.js')).registerDemo],
    ['scan', async () => (await import('./scan.js')).registerScan],
    ['explain', async () => (await import('./explain.js')).registerExplain],
    ['policy', async () => (await import('./policy.js')).registerPolicy],
    [
      'audit',
      async () => {
        const { registerAudit } = await import('./audit.js');
        return (to) =>
          registerAudit(to, {
            perform,
            stop,
          });
      },
    ],
    ['queue', async () => (await import('./queue.js')).registerQueue],
    ['held', async () => (await import('./held.js')).registerHeld],
    ['keys', async () => (await import('./keys.js')).registerKeys],
    ['operators', async () => (await import('./operators.js')).registerOperators],
    ['users', async () => (await import('./users.js')).registerUsers],
    ['roster', async () => (await import('./roster.js')).registerRoster],
    ['portal', async () => (await import('./portal.js')).registerPortal],
    ['suppress', async () => (await import('./suppress.js')).registerSuppress],
    ['probe', async () => (await import('./probe.js')).registerProbe],
    ['tls', async () => (await import('./tls.js')).registerTls],
    ['backup', async () => (await import('./backup.js')).registerBackup],
    ['restore', async () => (await import('./restore.js')).registerRestore],
  ];
}
