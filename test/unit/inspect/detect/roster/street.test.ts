import { expect, it } from 'vitest';
import { streetPrefixes } from '../../../../../src/inspect/detect/roster/street.js';

it.each([
  ['12 Main Street', ['12 main']],
  ['12B N. Main St., Apt 4', ['12b main']],
  ['4803 Old Mill Rd', ['4803 old', '4803 old mill']],
  ['7 North Street', ['7 north']],
  ['7 South 5th Ave', ['7 5th']],
  ["9 O'Hara Lane", ['9 ohara']],
  ['100 Broadway, New York', ['100 broadway']],
  [
    '3 very long names of streets here',
    ['3 very', '3 very long', '3 very long names', '3 very long names of'],
  ],
  ['12 Apt 4', []],
  ['Main Street', []],
  ['1234567 Main Street', []],
])('%j', (text, expected) => {
  expect([...streetPrefixes(text, 0)].map(({ value }) => value)).toEqual(expected);
});
