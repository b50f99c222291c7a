/**
 * Key material that can't be read. The message is one lower-case clause for people and holds nothing from inside the
 * material.
 */
export class MalformedKey extends Error {
  override readonly name = 'MalformedKey';
}
