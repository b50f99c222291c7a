import { contextConstructed, fieldsOf, oidOf, readDer, TAG } from './der.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2';

/**
 * The certificates (DER) of a PKCS#7 or CMS SignedData (RFC 5652 5.1), as CAs use it to carry them; signatures in it are of
 * no interest. Each is a copy, so that none keeps the whole bundle in memory. Undefined when the bytes are something else. BER around the certificates is accepted, DER they must be.
 * @throws BadCertificate
 */
export function certificatesOfBundle(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const root = readDer(bytes, 'ber');
  const [type, content] = root.children;
  if (root.tag !== TAG.sequence || type?.tag !== TAG.oid || content === undefined) return undefined;
  if (oidOf(type) !== SIGNED_DATA) return undefined;
  const wrapper = fieldsOf(content, contextConstructed(0));
  const fields = fieldsOf(wrapper.take(TAG.sequence));
  fields.take(TAG.integer);
  fields.take(TAG.set);
  fields.take(TAG.sequence);
  const certificates = fields.maybe(contextConstructed(0));
  // RFC 5652 10.2.2: the other choices (attribute certificates and such) have context tags.
  return (certificates?.children ?? [])
    .filter((child) => child.tag === TAG.sequence)
    .map((child) => new Uint8Array(child.bytes));
}
