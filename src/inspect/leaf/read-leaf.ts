import type { PartStatus } from '../../model/inspection.js';
import { readCms } from '../cms-content.js';
import { KINDS, MESSAGE } from '../documents/kinds.js';
import { textKind } from '../documents/kinds-text.js';
import type { LeafSeal } from '../existing-protection.js';
import { isPlainText } from '../four-bytes.js';
import type { LeafText } from '../leaf-text.js';
import { material, type Oddity } from '../oddity.js';
import { pgpKind } from '../pgp-text.js';
import { sniff } from '../sniff.js';
import { isTextPicture } from '../text-pictures.js';
import type { EmbeddedContent, LeafContent } from './content.js';
import { readLeafText } from './read-leaf-text.js';

export interface LeafReading {
  readonly status: PartStatus;
  readonly texts: readonly LeafText[];
  readonly oddities: readonly Oddity[];
  /** Content embedded as `data:` URIs or base64 that isn't text: parts of their own. */
  readonly embedded: readonly EmbeddedContent[];
  /** The bytes are a document, archive or image, or at least no text: others may be able to read them. */
  readonly document?: true;
  /** The text is a mail message, or a file of them, whatever it is declared as. */
  readonly holds?: 'message' | 'mbox' | 'document';
  /** The sender's protection, where it covers the whole leaf. */
  readonly seal?: LeafSeal;
  /** What a CMS signature carries within it: it is read in place of the leaf. */
  readonly signedContent?: Buffer;
}

const TEXT_TYPE =
  /^(?:text\/.*|message\/.*|application\/(?:json|xml|javascript|ecmascript|x-www-form-urlencoded|ics|csv|x-csv|x-ndjson|sql|yaml|x-yaml|x-sh|pgp-encrypted|pgp-signature|pgp-keys|.*\+(?:json|xml|yaml))|image\/svg\+xml|[^/]+\/[^/]+\+(?:json|xml))$/;
const HOLDS: Readonly<Record<string, 'message' | 'mbox' | 'document'>> = {
  [MESSAGE]: 'message',
  [KINDS.mbox]: 'mbox',
  [KINDS.flatOdf]: 'document',
  [KINDS.wordXml]: 'document',
};

/**
 * Reads the content of a leaf. Whether it counts as text is judged by its bytes: text declared as an image is read,
 * and a document or archive declared as text is not taken for read.
 * @param maxText bytes of text read; of more, the first are read and the status is `too-large`
 */
export function readLeaf(leaf: LeafContent, maxText: number): LeafReading {
  const isPlain = isPlainText(leaf.bytes);
  const kind = sniff(leaf.bytes, isPlain);
  if (kind === 'empty') return { status: 'empty', texts: [], oddities: [], embedded: [] };
  const declaredText = leaf.mediaType === '' || TEXT_TYPE.test(leaf.mediaType);
  if (kind === 'signed-content') {
    const content = readCms(leaf.bytes)?.content;
    if (Buffer.isBuffer(content)) {
      return { status: 'read', texts: [], oddities: [], embedded: [], signedContent: content };
    }
  }
  if (kind === 'detached-signature' && /^application\/(?:x-)?pkcs7-signature$/.test(leaf.mediaType)) {
    return { status: 'read', texts: [], oddities: [], embedded: [] };
  }
  const seal = kind === 'encrypted' ? binarySeal(leaf.bytes) : undefined;
  if (kind !== 'text' && !declaredText) {
    const status = kind === 'encrypted' ? 'encrypted' : 'unsupported';
    const document = seal === undefined && kind !== 'signed-content' && kind !== 'detached-signature';
    return {
      status,
      texts: [],
      oddities: [],
      embedded: [],
      ...(seal && { seal }),
      ...(document && { document }),
    };
  }
  const tooLarge = leaf.bytes.length > maxText;
  const read = tooLarge ? leaf.bytes.subarray(0, maxText) : leaf.bytes;
  const reading = readLeafText(read, leaf, isPlain || (tooLarge && isPlainText(read)));
  let status: PartStatus = reading.unread ?? 'read';
  const oddities = [...reading.oddities];
  // Declared as text and not text by its bytes: read as declared, and still a part that wasn't understood.
  if (kind === 'encrypted') status = 'encrypted';
  else if (kind !== 'text' && (kind !== 'binary' || !reading.isPlausible())) {
    status = 'unsupported';
    if (leaf.bytes.includes(0)) oddities.push(material('binary-in-text'));
  } else if (status === 'read' && isTextPicture(leaf.bytes)) status = 'unsupported';
  const document = seal === undefined && kind !== 'text' && status !== 'read';
  if (tooLarge || reading.tooMuch) status = 'too-large';
  const holds = kind === 'text' ? HOLDS[textKind(leaf.bytes)] : undefined;
  const found = seal ?? (kind === 'text' ? reading.seal : undefined);
  return {
    status,
    texts: reading.texts,
    oddities,
    embedded: reading.embedded,
    ...(found && { seal: found }),
    ...(document && { document }),
    ...(holds && { holds }),
  };
}

function binarySeal(bytes: Buffer): LeafSeal | undefined {
  if (pgpKind(bytes) === 'encrypted') return { standard: 'pgp', state: 'encrypted' };
  const cms = readCms(bytes);
  return cms?.sealed === true && !cms.trailing ? { standard: 'smime', state: 'encrypted' } : undefined;
}
