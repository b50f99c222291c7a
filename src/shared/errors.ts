/** Exit status of the command line: 1 = the answer is no or something failed, 2 = wrong usage or configuration. */
export type ExitStatus = 1 | 2;

/** An error meant for a person: what is wrong, where, and what to do. Never holds PHI. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitStatus: ExitStatus;
  constructor(message: string, options: { readonly exitStatus?: ExitStatus; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitStatus = options.exitStatus ?? 1;
  }
}

/** The message of anything thrown. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node system error (`ENOENT`, `ECONNREFUSED`, …), if it has one. */
export function errorCode(thrown: unknown): string | undefined {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return undefined;
}

/** What a log may know of any error: its kind and place. Messages of parsers quote what they read. */
export function errorFacts(thrown: unknown): { readonly error: string; readonly at: readonly string[] } {
  if (!(thrown instanceof Error)) return { error: typeof thrown, at: [] };
  const code = errorCode(thrown);
  // The stack repeats the message, so it counts from behind it.
  const stack = thrown.stack ?? '';
  const head = stack.indexOf(thrown.message);
  const frames = (head < 0 ? '' : stack.slice(head + thrown.message.length))
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return {
    error: code === undefined ? thrown.name : `${thrown.name} ${code}`,
    at: frames.slice(0, 4).map((line) => line.trim()),
  };
}
