/**
 * A copy could not be sealed. The message is one lower-case clause that administrators read in `explain` and in the audit
 * log, so it holds nothing of the mail and nothing that a key or certificate says. What was yielded before is incomplete
 * and must be thrown away; the next allowed method is tried, never the clear.
 */
export class SealFailed extends Error {
  override readonly name = 'SealFailed';
}
