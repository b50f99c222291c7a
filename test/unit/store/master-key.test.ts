import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deriveKey, type KeyPurpose, loadMasterKey } from '../../../src/store/master-key.js';
import { temporaryFolder } from './fixtures.js';

const bytes = Buffer.alloc(32, 7);
const text = bytes.toString('base64');

function keyFile(content: string, mode = 0o600): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'master.key'), content, { mode });
  chmodSync(join(folder, 'master.key'), mode);
  return folder;
}

const load = (folder: string, createIfMissing = false) =>
  loadMasterKey({ file: 'master.key' }, folder, { createIfMissing });

describe('a master key file', () => {
  it('is made once, for its owner only, in a folder made for it', () => {
    const folder = join(temporaryFolder(), 'data');
    const made = load(folder, true);
    const file = join(folder, 'master.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const content = readFileSync(file, 'utf8');
    expect(Buffer.from(content, 'base64')).toHaveLength(32);
    expect(load(folder, true).secret.equals(made.secret)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('may end with a line break or not', () => {
    for (const content of [text, `${text}\n`, `${text}\r\n`]) {
      expect(load(keyFile(content)).secret.export().equals(bytes)).toBe(true);
    }
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['31 bytes', randomBytes(31).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['hexadecimal', bytes.toString('hex')],
    ['junk in it', `${text.slice(0, 10)} ${text.slice(10)}`],
    ['no padding', text.slice(0, -1)],
  ])('is refused with %s', (_what, content) => {
    expect(() => load(keyFile(content))).toThrow(/is not a master key/);
  });

  it.each([0o640, 0o604, 0o660, 0o644])('is refused with mode %o', (mode) => {
    expect(() => load(keyFile(text, mode))).toThrow(/chmod 600/);
  });

  it('is refused when missing and not to be made', () => {
    expect(() => load(temporaryFolder())).toThrow(/is missing/);
  });

  it('is never made anew beside a database', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'relay.db'), 'a database');
    expect(() => load(folder, true)).toThrow(/restore it/);
    expect(existsSync(join(folder, 'master.key'))).toBe(false);
  });

  it('does not show in JSON or messages', () => {
    const key = load(keyFile(text));
    expect(JSON.stringify(key)).not.toContain(text);
    expect(JSON.stringify(key)).not.toContain(bytes.toString('hex'));
  });
});

describe('other sources', () => {
  const options = (env: NodeJS.ProcessEnv) => ({ createIfMissing: true, env });

  it('are an environment variable', () => {
    const from = { env: 'SALLYPORT_KEY' };
    expect(
      loadMasterKey(from, '/nowhere', options({ SALLYPORT_KEY: text }))
        .secret.export()
        .equals(bytes),
    ).toBe(true);
    expect(() => loadMasterKey(from, '/nowhere', options({}))).toThrow(/SALLYPORT_KEY is not set/);
    expect(() => loadMasterKey(from, '/nowhere', options({ SALLYPORT_KEY: 'x' }))).toThrow(
      /SALLYPORT_KEY is not a/,
    );
  });

  it('are a systemd credential', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'credentials'));
    writeFileSync(join(folder, 'credentials', 'key'), text, { mode: 0o440 });
    const env = { CREDENTIALS_DIRECTORY: join(folder, 'credentials') };
    expect(loadMasterKey({ credential: 'key' }, folder, options(env)).secret.export().equals(bytes)).toBe(
      true,
    );
    expect(() => loadMasterKey({ credential: 'other' }, folder, options(env))).toThrow(/there is no/);
    expect(() => loadMasterKey({ credential: 'key' }, folder, options({}))).toThrow(/LoadCredential/);
  });
});

describe('derived keys', () => {
  const purposes: KeyPurpose[] = [
    'body-wrap',
    'fingerprint',
    'portal-code',
    'cookie',
    'key-check',
    'secrets',
  ];

  it('are 32 bytes, the same each time, and different for each purpose and master key', () => {
    const master = load(keyFile(text));
    const other = load(keyFile(randomBytes(32).toString('base64')));
    const keys = [
      ...purposes.map((one) => deriveKey(master, one)),
      ...purposes.map((one) => deriveKey(other, one)),
    ];
    expect(keys.every((key) => key.length === 32)).toBe(true);
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(2 * purposes.length);
    expect(deriveKey(load(keyFile(text)), 'body-wrap')).toEqual(deriveKey(master, 'body-wrap'));
  });

  it('never change: stored content depends on them', () => {
    expect(deriveKey(load(keyFile(text)), 'body-wrap').toString('hex')).toMatchInlineSnapshot(
      `"0a5c50d8a4398bafab3a840f14a706d62c5f38a0910ebfbfd8e34aac7b6d7027"`,
    );
  });
});
