import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/shared/errors.js';
import { givenMailbox } from '../../../src/shared/given-mailbox.js';

describe('an address that a person gave', () => {
  it('becomes canonical', () => {
    expect(givenMailbox('Ward3@LAB.example', '--to').address).toBe('Ward3@lab.example');
  });

  it.each([
    ['none', 'nobody', '--to must be a mail address; "nobody" has no @'],
    ['a list', 'a@x.test, b@y.test', 'has more than one @'],
    ['a list without a space', 'a@x.test;b', 'two or more labels'],
    ['a name beside it', 'A <a@x.test>', 'has a character in its local part'],
    ['two lines', 'a\r\nb@x.test', '"a\\r\\nb@x.test"'],
  ])('is refused as wrong usage: %s', (_, text, words) => {
    const error = thrown(() => givenMailbox(text, '--to'));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ exitStatus: 2, message: expect.stringContaining(words) });
  });

  it('is shown without characters that steer a terminal', () => {
    const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
    const error = thrown(() => givenMailbox('\u001b[2J\u202e\u009b\u2028a', '--to'));
    expect(error).toMatchObject({ message: expect.not.stringMatching(steering) });
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
