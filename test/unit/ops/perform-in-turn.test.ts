import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import type { Actor, Role } from '../../../src/model/operator.js';
import { type PerformAs, performInTurn } from '../../../src/ops/perform-in-turn.js';
import { createInTurn } from '../../../src/shared/in-turn.js';
import type { Store } from '../../../src/store/index.js';
import { actContext, openActStore } from './acts/act-stage.js';

let now = 1_800_000_000_000;
const clock = { now: () => now++ };

let store: Store;
let performAs: PerformAs;

async function operator(name: string, ...roles: readonly Role[]): Promise<Actor> {
  const at = clock.now();
  const row = { name, roles, tokenHash: 'x', totpStep: 0, failures: 0, disabled: false };
  await store.operators.put({ ...row, createdAt: at, changedAt: at }, undefined, []);
  return { kind: 'operator', name, roles, asOf: at };
}

beforeEach(async () => {
  const opened = await openActStore(clock);
  const { dataDir } = opened;
  store = opened.store;
  const config = parseConfig(
    [
      'hostname: relay.clinic.example',
      'organisation: { name: Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }',
      'listeners: [{ name: submission, address: "127.0.0.1:2587", mode: submission, accounts: true }]',
    ].join('\n'),
    'config.yaml',
  );
  const context = actContext({
    loaded: { config, file: 'config.yaml', dataDir, policyDir: '', hash: '', path: (name) => name },
    store,
    clock,
    actor: { kind: 'local', name: 'local, unverified', roles: [] },
  });
  performAs = performInTurn(context, createInTurn());
});
afterEach(() => store.close());

it('does nothing more for an operator who is disabled while a command of theirs waits for its turn', async () => {
  const ada = await operator('ada', 'administrator');
  const rita = await operator('rita', 'reviewer');
  const [disabled, renewed] = await Promise.allSettled([
    performAs(ada, 'operators disable', { name: 'rita' }),
    performAs(rita, 'operators token', { name: 'rita' }),
  ]);
  expect(disabled.status).toBe('fulfilled');
  expect(renewed).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringContaining('not allowed: rita was changed or disabled meanwhile') },
  });
  expect(await store.operators.operator('rita')).toMatchObject({ disabled: true, tokenHash: 'x' });
});

it('nor for whoever has a token that was replaced meanwhile, or has lost a role', async () => {
  const ada = await operator('ada', 'administrator');
  const bo = await operator('bo', 'administrator');
  const [, second] = await Promise.allSettled([
    performAs(ada, 'operators token', { name: 'bo' }),
    performAs(bo, 'operators token', { name: 'ada' }),
  ]);
  expect(second.status).toBe('rejected');
  const cy = await operator('cy', 'administrator');
  const [, third] = await Promise.allSettled([
    performAs(ada, 'operators roles', { name: 'cy', roles: ['auditor'] }),
    performAs(cy, 'operators roles', { name: 'cy', roles: ['administrator'] }),
  ]);
  expect(third.status).toBe('rejected');
  expect(await store.operators.operator('cy')).toMatchObject({ roles: ['auditor'] });
});

it('does one after the other for whoever is as they were', async () => {
  const ada = await operator('ada', 'administrator');
  const bo = await operator('bo', 'reviewer');
  await Promise.all([
    performAs(ada, 'operators roles', { name: 'bo', roles: ['auditor'] }),
    performAs(ada, 'operators roles', { name: 'bo', roles: ['reviewer', 'auditor'] }),
  ]);
  expect(await store.operators.operator(bo.name)).toMatchObject({ roles: ['reviewer', 'auditor'] });
});
