import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import { writeLogAnew } from '../../../src/shared/write-log-anew.js';

const database = () => join(mkdtempSync(join(tmpdir(), 'sallyport-anew-')), 'any.db');

describe('writing the log of a database anew', () => {
  it('leaves each byte as it is, however many there are', () => {
    const file = database();
    const bytes = Buffer.from(Array.from({ length: 9 * 1024 * 1024 }, (_, i) => (i * 31) % 251));
    writeFileSync(`${file}-wal`, bytes);
    writeLogAnew(file);
    expect(readFileSync(`${file}-wal`).equals(bytes)).toBe(true);
  });

  it('makes none where there is none', () => {
    const file = database();
    writeLogAnew(file);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('is not noticed by whoever reads', () => {
    const file = database();
    const writer = openSqlite(file);
    writer.pragma('journal_mode = WAL');
    writer.exec('CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1)');
    const reader = openSqlite(file, { readonly: true });
    const count = reader.prepare<[], number>('SELECT count(*) FROM one').pluck();
    reader.exec('BEGIN');
    expect(count.get()).toBe(1);
    writeLogAnew(file);
    expect(count.get()).toBe(1);
    writer.exec('INSERT INTO one VALUES (2)');
    reader.exec('COMMIT');
    expect(count.get()).toBe(2);
    reader.close();
    writer.close();
  });
});
