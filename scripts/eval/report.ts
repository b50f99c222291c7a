import Table from 'cli-table3';
import type { FileScores } from './scores.js';
import type { Speed } from './speed.js';

export function printScores(files: readonly FileScores[], write: (text: string) => void): void {
  const scores = table(['file', 'rows', 'score', 'value', 'of']);
  for (const { file, rows, scores: measured } of files) {
    for (const [index, { name, value, of }] of measured.entries()) {
      scores.push([index === 0 ? file : '', index === 0 ? rows : '', name, percent(value), of]);
    }
  }
  write(`${scores.toString()}\n`);
  const spans = table(['file', 'type', 'spans', 'seen', 'by a detector for the type']);
  for (const { file, spans: types } of files) {
    // Of files with one or two rows of each type the total says enough.
    if (types.length > 60) continue;
    for (const [index, { type, of, seen, named }] of types.entries()) {
      spans.push([index === 0 ? file : '', type, of, percent(seen / of), percent(named / of)]);
    }
  }
  write(`\nSpan recall by type\n${spans.toString()}\n`);
  const evasions = table(['evasion', 'expected', 'result']);
  for (const { evasions: results } of files) {
    for (const { technique, expect, result } of results) evasions.push([technique, expect, result]);
  }
  if (evasions.length > 0) write(`\nEvasions\n${evasions.toString()}\n`);
}

export function printSpeed(files: readonly FileScores[], speed: Speed, write: (text: string) => void): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const milliseconds = files.reduce((sum, file) => sum + file.milliseconds, 0);
  write(
    `\nSpeed, one thread of this machine\n` +
      `  rows as they are, whole inspection: ${(bytes / milliseconds / 1000).toFixed(1)} MB/s\n` +
      `  mail of ${speed.mailBytes} bytes, whole inspection: ${speed.megabytesPerSecond.toFixed(1)} MB/s, ` +
      `median ${speed.medianMilliseconds.toFixed(2)} ms\n` +
      `  the same, detection alone: ${speed.detectionMegabytesPerSecond.toFixed(1)} MB/s\n`,
  );
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function table(head: string[]) {
  return new Table({
    head,
    style: { head: [], border: [], compact: true },
  });
}
