/**
 * A message can't be rewritten as the rules ask. The message is one lower-case clause for administrators, without
 * anything of the mail: it stands in explanations and in the audit log. Then the message is held.
 */
export class CannotRewrite extends Error {
  override readonly name = 'CannotRewrite';
}
