import { hash } from '@node-rs/argon2';
import { beforeAll, describe, expect, it } from 'vitest';
import { passwordCheck } from '../../../src/intake/password.js';
import type { Account } from '../../../src/model/account.js';

const PASSWORD = 'made-up password 1';
const MINUTE = 60_000;
/** Cheap parameters: how long a hash takes is not what is tested here. */
const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };

let account: Account;
beforeAll(async () => {
  account = {
    name: 'ward3',
    passwordHash: await hash(PASSWORD, CHEAP),
    senders: [],
    disabled: false,
    createdAt: 0,
    changedAt: 0,
  };
});

async function start(remember = MINUTE) {
  const world = { now: 1_000_000, remember };
  const passwords = await passwordCheck({ now: () => world.now }, () => world.remember);
  return { world, passwords };
}

describe('remembered credentials', () => {
  it('are those that were found right, for as long as the configuration says', async () => {
    const { world, passwords } = await start();
    expect(passwords.remembered(account, PASSWORD)).toBe(false);
    expect(await passwords.check(account, PASSWORD)).toBe(true);
    expect(passwords.remembered(account, PASSWORD)).toBe(true);
    expect(passwords.remembered(account, 'another password')).toBe(false);
    world.now += MINUTE - 1;
    expect(passwords.remembered(account, PASSWORD)).toBe(true);
    world.now += 1;
    expect(passwords.remembered(account, PASSWORD)).toBe(false);
  });

  it('are not made by a wrong password', async () => {
    const { passwords } = await start();
    expect(await passwords.check(account, 'wrong')).toBe(false);
    expect(passwords.remembered(account, 'wrong')).toBe(false);
    expect(passwords.remembered(account, PASSWORD)).toBe(false);
  });

  it.each([
    ['its password is changed', (one: Account) => ({ ...one, passwordHash: `${one.passwordHash}x` })],
    ['it is disabled', (one: Account) => ({ ...one, disabled: true })],
  ])('of an account end at once when %s', async (_, change) => {
    const { passwords } = await start();
    await passwords.check(account, PASSWORD);
    expect(passwords.remembered(change(account), PASSWORD)).toBe(false);
  });

  it('of a disabled account do not come back when it is enabled again', async () => {
    const { passwords } = await start();
    await passwords.check(account, PASSWORD);
    passwords.remembered({ ...account, disabled: true }, PASSWORD);
    expect(passwords.remembered(account, PASSWORD)).toBe(false);
  });

  it('are none with `0s`, also those of before a reload said so', async () => {
    const { world, passwords } = await start();
    await passwords.check(account, PASSWORD);
    world.remember = 0;
    expect(passwords.remembered(account, PASSWORD)).toBe(false);
    await passwords.check(account, PASSWORD);
    world.remember = MINUTE;
    expect(passwords.remembered(account, PASSWORD)).toBe(false);
  });

  it('do not last longer when the clock is set back', async () => {
    const { world, passwords } = await start();
    await passwords.check(account, PASSWORD);
    world.now -= 1;
    expect(passwords.remembered(account, PASSWORD)).toBe(false);
  });

  it('are those of the newest thousand accounts', async () => {
    const { passwords } = await start();
    const named = (i: number) => ({ ...account, name: `account-${i}` });
    for (let i = 0; i <= 1000; i++) await passwords.check(named(i), PASSWORD);
    expect(passwords.remembered(named(0), PASSWORD)).toBe(false);
    expect(passwords.remembered(named(1), PASSWORD)).toBe(true);
    expect(passwords.remembered(named(1000), PASSWORD)).toBe(true);
  });
});
