import { hash } from '@node-rs/argon2';
import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import type { Account } from '../../model/account.js';
import { isOwnIdentity } from '../../model/own-identity.js';
import { UserError } from '../../shared/errors.js';
import { parseSenderPattern } from '../../shared/sender-pattern.js';
import { type ActContext, act } from './act.js';

const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x7e]+$/, { error: 'an account name has visible ASCII characters only' });
const password = z.string().min(12, { error: 'a password has at least 12 characters' }).max(1024);
const pattern = z.string().refine((text) => parseSenderPattern(text) !== undefined, {
  error: 'must be an address or domain, such as ward3@clinic.example or clinic.example',
});
const senders = z.array(pattern).min(1, { error: 'an account needs at least one sender address or domain' });

/** Makes a submission account. */
export const addAccount = act(z.strictObject({ name, password, senders }), async (context, input) => {
  if (isOwnIdentity(input.name))
    throw new UserError(`${input.name} is the name of the relay's own mail; choose another for the account`);
  if (context.loaded.config.identities.some(({ name }) => name === input.name))
    throw new UserError(
      `an identity is named ${input.name}, so nobody could log in as it; choose another for the account`,
    );
  const there = await context.store.accounts.account(input.name);
  if (there !== undefined) {
    throw new UserError(
      there.disabled
        ? `the account ${input.name} exists already and is disabled; \`sallyport users enable ${input.name}\` lets it log in again`
        : `the account ${input.name} exists already; \`sallyport users password ${input.name}\` gives it a new password`,
    );
  }
  const now = context.clock.now();
  await put(context, input.name, {
    name: input.name,
    passwordHash: await hash(input.password),
    senders: input.senders,
    disabled: false,
    createdAt: now,
    changedAt: now,
  });
  return { added: input.name };
});

/** Gives an account a new password; a disabled account stays disabled. */
export const setAccountPassword = act(z.strictObject({ name, password }), async (context, input) => {
  const account = await existing(context, input.name);
  await context.store.accounts.put(
    { ...account, passwordHash: await hash(input.password), changedAt: context.clock.now() },
    [auditEvent('account.password-changed', { actor: context.actor.name, account: account.name })],
  );
  return { changed: account.name, disabled: account.disabled };
});

/** Says what an account may do beyond writing in its own name; what is left out it may not, whatever it might before. */
export const allowAccount = act(
  z.strictObject({ name, forwarding: z.enum(['off', 'resent', 'redirected']), onBehalfOf: z.array(pattern) }),
  async (context, input) => {
    const account = await existing(context, input.name);
    const { forwarding, onBehalfOf } = input;
    await context.store.accounts.put(
      { ...account, allow: { forwarding, onBehalfOf }, changedAt: context.clock.now() },
      [
        auditEvent('account.allowed', {
          actor: context.actor.name,
          account: account.name,
          forwarding,
          onBehalfOf,
        }),
      ],
    );
    return { changed: account.name };
  },
);

/** Ends an account's right to log in; it is kept, because the audit log names it. */
export const disableAccount = act(z.strictObject({ name }), async (context, input) => {
  const account = await existing(context, input.name);
  await context.store.accounts.put({ ...account, disabled: true, changedAt: context.clock.now() }, [
    auditEvent('account.disabled', { actor: context.actor.name, account: account.name }),
  ]);
  return { disabled: account.name };
});

/** Lets a disabled account log in again, with the password and rights that it had. */
export const enableAccount = act(z.strictObject({ name }), async (context, input) => {
  const account = await existing(context, input.name);
  if (!account.disabled) throw new UserError(`the account ${account.name} is not disabled`);
  await context.store.accounts.put({ ...account, disabled: false, changedAt: context.clock.now() }, [
    auditEvent('account.enabled', { actor: context.actor.name, account: account.name }),
  ]);
  return { enabled: account.name };
});

async function existing(context: ActContext, wanted: string): Promise<Account> {
  const account = await context.store.accounts.account(wanted);
  if (account === undefined)
    throw new UserError(`no account is named ${wanted}; \`sallyport users list\` shows them`);
  return account;
}

async function put(context: ActContext, account: string, row: Account): Promise<void> {
  await context.store.accounts.put(row, [
    auditEvent('account.added', { actor: context.actor.name, account, senders: row.senders }),
  ]);
}
