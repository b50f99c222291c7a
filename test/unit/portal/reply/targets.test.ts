import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replySubject, replyTargets, threadOf } from '../../../../src/portal/reply/targets.js';

const organisation = { domains: ['clinic.example'], portalSender: 'pickup@clinic.example' };
const item = { sender: 'ward@clinic.example', recipient: 'roe@mail.test' };
const sentTo = ['roe@mail.test', 'poe@mail.test'];
const targets = (
  header: string,
  { origin = 'submitted' as 'submitted' | 'portal-reply', of = item, to = sentTo } = {},
) => replyTargets(header.replaceAll('\n', '\r\n'), of, { origin }, to, organisation);

describe('to whom a reply may go', () => {
  it.each([
    ['the envelope sender', '', 'ward@clinic.example'],
    ['From', 'From: Dr. Doe <doctor@clinic.example>', 'doctor@clinic.example'],
    ['Reply-To', 'From: doctor@clinic.example\nReply-To: desk@clinic.example', 'desk@clinic.example'],
    ['no Reply-To outside', 'From: doctor@clinic.example\nReply-To: x@evil.test', 'doctor@clinic.example'],
    ['no From outside', 'From: x@evil.test', 'ward@clinic.example'],
    ['no list of Reply-To', 'Reply-To: a@clinic.example, b@clinic.example', 'ward@clinic.example'],
    ['not the portal itself', 'From: pickup@clinic.example', 'ward@clinic.example'],
    ['not whoever writes', 'From: ROE@mail.test', 'ward@clinic.example'],
  ])('is %s', (_, header, sender) => {
    expect(targets(header)?.sender).toBe(sender);
  });

  it('is the writer of a reply, to whom its Reply-To leads', () => {
    const header = 'From: "poe@mail.test" <pickup@clinic.example>\nReply-To: poe@elsewhere.test';
    const of = { ...item, sender: 'pickup@clinic.example' };
    expect(targets(header, { origin: 'portal-reply', of })?.sender).toBe('poe@elsewhere.test');
    expect(targets(header, { of })).toBeUndefined();
  });

  it('are those in To and Cc who are inside or got it, each once', () => {
    const header = [
      'To: roe@mail.test, Poe@mail.test, "ceo@clinic.example" <nurse@clinic.example>,',
      ' nurse@clinic.example, x@evil.test',
      'Cc: team: ann@clinic.example, bob@other.test;, pickup@clinic.example, ward@clinic.example',
    ].join('\n');
    expect(targets(header)?.others).toEqual(['Poe@mail.test', 'nurse@clinic.example', 'ann@clinic.example']);
  });

  it('is nobody where there is no sender inside', () => {
    expect(targets('From: x@evil.test', { of: { ...item, sender: '' } })).toBeUndefined();
  });

  it('is nobody else, whatever the header holds', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom(
        'a@evil.test',
        '<x@evil.test>',
        '"a" <b@clinic.example>',
        ',',
        ';',
        'group:',
        '(',
        '\r\nTo: z@evil.test',
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('To', 'Cc', 'From', 'Reply-To'),
        fc.array(line, { maxLength: 8 }),
        (name, parts) => {
          const found = targets(`${name}: ${parts.join(' ')}`);
          for (const address of [found?.sender ?? '', ...(found?.others ?? [])])
            expect(address.endsWith('@clinic.example') || sentTo.includes(address.toLowerCase())).toBe(true);
          expect(found?.others ?? []).not.toContain('roe@mail.test');
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the thread', () => {
  it.each([
    ['References: <a@b> <c@d>', ['<a@b>', '<c@d>', '<own@x>']],
    ['References: junk <a@b>\n\t<own@x> <c d> <>', ['<a@b>', '<own@x>']],
    ['', ['<own@x>']],
  ])('of %j', (header, ids) => {
    expect(threadOf(header.replaceAll('\n', '\r\n'), '<own@x>')).toEqual(ids);
  });

  it('stays short: its first and its newest messages', () => {
    const ids = Array.from({ length: 500 }, (_, n) => `<${n}@x>`);
    const thread = threadOf(`References: ${ids.join(' ')}`, '<own@x>');
    expect(thread).toHaveLength(21);
    expect([thread[0], thread[1], thread.at(-1)]).toEqual(['<0@x>', '<481@x>', '<own@x>']);
  });

  it.each([
    ['Lab', 'Re: Lab'],
    ['RE: Lab', 'RE: Lab'],
    ['re : Lab', 're : Lab'],
    ['', 'Re:'],
    ['a\r\nBcc: x', 'Re: a Bcc: x'],
  ])('%j is answered as %j', (subject, answered) => {
    expect(replySubject(subject)).toBe(answered);
  });
});
