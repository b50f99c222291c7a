import { CannotRewrite } from './cannot-rewrite.js';
import { allEntities, type Entity } from './entity-tree.js';

const PROTECTED_TYPE =
  /^(?:multipart\/(?:signed|encrypted)|application\/(?:(?:x-)?pkcs7-(?:mime|signature)|pgp-(?:encrypted|signature)))$/;
const ARMOUR = /^[> \t]*-----BEGIN PGP (?:SIGNED )?(?:MESSAGE|SIGNATURE)/m;

/**
 * What somebody signed is not to be changed by a byte, and what is encrypted can't be; wherever that stands in it, the
 * message is not rewritten.
 * @throws CannotRewrite
 */
export function refuseProtected(root: Entity): void {
  for (const { type, content } of allEntities(root)) {
    const armoured =
      content.kind === 'leaf' &&
      type.mediaType.startsWith('text/') &&
      ARMOUR.test(content.bytes.toString('latin1'));
    if (armoured || PROTECTED_TYPE.test(type.mediaType))
      throw new CannotRewrite('it holds something signed or encrypted, which is not rewritten');
  }
}
