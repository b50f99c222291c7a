import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { auditEvent } from '../audit/events.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../shared/clock.js';
import type { AccountStore } from '../store/ports.js';

/**
 * Makes the configured first account when there is no account yet.
 * @returns its name and password, to be shown once; nothing keeps the password
 */
export async function makeFirstAccount(
  config: Config,
  accounts: AccountStore,
  clock: Clock,
): Promise<{ readonly name: string; readonly password: string } | undefined> {
  const wanted = config.first_account;
  if (wanted === undefined || (await accounts.accounts()).length > 0) return undefined;
  const password = newPassword();
  const now = clock.now();
  await accounts.put(
    {
      name: wanted.name,
      passwordHash: await hash(password),
      senders: wanted.senders,
      disabled: false,
      createdAt: now,
      changedAt: now,
    },
    [auditEvent('account.added', { actor: 'first start', account: wanted.name, senders: wanted.senders })],
  );
  return { name: wanted.name, password };
}

/** A password of 100 random bits in groups of five, without letters that look alike. */
export function newPassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  let text = '';
  while (text.length < 20) {
    for (const byte of randomBytes(32)) {
      // Bytes above the last whole multiple would favour the first letters.
      if (byte < 248 && text.length < 20) text += alphabet[byte % 31] ?? '';
    }
  }
  return text.replace(/(.{5})(?!$)/g, '$1-');
}
