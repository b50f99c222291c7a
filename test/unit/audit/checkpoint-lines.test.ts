import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  formatCheckpoint,
  keyFingerprint,
  signCheckpoint,
} from '../../../src/audit/checkpoint.js';
import { checkpointLines } from '../../../src/audit/checkpoint-lines.js';
import { bench, failedLogin, NOVEMBER, verify, write } from './support.js';

const { privateKey } = generateKeyPairSync('ed25519');
/** Bytes that are read at once. */
const PIECE = 256 * 1024;

function signed(seq: number): Checkpoint {
  const head = { seq, hash: 'a'.repeat(64) };
  return signCheckpoint(head, NOVEMBER + seq, privateKey, keyFingerprint(privateKey));
}

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-checkpoint-lines-'));
  file = join(folder, 'syslog');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the checkpoints in a file', () => {
  it('are found with the numbers of their lines, the damaged ones and a last one that was cut off too', () => {
    const lines = [
      'other text',
      `a ${formatCheckpoint(signed(1))} b`,
      '',
      formatCheckpoint(signed(2)).slice(9),
    ];
    const cut = formatCheckpoint(signed(3)).slice(0, 100);
    writeFileSync(file, [...lines, cut, formatCheckpoint(signed(4)), cut].join('\n'));
    expect([...checkpointLines(file)]).toEqual([
      { line: 2, found: signed(1), isCutOff: false },
      { line: 5, found: 'damaged', isCutOff: false },
      { line: 6, found: signed(4), isCutOff: false },
      { line: 7, found: 'damaged', isCutOff: true },
    ]);
  });

  it('are the same wherever the pieces that are read end, in short lines and in endless ones', () => {
    const text = formatCheckpoint(signed(5));
    for (let back = -1; back <= text.length + 1; back++) {
      const before = 'x'.repeat(PIECE - back);
      for (const [line, found] of [
        [text, signed(5)],
        [`${text}A`, 'damaged'],
        [text.slice(0, -1), 'damaged'],
        [`${text.slice(0, 300)} ${text}`, signed(5)],
        [`${text} ${formatCheckpoint(signed(6))}`, signed(5)],
      ] as const) {
        writeFileSync(file, `${before}${line} ${'y'.repeat(2 * PIECE)}\n${before.slice(0, -1)}\n${line}\n`);
        expect([...checkpointLines(file)]).toEqual([
          { line: 1, found, isCutOff: false },
          { line: 3, found, isCutOff: false },
        ]);
      }
    }
  });

  it('are known as cut off where crashes left beginnings of what was then written as a whole, and only there', () => {
    const [text, other] = [formatCheckpoint(signed(5)), formatCheckpoint(signed(6))];
    const cut = (length: number) => text.slice(0, length);
    const lines = [
      cut(100),
      cut(200),
      cut(12),
      `${cut(150)}\0\0`,
      text,
      cut(100),
      `${cut(99)}x`,
      other,
      cut(300),
      '',
    ];
    writeFileSync(file, lines.join('\n'));
    const cuts = [...checkpointLines(file)].map(({ line, isCutOff }) => [line, isCutOff]);
    expect(cuts).toEqual([
      [1, true],
      [2, true],
      [4, true],
      [5, false],
      [6, false],
      [7, false],
      [8, false],
      [9, false],
    ]);
    writeFileSync(file, `${cut(100)}\n`.repeat(300));
    expect([...checkpointLines(file)].map(({ line }) => line)).toEqual(
      [...Array(300).keys()].map((n) => n + 1),
    );
  });

  it('may have been cut off by a power cut: when the log goes on, it still verifies', () => {
    const one = bench();
    const log = one.open({ everyEvents: 2 });
    for (let n = 0; n < 6; n++) write(log, [failedLogin(n)], NOVEMBER);
    log.close();
    const own = join(one.dir, 'checkpoints.log');
    truncateSync(own, readFileSync(own).length - 100);
    expect(verify(one.dir)).toMatchObject({ ok: true, notes: [{ code: 'line-cut-off' }, {}] });
    const again = one.open();
    write(again, [failedLogin(9)], NOVEMBER);
    again.close();
    expect(verify(one.dir)).toMatchObject({
      ok: true,
      notes: [
        { code: 'line-cut-off', text: 'line 3 of checkpoints.log is cut off, as a crash leaves it' },
        {},
      ],
    });
    one.remove();
  });

  it('are read beside a log also where they are more than fits into one text', () => {
    const one = bench();
    const log = one.open();
    write(log, [failedLogin(1)], NOVEMBER);
    log.close();
    // Nothing but a hole, so that it takes no room.
    const own = join(one.dir, 'checkpoints.log');
    truncateSync(own, 2 ** 29 + 100);
    appendFileSync(own, `\n${one.lines.join('\n')}\n`);
    expect(verify(one.dir, own)).toMatchObject({ ok: true, checkpoints: { elsewhere: 2 } });
    writeFileSync(own, `\n${one.lines.join('\n').replace(' hash=', ' hash=z')}\n`);
    expect(verify(one.dir).problems).toMatchObject([
      { code: 'checkpoint-damaged', text: 'line 2 of checkpoints.log holds a damaged checkpoint' },
    ]);
    one.remove();
  });
});
