import { afterAll, describe, expect, it } from 'vitest';
import { NO_SETTINGS } from '../../../src/inspect/detect/settings.js';
import { createInspector } from '../../../src/inspect/index.js';
import { createLog } from '../../../src/ops/log.js';
import { HEADER, LIMITS, mail } from './limits.js';

const written: string[] = [];
const log = createLog({ level: 'info', addresses: 'domains' }, { write: (line) => void written.push(line) });
const options = { limits: { ...LIMITS, workers: 1 }, fingerprintKey: new Uint8Array(32), log };
const inspector = createInspector(options);

afterAll(() => inspector.close());

describe('the inspector', () => {
  it('inspects in a thread, and takes the memory of the message', async () => {
    const message = Uint8Array.from(mail(`${HEADER}\nhello\n`));
    const inspection = await inspector.inspect(message);
    expect(inspection.parts.map((part) => part.status)).toEqual(['read', 'read']);
    expect(inspection.subject).toBe('note');
    expect(inspection.failure).toBeUndefined();
    expect(message.byteLength).toBe(0);
  });

  it('tells the sender’s own protection alone, of mail that nobody looks into', async () => {
    const off = createInspector({ ...options, limits: { ...options.limits, enabled: false } });
    try {
      const sealed = '-----BEGIN PGP MESSAGE-----\n\nwcDMA0000\n-----END PGP MESSAGE-----\n';
      const parts = `--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n${sealed}\n--b--\n`;
      const type = 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b';
      const message = mail(`From: a@b.example\nMIME-Version: 1.0\nContent-Type: ${type}\n\n${parts}`);
      expect(await off.protection(message)).toEqual(
        (await inspector.inspect(mail(message.toString('latin1')))).protection,
      );
      expect(await off.protection(mail(`${HEADER}\nhello\n`))).toBeUndefined();
    } finally {
      await off.close();
    }
  });

  it('says whether a value that was masked can still be read, in a long text without anything else, too', async () => {
    const asked = { detection: NO_SETTINGS, healthSender: false, gone: ['536-90-4399', 'AB-12-34'] };
    const left = async (text: string) =>
      (await inspector.inspect(mail(`${HEADER}\n${text}\n`), asked)).valueLeft;
    expect(await left('order 536904399')).toBe(true);
    expect(await left('order 536904398')).toBeUndefined();
    const long = 'nothing to be seen here\n'.repeat(200_000);
    expect(await left(`${long}order ab1234`)).toBe(true);
    expect(await left(long)).toBeUndefined();
    const nobodyAsked = await inspector.inspect(mail(`${HEADER}\norder 536904399\n`));
    expect(nobodyAsked).not.toHaveProperty('valueLeft');
  });

  it('leaves a view of a larger memory alone', async () => {
    const message = mail(`${HEADER}\nhello\n`);
    const view = new Uint8Array(message.buffer, message.byteOffset, message.length - 1);
    await inspector.inspect(view);
    expect(view.byteLength).toBe(message.length - 1);
  });

  it('answers messages that come together, each for itself', async () => {
    const subjects = Array.from({ length: 20 }, (_, i) => `number ${i}`);
    const inspections = await Promise.all(
      subjects.map((subject) => inspector.inspect(mail(`Subject: ${subject}\n\nx\n`))),
    );
    expect(inspections.map((one) => one.subject)).toEqual(subjects);
  });

  it('calls a message unread whose inspection was late', async () => {
    const hasty = createInspector({ ...options, limits: { ...options.limits, deadline: 1 } });
    try {
      const inspection = await hasty.inspect(mail(`${HEADER}\n${'SSN 000-12-3456 '.repeat(50_000)}\n`));
      expect(inspection.failure).toBe('timed-out');
      expect(inspection.parts).toEqual([expect.objectContaining({ path: '0', status: 'timed-out' })]);
    } finally {
      await hasty.close();
    }
  });

  it('calls a message unread whose inspection died, and says nothing of its content', async () => {
    // A key that no detector can use stands for any defect.
    const broken = createInspector({ ...options, fingerprintKey: JSON.parse('7') });
    try {
      const inspection = await broken.inspect(mail(`${HEADER}\nPatient SSN 501-23-4567, diagnosis asthma\n`));
      expect(inspection.failure).toBe('crashed');
      expect(inspection.parts).toEqual([expect.objectContaining({ path: '0', status: 'corrupt' })]);
      expect(written.join('')).toContain('could not be inspected');
      expect(written.join('')).toMatch(/"error":"TypeError.*its thread is replaced/);
      // The next message has a thread of its own to die of.
      const next = await broken.inspect(mail(`${HEADER}\nnothing to be found\n`));
      expect(next.failure).toBe('crashed');
      expect(written.join('').match(/its thread is replaced/g)).toHaveLength(2);
    } finally {
      await broken.close();
    }
  });

  it('finds the same in messages that are given together as in each alone', async () => {
    const texts = Array.from(
      { length: 9 },
      (_, i) => `MRN: 00123${i}${i} diagnosis asthma, seen by Dr. No${i}`,
    );
    const messages = texts.map((text) => mail(`${HEADER}\n${text}\n`));
    const alone = [];
    for (const message of messages) alone.push(await inspector.inspect(Uint8Array.from(message)));
    const together = await Promise.all(messages.map((one) => inspector.inspect(Uint8Array.from(one))));
    expect(together).toEqual(alone);
    expect(together.every((one) => one.findings.length > 0)).toBe(true);
  });

  it('lets nobody wait for what takes too long to render', async () => {
    const hasty = createInspector({ ...options, limits: { ...options.limits, deadline: 1 } });
    try {
      await expect(hasty.render(mail(`${HEADER}\n${'hello '.repeat(500_000)}\n`))).rejects.toThrow(
        'cannot be displayed',
      );
    } finally {
      await hasty.close();
    }
  });

  it('renders for people', async () => {
    const rendered = await inspector.render(mail(`${HEADER}\nhello\n`));
    expect(rendered.text?.trim()).toBe('hello');
    await expect(inspector.attachment(mail(`${HEADER}\nhello\n`), 0)).rejects.toThrow('no such attachment');
  });

  it('refuses work once closed', async () => {
    const closed = createInspector(options);
    await closed.close();
    await expect(closed.inspect(mail('\n'))).rejects.toThrow('closed');
  });
});
