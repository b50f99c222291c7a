import type { LoadedConfig } from '../config/load.js';
import { policiesOf } from '../ops/in-force.js';
import { type Check, type Finding, ok, problem, warning } from './finding.js';
import type { RelayHealth } from './relay-view.js';

const CHECK = 'relay';

/** After a change that was not taken, the relay goes on with what it had, and says why in the log. */
const RELOAD =
  'systemctl reload sallyport (kill -HUP); if it stays so, see why it was refused: sallyport audit search --type config.rejected, or policy.rejected';

/** Whether a relay runs, and works by what the files say: they count only from the next reload. */
export const checkRunning: Check = async ({ loaded, relay }) => {
  const { host, port } = loaded.config.admin.address;
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (relay.kind) {
    case 'running': {
      const policies = await policiesOf(loaded);
      return runningFindings(relay.health, loaded, policies.ok ? policies.policy.hash : undefined);
    }
    case 'none':
      return [
        problem(
          CHECK,
          `no relay is running: nobody answers at ${where} (\`admin.address\`)`,
          'start the relay: systemctl start sallyport; if it ended, its log says why: journalctl -u sallyport',
        ),
      ];
    case 'strange':
      return [
        problem(
          CHECK,
          `whether a relay runs, and by which configuration, is not known: ${where}, ${relay.why}`,
          'find out which program holds the port (ss -ltnp); if it is a relay of another version, restart it',
        ),
      ];
    case 'not-known':
      return [
        warning(
          CHECK,
          'whether the relay that runs works by these files is not known: `admin.address` has no fixed port',
          'give `admin.address` a fixed port',
        ),
      ];
  }
};

/**
 * What the relay has in force beside what the files say.
 * @param policyHash of the files; undefined where they can't be read, which is a problem of its own
 */
export function runningFindings(
  health: RelayHealth,
  {
    config,
    hash,
  }: Pick<LoadedConfig, 'hash'> & {
    readonly config: Pick<LoadedConfig['config'], 'enforcement'>;
  },
  policyHash: string | undefined,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (health.state !== 'running')
    findings.push(
      health.state === 'draining'
        ? warning(CHECK, 'the relay is stopping', 'look again when it has started anew')
        : problem(
            CHECK,
            'the relay cannot write its store and takes no mail',
            'its log says why: journalctl -u sallyport; see to the disk, and restart it',
          ),
    );
  if (health.enforcement === 'shadow' && config.enforcement === 'enforce')
    findings.push(
      problem(
        CHECK,
        'the relay that runs is in SHADOW MODE: nothing is enforced, whatever the file says',
        RELOAD,
      ),
    );
  else if (health.configHash !== hash)
    findings.push(problem(CHECK, 'the relay that runs has another configuration than the file', RELOAD));
  if (policyHash !== undefined && health.policyHash !== policyHash)
    findings.push(problem(CHECK, 'the relay that runs has other policies than the files', RELOAD));
  return findings.length > 0
    ? findings
    : [ok(CHECK, 'the relay runs, by the configuration and policies that the files have')];
}
