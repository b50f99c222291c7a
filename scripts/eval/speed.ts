import { detect } from '../../src/inspect/detect/index.js';
import { inspectMessage } from '../../src/inspect/inspect-message.js';
import { readMessage } from '../../src/inspect/structure.js';
import type { DataFile } from './rows.js';

const LIMITS = { deadline: 60_000, max_depth: 20, max_parts: 1000, max_part_text: 20 * 1024 * 1024 };
const FINGERPRINT_KEY = new Uint8Array(32);
const MAILS = 60;
const MAIL_BYTES = 10 * 1024;

export interface Speed {
  /** Size of the mails measured, in bytes. */
  readonly mailBytes: number;
  /** Median of the whole inspection of one mail. */
  readonly medianMilliseconds: number;
  /** Whole inspection, of bytes of mail. */
  readonly megabytesPerSecond: number;
  /** Detection alone, of bytes of the mails. */
  readonly detectionMegabytesPerSecond: number;
}

/**
 * Time per mail on one thread, over mails of 10 KB that are put together from the texts of a sort of mail. Figures of
 * one machine at one time: no floor is kept of them.
 */
export async function measureSpeed(files: readonly DataFile[]): Promise<Speed> {
  const mails = mailsFrom(files);
  const run = async (mail: Buffer) =>
    inspectMessage(mail, { limits: LIMITS, fingerprintKey: FINGERPRINT_KEY });
  for (const mail of mails) await run(mail);
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    for (const mail of mails) {
      const start = performance.now();
      await run(mail);
      times.push(performance.now() - start);
    }
  }
  const bytes = mails.reduce((sum, mail) => sum + mail.length, 0);
  const views = mails.map((mail) => readMessage(mail, LIMITS).views);
  const start = performance.now();
  for (const ofMail of views) detect(ofMail, { fingerprintKey: FINGERPRINT_KEY });
  const detecting = performance.now() - start;
  const sorted = times.sort((a, b) => a - b);
  const total = times.reduce((sum, time) => sum + time, 0);
  return {
    mailBytes: MAIL_BYTES,
    medianMilliseconds: sorted[sorted.length >> 1] ?? 0,
    megabytesPerSecond: (bytes * 5) / total / 1000,
    detectionMegabytesPerSecond: bytes / detecting / 1000,
  };
}

/** Three texts in four hold nothing, as in real mail. */
function mailsFrom(files: readonly DataFile[]): readonly Buffer[] {
  const texts = files
    .filter(({ name }) => /mail|medquad/.test(name))
    .flatMap(({ rows }) => rows.filter((row) => row.technique === undefined));
  const quiet = texts.filter(({ label }) => label === 'not_phi').map(({ text }) => text);
  const loud = texts.filter(({ label }) => label === 'phi').map(({ text }) => text);
  const mails: Buffer[] = [];
  let next = 0;
  for (let mail = 0; mail < MAILS; mail++) {
    let body = mail % 4 === 0 ? `${loud[mail % Math.max(1, loud.length)] ?? ''}\n\n` : '';
    while (body.length < MAIL_BYTES && quiet.length > 0) body += `${quiet[next++ % quiet.length]}\n\n`;
    const header =
      'From: sender@relay.example\nTo: recipient@partner.example\nSubject: Notes\nMIME-Version: 1.0\n' +
      'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n';
    mails.push(Buffer.from((header + body.slice(0, MAIL_BYTES)).replaceAll('\n', '\r\n'), 'utf8'));
  }
  return mails;
}
