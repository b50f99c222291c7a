import { type AuditEvent, auditEvent } from '../audit/events.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { changesThatNeedRestart } from '../config/needs-restart.js';
import { formatProblem, type YamlProblem } from '../config/yaml-source.js';
import { loadPolicies, type PolicyLoad, type PolicySet } from '../decide/index.js';
import { DETECTORS } from '../inspect/index.js';
import { errorText, UserError } from '../shared/errors.js';
import type { Log } from './log.js';

/** The configuration and the policies that count at a moment; they change together. */
export interface InForce {
  readonly loaded: LoadedConfig;
  readonly policy: PolicySet;
}

/** What was read to be put in force. */
export interface ReadInForce extends InForce {
  /** What `check` warns of in the policies. */
  readonly warnings: readonly YamlProblem[];
}

export type Reload =
  | { readonly ok: true; readonly next: ReadInForce; readonly events: readonly AuditEvent[] }
  | { readonly ok: false; readonly reason: string; readonly events: readonly AuditEvent[] };

/** The policies that a configuration names. Where it says that nobody looks into mail, those that need it are refused. */
export function policiesOf({
  policyDir,
  config,
}: {
  readonly policyDir: string;
  readonly config: { readonly inspect: Pick<LoadedConfig['config']['inspect'], 'enabled'> };
}): Promise<PolicyLoad> {
  return loadPolicies(policyDir, {
    detectors: DETECTORS.map((one) => one.name),
    contentNotRead: !config.inspect.enabled,
  });
}

/** @throws UserError (exit status 2) that lists every problem of the policies as file:line:column */
export async function withPolicies(loaded: LoadedConfig): Promise<ReadInForce> {
  const policies = await policiesOf(loaded);
  if (!policies.ok) throw new UserError(policies.problems.map(formatProblem).join('\n'), { exitStatus: 2 });
  return { loaded, policy: policies.policy, warnings: policies.warnings };
}

/** Reads both again, with the events to be recorded: what would be in force, or why it isn't taken. */
export async function readAgain(current: InForce): Promise<Reload> {
  let loaded: LoadedConfig;
  try {
    loaded = await loadConfig(current.loaded.file);
    refuseChangesThatNeedRestart(current.loaded, loaded);
  } catch (error) {
    const reason = errorText(error);
    return { ok: false, reason, events: [auditEvent('config.rejected', { error: reason })] };
  }
  try {
    const next = await withPolicies(loaded);
    return {
      ok: true,
      next,
      events: [auditEvent('config.loaded', { configHash: loaded.hash }), policyLoaded(next)],
    };
  } catch (error) {
    const reason = errorText(error);
    const keptPolicyHash = current.policy.hash;
    return { ok: false, reason, events: [auditEvent('policy.rejected', { error: reason, keptPolicyHash })] };
  }
}

/** A set of many rules that can meet has a warning for each two of them. */
const MOST_LOGGED = 50;

/** Tells of the policies that go in force what nobody may see who doesn't run `check`, such as a list that can't be read. */
export function logWarnings(log: Pick<Log, 'warn'>, { warnings }: ReadInForce): void {
  for (const one of warnings.slice(0, MOST_LOGGED)) log.warn(`policy: ${formatProblem(one)}`);
  const more = warnings.length - MOST_LOGGED;
  if (more > 0) log.warn(`policy: ${more} more warnings; \`sallyport check\` lists them all`);
}

export function policyLoaded({ loaded, policy }: InForce): AuditEvent {
  return auditEvent('policy.loaded', {
    policyHash: policy.hash,
    rules: policy.rules.length,
    enforcement: loaded.config.enforcement,
  });
}

function refuseChangesThatNeedRestart(before: LoadedConfig, after: LoadedConfig): void {
  const changed = changesThatNeedRestart(before, after);
  if (changed.length === 0) return;
  const keys = changed.map((key) => `\`${key}\``).join(', ');
  throw new UserError(`${after.file}: ${keys} changed; that needs a restart`, { exitStatus: 2 });
}
