import { describe, expect, it } from 'vitest';
import { methodsAfterRelease } from '../../../../src/decide/choose-method.js';
import type { Decision, RewriteDemand } from '../../../../src/model/decision.js';
import { contentFor, type RewrittenBody, type SealedBody } from '../../../../src/model/message.js';
import { systemDecision } from '../../../../src/model/system-decision.js';
import { rewriteDecided } from '../../../../src/protect/rewrite/rewrite-decided.js';
import { inspect } from './copies.js';

const SSN = { redact: ['us-ssn'] };
const MESSAGE = Buffer.from('From: a@clinic.example\r\nSubject: x\r\n\r\nSSN: 536-90-4399\r\n');
const CLEAN = Buffer.from('From: a@clinic.example\r\nSubject: x\r\n\r\nSSN: [redacted]\r\n');

const decision = (rewrite?: RewriteDemand, over: Partial<Decision> = {}): Decision => {
  const made = systemDecision('roe@partner.example');
  return { ...made, demand: { ...made.demand, ...(rewrite && { rewrite }) }, ...over };
};
const decided = (one: Decision, index = 0) => ({
  decision: one,
  recipient: {
    messageId: 'm1',
    index,
    address: one.recipient,
    domain: 'partner.example',
    state: 'received' as const,
    attempts: 0,
  },
});

async function run(decisions: readonly Decision[], answer: Buffer | string, kept?: readonly RewrittenBody[]) {
  const asked: RewriteDemand[] = [];
  const sealed: string[] = [];
  const result = await rewriteDecided(
    {
      bodies: {
        seal: async (bytes): Promise<SealedBody> => {
          sealed.push(Buffer.from(bytes).toString());
          return { wrappedKey: new Uint8Array(), size: bytes.length, content: { kind: 'inline', bytes } };
        },
      },
      read: async () => MESSAGE,
      rewrite: async (_bytes, demand) => {
        asked.push(demand);
        return typeof answer === 'string'
          ? { ok: false, reason: answer }
          : { ok: true, bytes: answer, places: 1 };
      },
      inspect: async (bytes) => inspect(bytes),
    },
    'm1',
    inspect(MESSAGE),
    decisions.map(decided),
    kept,
  );
  return { ...result, asked, sealed };
}

describe('copies for decisions', () => {
  it('of a message that is decided again have other names than those it has already', async () => {
    const first = await run([decision(SSN)], CLEAN);
    const second = await run([decision(SSN)], CLEAN, first.copies);
    const third = await run([decision(SSN)], CLEAN, [...first.copies, ...second.copies]);
    const names = [first, second, third].map(({ copies }) => copies[0]?.copy);
    expect(new Set(names).size).toBe(3);
    for (const one of [first, second, third])
      expect([one.decided[0]?.decision.rewritten?.copy, one.events[0]?.data]).toMatchObject([
        one.copies[0]?.copy,
        { copy: one.copies[0]?.copy },
      ]);
  });

  it('are made once for all who ask for the same, and are what leaves for them alone', async () => {
    const {
      decided: done,
      copies,
      events,
      asked,
      sealed,
    } = await run([decision(SSN), decision(), decision(SSN)], CLEAN);
    expect(asked).toEqual([SSN]);
    expect(sealed).toEqual([CLEAN.toString()]);
    expect(events).toMatchObject([{ type: 'message.rewritten', data: { places: 1, redacted: ['us-ssn'] } }]);
    const body: SealedBody = {
      wrappedKey: new Uint8Array(),
      size: 1,
      content: { kind: 'inline', bytes: new Uint8Array() },
    };
    const leaves = done.map((one) => contentFor({ body, rewritten: copies }, one.decision));
    expect(leaves).toEqual([copies[0]?.body, body, copies[0]?.body]);
    expect(JSON.stringify([events, done])).not.toContain('4399');
  });

  it.each([
    ['that cannot be made', 'it is signed', 'it is signed'],
    ['in which it is still found', MESSAGE, /us-ssn cannot be redacted in every place/],
    [
      'with something new in it',
      Buffer.concat([CLEAN, Buffer.from('Card: 4111 1111 1111 1111\r\n')]),
      /findings that were not decided on \(payment-card/,
    ],
    [
      'that can be read in two ways',
      Buffer.from(
        'From: a@clinic.example\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx\r\n',
      ),
      /two readers/,
    ],
    [
      'with other parts',
      Buffer.from('From: a@clinic.example\r\nContent-Type: text/html\r\n\r\nx\r\n'),
      /changed what parts it has/,
    ],
  ])('%s hold their recipients, and nobody can release them', async (_, answer, reason) => {
    const { decided: done, copies, events } = await run([decision(SSN), decision()], answer);
    expect(copies).toEqual([]);
    expect(events).toEqual([]);
    const [held, sent] = done.map((one) => one.decision);
    expect(held).toMatchObject({
      demand: { disposition: 'hold' },
      order: [],
      cannotRewrite: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    });
    expect(held?.holdReason).toContain('the rules ask that it be rewritten');
    expect(sent?.demand.disposition).toBe('send');
    const open = { available: true, note: 'x' } as const;
    const everything = { plain: open, tls: open, pgp: open, smime: open, portal: open };
    if (held === undefined) throw new Error('no decision');
    expect(methodsAfterRelease(held, everything, { named: true })).toEqual([]);
  });

  it('are not made in shadow mode, nor for what is rejected', async () => {
    const rejected = decision(SSN);
    const { asked, decided: done } = await run(
      [
        decision(SSN, { enforcement: 'shadow' }),
        { ...rejected, demand: { ...rejected.demand, disposition: 'reject' } },
      ],
      CLEAN,
    );
    expect(asked).toEqual([]);
    expect(done.every((one) => one.decision.rewritten === undefined)).toBe(true);
  });

  it('are made for what is held too, so that a release keeps them', async () => {
    const held = decision(SSN);
    const { copies } = await run([{ ...held, demand: { ...held.demand, disposition: 'hold' } }], CLEAN);
    expect(copies).toHaveLength(1);
  });
});
