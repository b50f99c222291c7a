import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerDoctor } from '../../../src/cli/doctor.js';

async function doctor(...args: string[]): Promise<void> {
  const program = new Command().exitOverride();
  registerDoctor(program);
  await program.parseAsync(['doctor', '--config', 'none.yaml', ...args], { from: 'user' });
}

describe('sallyport doctor --test-mail', () => {
  it.each([
    [
      'a list',
      'a@x.test, b@y.test',
      '--test-mail must be a mail address; "a@x.test, b@y.test" has more than one @',
    ],
    ['a list in one domain', 'a,b@x.test', 'has a character in its local part'],
    ['a group', 'friends: a@x.test;', 'has a character in its local part'],
    ['a name', 'nobody', 'has no @'],
    ['nothing', '', 'has no @'],
  ])('sends nothing where it names %s', async (_, to, words) => {
    await expect(doctor('--test-mail', to, '--account', 'clinic')).rejects.toMatchObject({
      name: 'UserError',
      exitStatus: 2,
      message: expect.stringContaining(words),
    });
  });

  it('needs an account', async () => {
    await expect(doctor('--test-mail', 'a@x.test')).rejects.toMatchObject({ exitStatus: 2 });
  });
});
