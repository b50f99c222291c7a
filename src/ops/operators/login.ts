import { createHmac, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { auditEvent } from '../../audit/events.js';
import type { Config } from '../../config/schema.js';
import { narrowGate } from '../../intake/password.js';
import { slidingCounter } from '../../intake/rate.js';
import type { Actor, Operator } from '../../model/operator.js';
import { afterFailure, isLocked } from '../../portal/ways/locking.js';
import type { Clock } from '../../shared/clock.js';
import { createInTurn } from '../../shared/in-turn.js';
import type { AuditSink, OperatorStore } from '../../store/ports.js';
import type { Credentials } from './credentials.js';
import type { OperatorTotp } from './totp.js';

export type OperatorActor = Extract<Actor, { kind: 'operator' }>;

/**
 * Why somebody is not let in. `wrong`: no such operator, a disabled one, or another token, which nobody is told apart;
 * `code-wrong` and `locked` are said only to whoever had the right token.
 */
export type LoginRefusal =
  | 'wrong'
  | 'code-needed'
  | 'code-wrong'
  | 'locked'
  | 'no-second-factor'
  | 'too-many'
  | 'busy';

export type LoginAnswer =
  | { readonly ok: true; readonly actor: OperatorActor }
  | { readonly ok: false; readonly refusal: LoginRefusal };

export interface LoginFrom {
  /** Where failures are counted: a network, or one operator's commands on this machine. */
  readonly clientKey: string;
  /** On record; absent: by the control socket, or on this machine. */
  readonly clientAddress?: string;
  /** `always`: an operator without second factor is refused. */
  readonly secondFactor: 'where-enrolled' | 'always';
  /** A right code counts for `operators.code_every` for the same token. */
  readonly remember: boolean;
}

export interface OperatorLogin {
  /** @throws StoreUnavailable when it could not be recorded; then nobody is let in */
  authenticate(credentials: Credentials, from: LoginFrom): Promise<LoginAnswer>;
}

export interface LoginDeps {
  readonly store: { readonly operators: Pick<OperatorStore, 'operator' | 'put'>; readonly audit: AuditSink };
  readonly totp: Pick<OperatorTotp, 'step'>;
  readonly clock: Clock;
  /** `login` says how many failures of one client are heard, `operators` how long a code counts. */
  readonly config: () => {
    readonly login: Pick<Config['login'], 'failures_per_client' | 'window'>;
    readonly operators: Pick<Config['operators'], 'code_every'>;
  };
}

/** Each check takes 19 MB and some tens of milliseconds. */
const AT_A_TIME = 2;
const WAITING = 20;
const MOST_REMEMBERED = 1000;

/**
 * Tells who acts. Tokens have 256 random bits, so guessing them is slowed by the client alone and locks nobody out; a
 * wrong code beside the right token counts in the operator's row, which locks for longer and longer.
 */
export async function createOperatorLogin(deps: LoginDeps): Promise<OperatorLogin> {
  const { clock } = deps;
  const { operators, audit } = deps.store;
  const rememberMs = () => deps.config().operators.code_every;
  const nobody = await hash(randomBytes(32));
  const secret = randomBytes(32);
  const remembered = new Map<string, number>();
  const byClient = slidingCounter(clock, () => deps.config().login.failures_per_client);
  const gate = narrowGate(AT_A_TIME, WAITING);
  const inTurn = createInTurn();

  const keyOf = (operator: Operator, token: string) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([operator.name, operator.tokenHash, operator.changedAt, token]))
      .digest('hex');
  const isRemembered = (key: string) => {
    const until = remembered.get(key);
    const now = clock.now();
    return until !== undefined && now < until && now >= until - rememberMs();
  };
  const remember = (key: string) => {
    remembered.delete(key);
    remembered.set(key, clock.now() + rememberMs());
    if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
  };

  const about = (from: LoginFrom) =>
    from.clientAddress === undefined ? {} : { clientAddress: from.clientAddress };
  const failed = (reason: string, operator: Operator | undefined, from: LoginFrom) => {
    byClient.add(from.clientKey);
    return auditEvent('operator.login-failed', {
      ...(operator === undefined ? {} : { operator: operator.name }),
      ...about(from),
      reason,
    });
  };
  const loggedIn = (operator: Operator, from: LoginFrom, code: boolean) =>
    auditEvent('operator.logged-in', { operator: operator.name, ...about(from), secondFactor: code });

  const checkCode = async (
    operator: Operator,
    sealed: Uint8Array,
    { code, token }: Credentials,
    from: LoginFrom,
  ): Promise<LoginRefusal | undefined> => {
    const key = keyOf(operator, token);
    if (code === undefined) return from.remember && isRemembered(key) ? undefined : 'code-needed';
    const now = clock.now();
    if (isLocked(operator, now)) return 'locked';
    const step = await deps.totp.step(operator.name, sealed, code, operator.totpStep, now);
    if (step === undefined) {
      const event = failed('wrong code', operator, from);
      // Where the row was changed meanwhile, the failure is recorded all the same.
      if (!(await operators.put(afterFailure(operator, now), operator, [event]))) await audit.record([event]);
      return 'code-wrong';
    }
    const { lockedUntil: _, ...rest } = operator;
    const used: Operator = { ...rest, totpStep: step, failures: 0 };
    // The step is used up before anybody is let in.
    if (!(await operators.put(used, operator, [loggedIn(operator, from, true)]))) return 'code-wrong';
    if (from.remember) remember(key);
    return undefined;
  };

  const judge = async (credentials: Credentials, from: LoginFrom): Promise<LoginAnswer> => {
    const { failures_per_client: most, window } = deps.config().login;
    if (byClient.count(from.clientKey, window) >= most) return { ok: false, refusal: 'too-many' };
    const operator = await operators.operator(credentials.operator);
    const right = await verify(operator?.tokenHash ?? nobody, credentials.token);
    if (operator === undefined || !right || operator.disabled) {
      const reason =
        operator === undefined ? 'no such operator' : right ? 'operator disabled' : 'wrong token';
      await audit.record([failed(reason, operator, from)]);
      return { ok: false, refusal: 'wrong' };
    }
    const { sealedTotp } = operator;
    if (sealedTotp === undefined) {
      if (from.secondFactor === 'always') {
        await audit.record([failed('no second factor enrolled', operator, from)]);
        return { ok: false, refusal: 'no-second-factor' };
      }
      await audit.record([loggedIn(operator, from, false)]);
    } else {
      const refusal = await checkCode(operator, sealedTotp, credentials, from);
      if (refusal !== undefined) return { ok: false, refusal };
    }
    const { name, roles, changedAt: asOf } = operator;
    return { ok: true, actor: { kind: 'operator', name, roles, asOf } };
  };

  return {
    authenticate: (credentials, from) =>
      inTurn(credentials.operator, async () => {
        return (await gate(() => judge(credentials, from))) ?? { ok: false, refusal: 'busy' };
      }),
  };
}
