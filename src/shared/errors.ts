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
