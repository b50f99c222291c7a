import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../src/inspect/structure.js';
import { allText, isClean, LIMITS } from './limits.js';
import { tree, words, write } from './mime-tree.js';

/** What mailparser would show of a message: the portal renders with it, and other programs read much as it does. */
async function shownByMailparser(message: Buffer): Promise<string> {
  try {
    const mail = await simpleParser(message, { skipImageLinks: true });
    const files = mail.attachments.flatMap((file) => [file.filename ?? '', file.content.toString('latin1')]);
    return [mail.subject ?? '', mail.text ?? '', mail.html === false ? '' : mail.html, ...files].join('\n');
  } catch {
    // It refuses some damaged messages. Then it shows nothing.
    return '';
  }
}

describe('compared with another reader', () => {
  it('misses nothing that it shows of a message that counts as read, however the message is damaged', async () => {
    const damage = fc.constantFrom(
      '',
      '\r\n',
      ';',
      '"',
      '(',
      '=',
      '--',
      '\\',
      ' ',
      ':',
      '\t',
      '*',
      '\r\n--',
      '\r\n ',
    );
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(), fc.nat({ max: 3 }), damage, async (node, place, cut, insert) => {
        const whole = write(node);
        const at = place % whole.length;
        const message = Buffer.concat([whole.subarray(0, at), Buffer.from(insert), whole.subarray(at + cut)]);
        const reading = readMessage(message, { ...LIMITS, max_depth: 50 });
        if (!isClean(reading)) return;
        const shown = await shownByMailparser(message);
        const read = allText(reading);
        for (const word of words(node)) if (shown.includes(word)) expect(read).toContain(word);
      }),
      { numRuns: 200 },
    );
  });
});
