/**
 * One change was refused, by a precondition or a constraint; nothing of it was written, and the store goes on.
 * The message names columns and rules, never values.
 */
export class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused';
}

/** A thread of the store did not end, because the disk hangs: the process can only be killed, and until then nobody may write. */
export class ThreadStuck extends Error {
  override readonly name = 'ThreadStuck';
}

/** A sealed body cannot be trusted: damaged, truncated, reordered, taken from another body, or its file is gone. */
export class BodyDamaged extends Error {
  override readonly name = 'BodyDamaged';
}
