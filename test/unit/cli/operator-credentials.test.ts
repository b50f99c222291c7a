import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { operatorCredentials } from '../../../src/cli/operator-credentials.js';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-token-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}
const OPERATOR = { SALLYPORT_OPERATOR: 'rita' };

it.each<[string, NodeJS.ProcessEnv, object | undefined]>([
  ['nobody is named', {}, undefined],
  ['the token is given', { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN: 't' }, { operator: 'rita', token: 't' }],
  [
    'the token is in a file, with a line end',
    { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN_FILE: file('good', 't\n') },
    { operator: 'rita', token: 't' },
  ],
  [
    'there is a code',
    { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN: 't', SALLYPORT_OPERATOR_CODE: '123456' },
    { operator: 'rita', token: 't', code: '123456' },
  ],
  [
    'the code is empty',
    { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN: 't', SALLYPORT_OPERATOR_CODE: '' },
    { operator: 'rita', token: 't' },
  ],
])('finds who gives a command: %s', async (_, env, credentials) => {
  expect(await operatorCredentials(env, undefined)).toEqual(credentials);
});

it('asks for a token at a terminal', async () => {
  const asked: string[] = [];
  const credentials = await operatorCredentials(OPERATOR, async (question) => {
    asked.push(question);
    return 'typed';
  });
  expect([credentials, asked]).toEqual([{ operator: 'rita', token: 'typed' }, ['Token of rita: ']]);
});

it.each<[string, NodeJS.ProcessEnv, string]>([
  ['no token', OPERATOR, 'there is no token for rita'],
  ['an empty name', { SALLYPORT_OPERATOR: '' }, 'SALLYPORT_OPERATOR is set, but empty'],
  ['a blank name', { SALLYPORT_OPERATOR: ' ', SALLYPORT_OPERATOR_TOKEN: 't' }, 'OPERATOR is set, but empty'],
  ['an empty name with a token', { SALLYPORT_OPERATOR: '', SALLYPORT_OPERATOR_TOKEN: 't' }, 'but empty'],
  ['an empty token', { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN: '' }, 'OPERATOR_TOKEN is set, but empty'],
  ['an empty token of nobody', { SALLYPORT_OPERATOR_TOKEN: '' }, 'OPERATOR_TOKEN is set, but empty'],
  [
    'an empty file name',
    { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN: 't', SALLYPORT_OPERATOR_TOKEN_FILE: '' },
    'OPERATOR_TOKEN_FILE is set, but empty',
  ],
  ['a token of nobody', { SALLYPORT_OPERATOR_TOKEN: 't' }, 'SALLYPORT_OPERATOR is not'],
  ['no file', { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN_FILE: join(folder, 'none') }, 'cannot read the token'],
  [
    'a file that the group can read',
    { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN_FILE: file('open', 't', 0o640) },
    'chmod 600',
  ],
  ['an empty file', { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN_FILE: file('empty', ' \n') }, 'is empty'],
  [
    'a file that is none',
    { ...OPERATOR, SALLYPORT_OPERATOR_TOKEN_FILE: file('large', 'x'.repeat(5000)) },
    'is no file with a token',
  ],
])('refuses %s, and names nobody instead', async (_, env, complaint) => {
  await expect(operatorCredentials(env, undefined)).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringContaining(complaint),
  });
});

it('refuses a folder', async () => {
  const path = join(folder, 'folder');
  mkdirSync(path, { mode: 0o700 });
  await expect(
    operatorCredentials({ ...OPERATOR, SALLYPORT_OPERATOR_TOKEN_FILE: path }, undefined),
  ).rejects.toThrow('no file with a token');
});
