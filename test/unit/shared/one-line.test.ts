import { expect, it } from 'vitest';
import { isOneLine } from '../../../src/shared/one-line.js';

it.each<[string, string, boolean]>([
  ['words', 'asked by telephone', true],
  ['other scripts', 'no está permitido: 許可されていません', true],
  ['nothing', '', false],
  ['blanks', '  ', false],
  ['two lines', 'one\ntwo', false],
  ['a line separator', 'one\u2028two', false],
  ['an override of direction', 'not \u202edewolla', false],
  ['an isolate', 'not \u2066allowed\u2069', false],
  ['a zero-width space', 'al\u200blowed', false],
  ['a soft hyphen', 'al\u00adlowed', false],
  ['a tag character', 'allowed\u{e0041}', false],
  ['half a character', 'x\ud83d', false],
])('tells whether a line reads as it is written: %s', (_, text, one) => {
  expect(isOneLine(text)).toBe(one);
});
