import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertRecipients,
  EnvelopeError,
  mailCommand,
  rcptCommand,
} from '../../../src/deliver/envelope-commands.js';
import { NO_CAPABILITIES } from '../../../src/deliver/smtp-reply.js';
import { parseAddress } from '../../../src/shared/address.js';

const everything = {
  ...NO_CAPABILITIES,
  sizeOffered: true,
  eightBitMime: true,
  smtpUtf8: true,
  dsn: true,
};
const mail = {
  sender: 'ward3@clinic.example',
  size: 1234,
  eightBitMime: true,
  smtpUtf8: false,
  dsn: { ret: 'FULL', envid: 'QQ314159' },
  headersOnly: false,
} as const;

describe('MAIL', () => {
  it.each([
    [
      'what the server knows',
      mail,
      everything,
      'MAIL FROM:<ward3@clinic.example> SIZE=1234 BODY=8BITMIME RET=FULL ENVID=QQ314159',
    ],
    [
      'headers only for protected mail',
      { ...mail, headersOnly: true },
      everything,
      'MAIL FROM:<ward3@clinic.example> SIZE=1234 BODY=8BITMIME RET=HDRS ENVID=QQ314159',
    ],
    ['nothing that it does not know', mail, NO_CAPABILITIES, 'MAIL FROM:<ward3@clinic.example>'],
    ['the null sender', { ...mail, sender: '', dsn: {} }, NO_CAPABILITIES, 'MAIL FROM:<>'],
    [
      'no ENVID that is not xtext',
      { ...mail, dsn: { envid: 'a b\r\nRCPT TO:<evil@x.test>' } },
      everything,
      'MAIL FROM:<ward3@clinic.example> SIZE=1234 BODY=8BITMIME',
    ],
  ])('says %s', (_, parameters, server, line) => {
    expect(mailCommand(parameters, server)).toBe(line);
  });
});

describe('RCPT', () => {
  it('carries this recipient’s own NOTIFY and ORCPT', () => {
    const recipient = {
      address: 'b@y.test',
      notify: ['SUCCESS', 'FAILURE'],
      orcpt: 'rfc822;b+2Bx@y.test',
    } as const;
    expect(rcptCommand(recipient, everything, false)).toBe(
      'RCPT TO:<b@y.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bx@y.test',
    );
    expect(rcptCommand({ address: 'c@y.test', notify: ['NEVER'] }, everything, false)).toBe(
      'RCPT TO:<c@y.test> NOTIFY=NEVER',
    );
    expect(rcptCommand({ address: 'c@y.test', orcpt: 'rfc822;a b' }, everything, false)).toBe(
      'RCPT TO:<c@y.test>',
    );
  });

  it.each([
    'b@y.test\r\nRCPT TO:<evil@z.test>',
    'b@y.test>\r\nDATA',
    'b@y.test, c@z.test',
    'a(c)@x.test',
    '<a;b@x.test>',
    '"a b"@x.test',
    'a@[127.0.0.1]',
    'a@X.TEST',
    'a@b@x.test',
    'a@x',
    ' a@x.test',
    'a@x.test\0',
    '',
  ])('is never written for %j', (address) => {
    expect(() => rcptCommand({ address }, everything, true)).toThrow(EnvelopeError);
  });

  it('is one line with exactly that address, whatever the text', () => {
    const pieces = fc.constantFrom(
      'a',
      'ü',
      '.',
      '@',
      'x.test',
      '<',
      '>',
      ' ',
      '\r\n',
      '\n',
      '\0',
      'RCPT TO:',
      ',',
      '+',
      '\u2028',
      '"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), fc.boolean(), (parts, utf8) => {
        const address = parts.join('');
        let line: string | undefined;
        try {
          line = rcptCommand({ address }, everything, utf8);
        } catch (error) {
          expect(error).toBeInstanceOf(EnvelopeError);
        }
        if (line === undefined) return;
        const parsed = parseAddress(address);
        expect(parsed.ok && parsed.mailbox.address === address).toBe(true);
        expect(line).toBe(`RCPT TO:<${address}>`);
        expect(line).not.toMatch(/[\r\n\0]/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the recipients on the wire', () => {
  it.each([
    [['RCPT TO:<a@x.test>'], ['a@x.test', 'b@x.test']],
    [
      ['RCPT TO:<a@x.test>', 'RCPT TO:<c@x.test>'],
      ['a@x.test', 'b@x.test'],
    ],
    [
      ['RCPT TO:<a@x.test>', 'RCPT TO:<a@x.test>'],
      ['a@x.test', 'a@x.test'],
    ],
    [
      ['RCPT TO:<b@x.test>', 'RCPT TO:<a@x.test>'],
      ['a@x.test', 'b@x.test'],
    ],
  ])('%j must be those decided, %j', (commands, decided) => {
    expect(() => assertRecipients(commands, decided)).toThrow(EnvelopeError);
  });

  it('are accepted when they are', () => {
    expect(() => assertRecipients(['RCPT TO:<a@x.test> NOTIFY=NEVER'], ['a@x.test'])).not.toThrow();
  });
});
