import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { createGate } from '../../web/gate.js';

/** The least and the most characters of a password (NIST SP 800-63B 5.1.1.2 asks for 8 or more, and 64 at least). */
export const PASSWORD_LENGTH = { least: 12, most: 128 } as const;

/** Makes and checks passwords by argon2id, away from the main thread, and only so many at a time. */
export interface Passwords {
  /** PHC string. @throws TooBusy */
  make(password: string): Promise<string>;
  /**
   * Whether the password is that of the hash. Without a hash the work is done all the same, and nothing fits.
   * @throws TooBusy; an error when a stored hash can't be read
   */
  fits(stored: string | undefined, password: string): Promise<boolean>;
}

/** Each takes 19 MB and some tens of milliseconds: more at a time would only be slower. */
const AT_ONCE = 2;
const WAITING = 50;

/** More passwords are being checked than can be waited for. Answered as 429. */
export class TooBusy extends Error {
  readonly statusCode = 429;
  constructor() {
    super('too many passwords are being checked');
    this.name = 'TooBusy';
  }
}

export async function createPasswords(): Promise<Passwords> {
  const nobody = await hash(randomBytes(32));
  const gate = createGate(AT_ONCE);
  let inside = 0;
  const narrow = async <T>(task: () => Promise<T>): Promise<T> => {
    if (inside >= AT_ONCE + WAITING) throw new TooBusy();
    inside++;
    try {
      return await gate(task);
    } finally {
      inside--;
    }
  };
  return {
    make: (password) => narrow(() => hash(oneSpelling(password))),
    fits: (stored, password) =>
      narrow(async () => {
        const right = await verify(stored ?? nobody, oneSpelling(password));
        return stored !== undefined && right;
      }),
  };
}

/** Keyboards of different systems write the same letter differently (NIST SP 800-63B 5.1.1.2: NFKC). */
function oneSpelling(password: string): string {
  return password.normalize('NFKC');
}

/** What is wrong with a password of one's choice; undefined: nothing. */
export function passwordProblem(
  password: string | undefined,
  again: string | undefined,
  recipient: string,
): 'password.too-short' | 'password.different' | 'password.address' | undefined {
  const length = [...(password ?? '')].length;
  if (password === undefined || length < PASSWORD_LENGTH.least || length > PASSWORD_LENGTH.most)
    return 'password.too-short';
  if (password !== again) return 'password.different';
  return password.toLowerCase() === recipient.toLowerCase() ? 'password.address' : undefined;
}
