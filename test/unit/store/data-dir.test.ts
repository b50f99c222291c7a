import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseExists, RELAY_DB, refuseReadOnly } from '../../../src/store/data-dir.js';
import { notOurUser } from '../../../src/store/not-our-user.js';
import { temporaryFolder } from './fixtures.js';

const failing = (code: string) => () => {
  throw Object.assign(new Error(`${code}: made up`), { code });
};

describe('whether there is a database', () => {
  it('is told by a file that is not empty', () => {
    const folder = temporaryFolder();
    expect(databaseExists(folder)).toBe(false);
    expect(databaseExists(join(folder, 'none'))).toBe(false);
    writeFileSync(join(folder, RELAY_DB), '');
    expect(databaseExists(folder)).toBe(false);
    writeFileSync(join(folder, RELAY_DB), 'x');
    expect(databaseExists(folder)).toBe(true);
  });

  it.each(['EACCES', 'EPERM'])('is not known to a user who may not look (%s)', (code) => {
    const folder = temporaryFolder();
    expect(() => databaseExists(folder, failing(code))).toThrow(
      /this user may not read .*; run this as .*: sudo -u \S+ sallyport …/,
    );
  });

  it('is not denied by an error of the disk', () => {
    expect(() => databaseExists(temporaryFolder(), failing('EIO'))).toThrow('EIO');
  });
});

describe('a folder that must be written in', () => {
  it.each([
    ['EACCES', /this user may not write in .*; run this as .*: sudo -u \S+ sallyport …/],
    ['EROFS', /cannot write in .*: its file system is mounted read-only/],
    ['EIO', /cannot write in .*: EIO/],
  ])('is refused by its name, with what to do (%s)', (code, expected) => {
    expect(() => refuseReadOnly(temporaryFolder(), failing(code))).toThrow(expected);
  });

  it('is taken where it can be', () => {
    expect(() => refuseReadOnly(temporaryFolder())).not.toThrow();
  });
});

describe('the advice to the wrong user', () => {
  it('names the owner by name or number, and never root', () => {
    const text = notOurUser(join(temporaryFolder(), 'none', 'deeper'), undefined).message;
    expect(text).toMatch(/sudo -u \S+ sallyport/);
    expect(text).not.toContain('sudo -u root');
  });
});
