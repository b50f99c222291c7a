import { beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema.js';
import { LOCAL } from '../../../../src/model/operator.js';
import { performAct } from '../../../../src/ops/acts/index.js';
import type { Json } from '../../../../src/shared/canonical-json.js';
import { type KeyStage, keyStage } from './key-stage.js';

const PASSWORD = 'a made-up password';
let stage: KeyStage;

beforeEach(async () => {
  stage = await keyStage();
  await perform('users add', { name: 'ward3', password: PASSWORD, senders: ['clinic.example'] });
});

const perform = (name: string, input: Json) =>
  performAct({ ...stage.context, actor: LOCAL, relayStopped: false }, name, input);

describe('an account', () => {
  it.each(['sallyport', 'portal'])('has no name of the relay’s own mail: %s', async (name) => {
    const input = { name, password: PASSWORD, senders: ['clinic.example'] };
    await expect(perform('users add', input)).rejects.toThrow('is the name of the relay');
    expect(await stage.store.accounts.account(name)).toBeUndefined();
  });
});

describe('an account like an identity of the configuration', () => {
  it('is not made, because nobody could log in with it', async () => {
    const { loaded } = stage.context;
    const [listener] = loaded.config.listeners;
    const identity = { name: 'scanner', networks: ['10.1.0.0/16'], senders: ['clinic.example'] };
    const config = configSchema.parse({
      hostname: loaded.config.hostname,
      organisation: loaded.config.organisation,
      listeners: [{ name: listener!.name, address: '127.0.0.1:2587', mode: 'submission', accounts: true }],
      identities: [identity],
    });
    const context = { ...stage.context, loaded: { ...loaded, config }, actor: LOCAL };
    const input = { name: 'scanner', password: PASSWORD, senders: ['clinic.example'] };
    await expect(performAct(context, 'users add', input)).rejects.toThrow('an identity is named scanner');
    expect(await stage.store.accounts.account('scanner')).toBeUndefined();
  });
});

describe('a disabled account', () => {
  beforeEach(async () => {
    await perform('users disable', { name: 'ward3' });
  });

  it('stays so with a new password, and the answer says it', async () => {
    expect(await perform('users password', { name: 'ward3', password: `${PASSWORD} 2` })).toEqual({
      changed: 'ward3',
      disabled: true,
    });
    expect(await stage.store.accounts.account('ward3')).toMatchObject({ disabled: true });
  });

  it('is enabled again as it was', async () => {
    const before = await stage.store.accounts.account('ward3');
    expect(await perform('users enable', { name: 'ward3' })).toEqual({ enabled: 'ward3' });
    expect(await stage.store.accounts.account('ward3')).toEqual({
      ...before,
      disabled: false,
      changedAt: expect.any(Number),
    });
    await expect(perform('users enable', { name: 'ward3' })).rejects.toThrow('is not disabled');
  });

  it('is named by the command that helps, when it is added once more', async () => {
    const again = { name: 'ward3', password: PASSWORD, senders: ['clinic.example'] };
    await expect(perform('users add', again)).rejects.toThrow('`sallyport users enable ward3`');
    await perform('users enable', { name: 'ward3' });
    await expect(perform('users add', again)).rejects.toThrow('`sallyport users password ward3`');
  });

  it('must exist to be enabled', async () => {
    await expect(perform('users enable', { name: 'nobody' })).rejects.toThrow('no account is named nobody');
  });
});
