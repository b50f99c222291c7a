import { beforeEach, describe, expect, it } from 'vitest';
import { type Actor, LOCAL } from '../../../../src/model/operator.js';
import { performAct } from '../../../../src/ops/acts/index.js';
import type { Json } from '../../../../src/shared/canonical-json.js';
import { type KeyStage, keyStage } from './key-stage.js';

let stage: KeyStage;
let enrolled: number;
const ada: Actor = { kind: 'operator', name: 'ada', roles: ['administrator'] };
const rita: Actor = { kind: 'operator', name: 'rita', roles: ['reviewer'] };

beforeEach(async () => {
  enrolled = 0;
  stage = await keyStage({
    enrolTotp: (operator) => {
      enrolled += 1;
      return { sealed: Uint8Array.of(enrolled), uri: `otpauth://totp/${operator}`, secret: 'MADEUP' };
    },
  });
  await as(LOCAL, 'operators add', { name: 'ada', roles: ['administrator'] });
  await as(ada, 'operators add', { name: 'rita', roles: ['reviewer', 'auditor', 'reviewer'] });
});

function as(actor: Actor, name: string, input: Json, relayStopped = false): Promise<Json> {
  return performAct({ ...stage.context, actor, relayStopped }, name, input);
}
const row = (name: string) => stage.store.operators.operator(name);

describe('operators', () => {
  it('have a token that only its hash is kept of, and roles in one order', async () => {
    const answer = await as(ada, 'operators add', { name: 'rob', roles: ['auditor'], totp: false });
    expect(answer).toEqual({ added: 'rob', token: expect.stringMatching(/^sallyport-[\w-]{43}$/) });
    expect(await row('rob')).toMatchObject({ tokenHash: expect.stringMatching(/^\$argon2id\$/) });
    expect((await row('rob'))?.sealedTotp).toBeUndefined();
    expect(await row('rita')).toMatchObject({ roles: ['reviewer', 'auditor'], sealedTotp: Uint8Array.of(2) });
    await expect(as(ada, 'operators add', { name: 'rob', roles: ['auditor'] })).rejects.toThrow(
      'exists already',
    );
  });

  it.each(['local, unverified', 'Rita', 'rita@clinic.example', '', '.rita', 'r'.repeat(64)])(
    'can’t be named %j',
    async (name) => {
      await expect(as(ada, 'operators add', { name, roles: ['auditor'] })).rejects.toThrow('small letters');
    },
  );

  it.each([
    'local',
    'retention',
    'system',
    'sallyport',
    'first-start',
    'first_start',
    'local.unverified',
    'relay',
  ])('have no name that the gateway itself acts by: %s', async (name) => {
    await expect(as(ada, 'operators add', { name, roles: ['auditor'] })).rejects.toMatchObject({
      exitStatus: 2,
      message: expect.stringContaining('take another one'),
    });
  });

  it.each(['locally', 'relay2', 'firstina', 'sally'])('may be named %s', async (name) => {
    await expect(as(ada, 'operators add', { name, roles: ['auditor'] })).resolves.toMatchObject({
      added: name,
    });
  });

  it('renew their own token and second factor, an administrator everybody’s', async () => {
    const before = await row('rita');
    await expect(as(rita, 'operators token', { name: 'ada' })).rejects.toThrow('only an administrator');
    await expect(as(rita, 'operators totp', { name: 'ada' })).rejects.toThrow('only an administrator');
    await as(rita, 'operators token', { name: 'rita' });
    await as(rita, 'operators totp', { name: 'rita' });
    const after = await row('rita');
    expect(after?.tokenHash).not.toBe(before?.tokenHash);
    expect(after?.sealedTotp).toEqual(Uint8Array.of(3));
    await as(ada, 'operators disable', { name: 'rita' });
    expect(await row('rita')).toMatchObject({ disabled: true });
    await as(ada, 'operators token', { name: 'rita' });
    expect(await row('rita')).toMatchObject({ disabled: false });
  });

  it('always have an administrator among them', async () => {
    const only = 'ada is the only administrator';
    await expect(as(ada, 'operators disable', { name: 'ada' })).rejects.toThrow(only);
    await expect(as(ada, 'operators roles', { name: 'ada', roles: ['auditor'] })).rejects.toThrow(only);
    await as(ada, 'operators roles', { name: 'rita', roles: ['administrator', 'reviewer'] });
    await as(ada, 'operators roles', { name: 'ada', roles: ['auditor'] });
    await expect(as(ada, 'operators disable', { name: 'rita' })).rejects.toThrow(
      'rita is the only administrator',
    );
  });

  it('are recovered with the relay stopped, administrators alone', async () => {
    await expect(as(LOCAL, 'operators recover', { name: 'ada' })).rejects.toThrow('stopped');
    await expect(as(ada, 'operators recover', { name: 'ada' }, true)).rejects.toThrow('local user');
    await expect(as(LOCAL, 'operators recover', { name: 'rita' }, true)).rejects.toThrow('no administrator');
    const before = await row('ada');
    expect(await as(LOCAL, 'operators recover', { name: 'ada' }, true)).toMatchObject({
      changed: 'ada',
      token: expect.any(String),
      totp: { secret: 'MADEUP' },
    });
    expect((await row('ada'))?.tokenHash).not.toBe(before?.tokenHash);
  });
});
