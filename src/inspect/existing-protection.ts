import type { ExistingProtection, PartReport } from '../model/inspection.js';

/** Protection found on one leaf, by its bytes: all of it is one encrypted or signed block. */
export interface LeafSeal {
  readonly standard: 'pgp' | 'smime';
  readonly state: 'encrypted' | 'signed';
}

/** What the reader of the structure saw of a message, by paths. */
export interface SeenStructure {
  readonly parts: readonly PartReport[];
  /** Media types of entities that hold others; `signed-data` for CMS that was unwrapped. */
  readonly containers: ReadonlyMap<string, string>;
  readonly seals: ReadonlyMap<string, LeafSeal>;
  /** Control parts of PGP/MIME that say nothing but their version. */
  readonly controls: ReadonlySet<string>;
  /** Containers with text before the first or behind the last part. */
  readonly loose: ReadonlySet<string>;
}

export const SIGNED_DATA = 'signed-data';

const MAX_CONTROL_PART = 200;

/** RFC 3156 4: `Version: 1`. With anything else it isn't a control part but content. */
export function isPgpControl(bytes: Buffer): boolean {
  return bytes.length <= MAX_CONTROL_PART && /^\s*Version: ?1\s*$/i.test(bytes.toString('latin1'));
}

/** What mail programs write for readers that don't know MIME; with a word changed it is text like any other. */
const PREAMBLES: ReadonlySet<string> = new Set([
  'This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)',
  'This is an OpenPGP/MIME encrypted message (RFC 2440 and 3156)',
  'This is an OpenPGP/MIME signed message (RFC 4880 and 3156)',
  'This is a cryptographically signed message in MIME format.',
  'This is a multi-part message in MIME format.',
]);

/** Whether text around the parts of a container could say something. */
export function isLooseText(bytes: Buffer): boolean {
  const text = bytes.length > MAX_CONTROL_PART ? undefined : bytes.toString('latin1').trim();
  return text === undefined || (text !== '' && !PREAMBLES.has(text));
}

const SIGNATURES: Readonly<Record<string, ExistingProtection['kind']>> = {
  'application/pgp-signature': 'pgp-mime',
  'application/pkcs7-signature': 'smime',
  'application/x-pkcs7-signature': 'smime',
};

/**
 * The protection that covers a whole message: its root, or the only thing in it. Clear text beside an encrypted part
 * means that the message isn't encrypted: otherwise a sender (or malware) could keep the gateway from sealing that text
 * by putting a block of PGP next to it. What is ambiguous protects nothing.
 *
 * Saying `encrypted` never lets a message out by itself: it takes the methods away that would wrap it twice, and the
 * parts keep their status `encrypted`, which policies treat as unread.
 */
export function existingProtection(seen: SeenStructure): ExistingProtection | undefined {
  const reports = new Map(seen.parts.map((part) => [part.path, part]));
  const children = childrenOf(seen.parts);
  const found = protectionOf(seen.containers.has('0') ? '0' : '1');
  return found === undefined || !(found.encrypted || found.signed) ? undefined : found;

  function protectionOf(path: string): ExistingProtection | undefined {
    const found = withinOf(path);
    if (found === undefined || !seen.loose.has(path)) return found;
    return found.signed ? { ...found, encrypted: false } : undefined;
  }

  function withinOf(path: string): ExistingProtection | undefined {
    const status = reports.get(path)?.status;
    const container = seen.containers.get(path);
    if (container === undefined) return leafProtection(seen.seals.get(path), status);
    if (status !== 'read') return undefined;
    const inner = (children.get(path) ?? []).filter(
      // The name of an empty part can say something too.
      (part) => part.status !== 'empty' || part.fileName !== undefined,
    );
    const [first, second] = inner;
    if (first === undefined) return undefined;
    if (container === SIGNED_DATA) return signed('smime', first);
    if (container === 'multipart/signed') {
      const kind = SIGNATURES[second?.mediaType ?? ''];
      return kind === undefined || inner.length !== 2 ? undefined : signed(kind, first);
    }
    if (container === 'multipart/encrypted') return pgpMime(inner);
    if (!container.startsWith('multipart/')) return undefined;
    const each = inner.map((part) => protectionOf(part.path));
    if (each.length === 1) return each[0];
    const leading = each[0];
    if (leading === undefined || !each.every((one) => one?.encrypted === true)) return undefined;
    return { kind: leading.kind, encrypted: true, signed: false };
  }

  function signed(kind: ExistingProtection['kind'], content: PartReport): ExistingProtection {
    return { kind, signed: true, encrypted: protectionOf(content.path)?.encrypted ?? false };
  }

  function pgpMime(inner: readonly PartReport[]): ExistingProtection | undefined {
    const [control, content] = inner;
    if (control === undefined || content === undefined || inner.length !== 2) return undefined;
    const isControl = control.mediaType === 'application/pgp-encrypted' && seen.controls.has(control.path);
    const seal = seen.seals.get(content.path);
    if (!isControl || seal?.standard !== 'pgp' || seal.state !== 'encrypted') return undefined;
    return content.status === 'encrypted' ? { kind: 'pgp-mime', encrypted: true, signed: false } : undefined;
  }
}

function leafProtection(
  seal: LeafSeal | undefined,
  status: PartReport['status'] | undefined,
): ExistingProtection | undefined {
  if (seal === undefined || status !== (seal.state === 'encrypted' ? 'encrypted' : 'read')) return undefined;
  return {
    kind: seal.standard === 'pgp' ? 'pgp-inline' : 'smime',
    encrypted: seal.state === 'encrypted',
    signed: seal.state === 'signed',
  };
}

/** Parts by the path of what holds them. */
function childrenOf(parts: readonly PartReport[]): ReadonlyMap<string, readonly PartReport[]> {
  const children = new Map<string, PartReport[]>();
  for (const part of parts) {
    if (part.path === '0') continue;
    const dot = part.path.lastIndexOf('.');
    const parent = dot < 0 ? '0' : part.path.slice(0, dot);
    const known = children.get(parent) ?? [];
    children.set(parent, known);
    known.push(part);
  }
  return children;
}
