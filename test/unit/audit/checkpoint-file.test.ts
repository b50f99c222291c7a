import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  formatCheckpoint,
  keyFingerprint,
  signCheckpoint,
} from '../../../src/audit/checkpoint.js';
import { appendCheckpoints, checkpointsFromEnd } from '../../../src/audit/checkpoint-file.js';
import { checkPublished } from '../../../src/audit/tail-check.js';
import { NOVEMBER } from './support.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const HASH = 'a'.repeat(64);

function signed(seq: number): Checkpoint {
  return signCheckpoint({ seq, hash: HASH }, NOVEMBER + seq, privateKey, keyFingerprint(privateKey));
}

function linesOf(checkpoints: readonly Checkpoint[]): string {
  return checkpoints.map((one) => `${formatCheckpoint(one)}\n`).join('');
}

function raise(): never {
  throw new Error('the test is wrong');
}

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-checkpoints-'));
  file = join(folder, 'checkpoints.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the file of checkpoints', () => {
  it('is read from its end, wherever the pieces of it are cut, without what a crash cut off', () => {
    expect([...checkpointsFromEnd(file)]).toEqual([]);
    const all = Array.from({ length: 2000 }, (_, index) => signed(index + 1));
    const [third = raise(), ...others] = all.slice(2);
    appendFileSync(file, linesOf(all.slice(0, 2)));
    appendFileSync(file, formatCheckpoint(signed(9)).slice(0, 100));
    appendCheckpoints(file, [third]);
    appendFileSync(file, linesOf(others));
    appendFileSync(file, formatCheckpoint(signed(9)).slice(0, 100));
    expect([...checkpointsFromEnd(file)]).toEqual(all.toReversed());
  });

  it('may be larger than anything that fits into memory', () => {
    writeFileSync(file, '');
    truncateSync(file, 2 ** 31 + 1);
    const before = statSync(file).size;
    appendCheckpoints(file, [signed(7)]);
    expect(statSync(file).size).toBe(before + 1 + formatCheckpoint(signed(7)).length + 1);
    const [last] = checkpointsFromEnd(file);
    expect(last).toEqual(signed(7));
  });
});

describe('what was handed out', () => {
  it('is known at the start without checking all signatures of years', () => {
    writeFileSync(file, linesOf([signed(1)]).repeat(300_000));
    appendCheckpoints(file, [signed(8)]);
    expect(checkPublished({ seq: 8, hash: HASH }, file, publicKey)).toBe(8);
  });

  it('is the highest that was signed, in whatever order somebody put them', () => {
    appendCheckpoints(file, [signed(12)]);
    appendCheckpoints(file, [{ ...signed(30), signature: signed(12).signature }]);
    appendCheckpoints(file, [signed(3)]);
    expect(checkPublished({ seq: 12, hash: HASH }, file, publicKey)).toBe(12);
    expect(() => checkPublished({ seq: 11, hash: HASH }, file, publicKey)).toThrow(
      'a checkpoint of event 12',
    );
  });
});
