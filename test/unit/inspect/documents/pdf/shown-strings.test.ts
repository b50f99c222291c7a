import { describe, expect, it } from 'vitest';
import { shownStrings } from '../../../../../src/inspect/documents/pdf/shown-strings.js';
import { watchProcessor } from '../../../../support/processor-time.js';

const read = (text: string) => shownStrings(Buffer.from(text, 'latin1')).texts;

describe('strings that programs show beside a page', () => {
  it.each([
    ['what a note is about', '<< /Subj (MRN 12) >>', ['MRN 12']],
    ['why something was signed', '/Reason(a (b\\) c) d)', ['a (b) c) d']],
    ['in hexadecimal', '/Location <4d 52 4E>', ['MRN']],
    ['in UTF-16', '/Reason (\\376\\377\\0M\\0R)', ['MR']],
    ['in UTF-8', '/Subj (\xef\xbb\xbfZo\xc3\xab)', ['Zoë']],
    ['formatted', '/RV (<p>21<b>2</b></p>)', ['<p>21<b>2</b></p>', '\n212\n']],
    ['over two lines', '/OverlayText (21\\\n2)', ['212']],
  ])('are read: %s', (_name, text, strings) => expect(read(text)).toEqual(strings));

  it.each(['/CA 1', '/CA << /a (b) >>', '/Reasonable (x)', '/RC', '/Subj ()'])('are none: %s', (text) => {
    expect(read(text)).toEqual([]);
  });

  it('say that there are more of them than were taken, and take no longer than they are long', () => {
    const work = watchProcessor();
    expect(shownStrings(Buffer.from('/CA (x) '.repeat(20_000))).cut).toBe(true);
    expect(shownStrings(Buffer.from(`/Subj (${'x'.repeat(70_000)})`)).cut).toBe(true);
    shownStrings(Buffer.from('/Subj ('.repeat(500_000)));
    shownStrings(Buffer.from('/Subj <'.repeat(500_000)));
    work.expectBelow(5_000);
  });
});
