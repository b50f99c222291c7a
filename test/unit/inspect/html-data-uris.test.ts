import { describe, expect, it } from 'vitest';
import { dataUrisInText } from '../../../src/inspect/html-data-uris.js';
import { watchProcessor } from '../../support/processor-time.js';

const HEAD = 'data:image/png;base64,';
const LONG = 'QUJD'.repeat(15);

describe('addresses of data in text', () => {
  it.each([
    ['with padding', `![x](${HEAD}${LONG}\nQUI=)\nhello`, `${HEAD}${LONG}QUI=`],
    ['up to the mark around it', `![x](${HEAD}${LONG}\r\n${LONG}\r\nQUJD)`, `${HEAD}${LONG}${LONG}QUJD`],
    ['in a reply', `> ${HEAD}${LONG}\n> ${LONG}\n> hello there`, `${HEAD}${LONG}${LONG}`],
    ['without what follows', `${HEAD}${LONG}=\nhello=`, `${HEAD}${LONG}=`],
    ['without words', `${HEAD}${LONG}\nhello\n`, `${HEAD}${LONG}`],
    ['of words alone', 'data:text/plain,abc\nQUI=', 'data:text/plain,abc'],
  ])('are whole over several lines: %s', (_name, text, address) => {
    expect(dataUrisInText(text)).toEqual([address]);
  });

  it('cost no more than their text', () => {
    const work = watchProcessor();
    dataUrisInText(`${HEAD}${LONG}\n`.repeat(20_000));
    dataUrisInText(`${HEAD}${`${LONG}\n`.repeat(20_000)}`);
    dataUrisInText(`${HEAD}A\n${'A'.repeat(1_000_000)}!`);
    dataUrisInText(`data:a/b,${';base64,'.repeat(125_000)}%`);
    work.expectBelow(3000);
  });
});
