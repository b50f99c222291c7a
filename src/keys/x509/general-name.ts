import {
  asciiOf,
  BadCertificate,
  context,
  contextConstructed,
  type DerNode,
  expectTag,
  fieldsOf,
  oidOf,
  TAG,
  utf8Of,
} from './der.js';
import { type DistinguishedName, readName } from './distinguished-name.js';

/** RFC 9598 3. */
const SMTP_UTF8_MAILBOX = '1.3.6.1.5.5.7.8.9';

/** One GeneralName (RFC 5280 4.2.1.6), as far as mail cares. `form` of the others tells them apart. */
export type GeneralName =
  | { readonly form: 'rfc822'; readonly text: string }
  | { readonly form: 'smtp-utf8'; readonly text: string }
  | { readonly form: 'directory'; readonly name: DistinguishedName }
  | { readonly form: `other ${string}` };

/** @throws BadCertificate */
export function readGeneralNames(node: DerNode): readonly GeneralName[] {
  return expectTag(node, TAG.sequence).children.map(readGeneralName);
}

/** @throws BadCertificate */
export function readGeneralName(node: DerNode): GeneralName {
  switch (node.tag) {
    case context(1): {
      const text = asciiOf(node.content);
      if (text === undefined) throw new BadCertificate('has an rfc822Name that is not ASCII');
      return { form: 'rfc822', text };
    }
    case contextConstructed(4): {
      const fields = fieldsOf(node, contextConstructed(4));
      const name = readName(fields.take(TAG.sequence));
      fields.end();
      return { form: 'directory', name };
    }
    case contextConstructed(0):
      return readOtherName(node);
    case context(2):
    case contextConstructed(3):
    case contextConstructed(5):
    case context(6):
    case context(7):
    case context(8):
      return { form: `other ${node.tag & 0x1f}` };
    default:
      throw new BadCertificate('has a name of a kind that RFC 5280 does not know');
  }
}

function readOtherName(node: DerNode): GeneralName {
  const fields = fieldsOf(node, contextConstructed(0));
  const type = oidOf(fields.take(TAG.oid));
  const value = fields.take(contextConstructed(0));
  fields.end();
  if (type !== SMTP_UTF8_MAILBOX) return { form: `other ${type}` };
  const inner = fieldsOf(value, contextConstructed(0));
  const text = utf8Of(inner.take(TAG.utf8String).content);
  inner.end();
  if (text === undefined) throw new BadCertificate('has a SmtpUTF8Mailbox that is not UTF-8');
  return { form: 'smtp-utf8', text };
}
