import { BadCertificate, type DerNode, expectTag, fieldsOf, oidOf, TAG } from '../x509/der.js';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** The DER inside the OCTET STRING. */
  readonly value: Uint8Array;
}

/**
 * The members of Extensions, of a CRL, an entry or an OCSP answer. One that is there twice is refused, because which
 * one counts is anybody's guess.
 * @throws BadCertificate
 */
export function readExtensions(list: DerNode): readonly Extension[] {
  const found = expectTag(list, TAG.sequence).children.map((one) => {
    const fields = fieldsOf(one);
    const oid = oidOf(fields.take(TAG.oid));
    const critical = fields.maybe(TAG.boolean)?.content[0] === 0xff;
    const value = fields.take(TAG.octetString).content;
    fields.end();
    return { oid, critical, value };
  });
  if (new Set(found.map((one) => one.oid)).size < found.length)
    throw new BadCertificate('has an extension twice');
  return found;
}
