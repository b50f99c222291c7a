import { z } from 'zod';
import { type AuditEvent, auditEvent } from '../../audit/events.js';
import { isReservedName, OPERATOR_NAME, type Operator, ROLES, type Role } from '../../model/operator.js';
import { UserError } from '../../shared/errors.js';
import { hashToken, newToken } from '../operators/token.js';
import { type ActContext, act } from './act.js';
import { OVERTAKEN } from './apply.js';

const name = z.string().regex(OPERATOR_NAME, {
  error:
    'the name of an operator has small letters, digits, dots, dashes and underscores, and 63 characters at most',
});
const newName = name.refine((wanted) => !isReservedName(wanted), {
  error: 'the audit log has this name for what no person does; take another one',
});
const roles = z
  .array(z.enum(ROLES))
  .min(1, { error: `an operator needs a role: ${ROLES.join(', ')}` })
  .transform((given) => ROLES.filter((role) => given.includes(role)));

/** Makes an operator; the token and the secret of the second factor are in the answer, and nowhere else. */
export const addOperator = act(
  z.strictObject({ name: newName, roles, totp: z.boolean().default(true) }),
  async (context, input) => {
    const { store, clock, actor } = context;
    if ((await store.operators.operator(input.name)) !== undefined)
      throw new UserError(
        `the operator ${input.name} exists already; \`operators token\` makes a new token, \`operators roles\` changes the roles`,
      );
    if (actor.kind === 'local' && !input.roles.includes('administrator'))
      throw new UserError(
        'the first operator must be an administrator, who adds the others: --role administrator',
        { exitStatus: 2 },
      );
    const token = newToken();
    const factor = input.totp ? context.enrolTotp(input.name) : undefined;
    const now = clock.now();
    const operator: Operator = {
      name: input.name,
      roles: input.roles,
      tokenHash: await hashToken(token),
      ...(factor === undefined ? {} : { sealedTotp: factor.sealed }),
      totpStep: 0,
      failures: 0,
      disabled: false,
      createdAt: now,
      changedAt: now,
    };
    await put(context, operator, undefined, [
      auditEvent('operator.added', {
        actor: actor.name,
        operator: operator.name,
        roles: operator.roles,
        secondFactor: factor !== undefined,
      }),
    ]);
    return { added: operator.name, token, ...shown(factor) };
  },
);

/** Gives an operator other roles. */
export const setOperatorRoles = act(z.strictObject({ name, roles }), async (context, input) => {
  const before = await existing(context, input.name);
  if (!input.roles.includes('administrator')) await keepAnAdministrator(context, before);
  await change(context, before, { roles: input.roles }, 'roles');
  return { changed: before.name, roles: [...input.roles] };
});

/** Ends an operator's right to act; the row is kept, because the audit log names it. */
export const disableOperator = act(z.strictObject({ name }), async (context, input) => {
  const before = await existing(context, input.name);
  if (before.disabled) throw new UserError(`the operator ${before.name} is disabled already`);
  await keepAnAdministrator(context, before);
  await put(context, { ...before, disabled: true, changedAt: context.clock.now() }, before, [
    auditEvent('operator.disabled', { actor: context.actor.name, operator: before.name }),
  ]);
  return { disabled: before.name };
});

/** A new token for oneself, or, by an administrator, for somebody else; a disabled operator may act again with it. */
export const renewOperatorToken = act(z.strictObject({ name }), async (context, input) => {
  mayConcern(context, input.name);
  const before = await existing(context, input.name);
  const token = newToken();
  const tokenHash = await hashToken(token);
  await change(context, before, { tokenHash, disabled: false }, before.disabled ? 'enabled' : 'token');
  return { changed: before.name, token };
});

/** A new second factor for oneself, or, by an administrator, for somebody else. */
export const enrolOperatorTotp = act(z.strictObject({ name }), async (context, input) => {
  mayConcern(context, input.name);
  const before = await existing(context, input.name);
  const factor = context.enrolTotp(before.name);
  await change(context, unlocked(before), { sealedTotp: factor.sealed, totpStep: 0 }, 'totp', before);
  return { changed: before.name, ...shown(factor) };
});

/** Lets an administrator in again who lost token or second factor; with the relay stopped, and loud on record. */
export const recoverOperator = act(z.strictObject({ name }), async (context, input) => {
  const before = await existing(context, input.name);
  if (!before.roles.includes('administrator'))
    throw new UserError(
      `${before.name} is no administrator: an administrator helps with \`operators token\``,
    );
  const token = newToken();
  const factor = context.enrolTotp(before.name);
  const set = {
    tokenHash: await hashToken(token),
    sealedTotp: factor.sealed,
    totpStep: 0,
    disabled: false,
  };
  await change(context, unlocked(before), set, 'recovered', before);
  return { changed: before.name, token, ...shown(factor) };
});

interface Factor {
  readonly uri: string;
  readonly secret: string;
}

function shown(factor: Factor | undefined): { readonly totp?: { uri: string; secret: string } } {
  return factor === undefined ? {} : { totp: { uri: factor.uri, secret: factor.secret } };
}

function unlocked({ lockedUntil: _, ...operator }: Operator): Operator {
  return { ...operator, failures: 0 };
}

async function existing(context: ActContext, wanted: string): Promise<Operator> {
  const operator = await context.store.operators.operator(wanted);
  if (operator === undefined)
    throw new UserError(`no operator is named ${wanted}; \`sallyport operators list\` shows them`);
  return operator;
}

/** @throws UserError when it is somebody else's, and the actor is no administrator */
function mayConcern({ actor }: ActContext, wanted: string): void {
  const roles: readonly Role[] = actor.roles;
  if (actor.name !== wanted && !roles.includes('administrator'))
    throw new UserError(`only an administrator may do this for somebody else than ${actor.name}`);
}

/** @throws UserError when nobody could add operators any more */
async function keepAnAdministrator(context: ActContext, without: Operator): Promise<void> {
  if (!without.roles.includes('administrator') || without.disabled) return;
  const others = (await context.store.operators.operators()).filter(
    (one) => one.name !== without.name && !one.disabled && one.roles.includes('administrator'),
  );
  if (others.length === 0)
    throw new UserError(`${without.name} is the only administrator: make another one first`);
}

async function change(
  context: ActContext,
  base: Operator,
  set: Partial<Operator>,
  what: 'roles' | 'token' | 'totp' | 'enabled' | 'recovered',
  expected: Operator = base,
): Promise<void> {
  const next: Operator = { ...base, ...set, changedAt: context.clock.now() };
  const event = auditEvent('operator.changed', {
    actor: context.actor.name,
    operator: next.name,
    change: what,
    roles: next.roles,
  });
  await put(context, next, expected, [event]);
}

async function put(
  context: ActContext,
  next: Operator,
  expected: Operator | undefined,
  events: readonly AuditEvent[],
): Promise<void> {
  if (!(await context.store.operators.put(next, expected, events))) throw new UserError(OVERTAKEN);
}
