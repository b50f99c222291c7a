import type { ByteRange } from '../../inspect/bytes.js';
import { type ContentTypeReading, type EntityFacts, entityFacts } from '../../inspect/entity.js';
import { fieldValues, type HeaderBlock, readHeaderBlock } from '../../inspect/header-block.js';
import type { StructureLimits } from '../../inspect/limits.js';
import { parseMimeValue } from '../../inspect/mime-params.js';
import { splitMultipart } from '../../inspect/multipart.js';
import { decodeTransfer } from '../../inspect/transfer.js';
import { CannotRewrite } from './cannot-rewrite.js';

/** An entity as the inspector reads it first, with its place in the bytes. */
export interface Entity {
  /** As in `PartReport`. A message that isn't a multipart is a `message` with one leaf of the path `1` in it. */
  readonly path: string;
  readonly source: Buffer;
  readonly range: ByteRange;
  readonly body: ByteRange;
  readonly header: HeaderBlock;
  readonly facts: EntityFacts;
  readonly type: ContentTypeReading;
  /** Parameters of Content-Type, the first reading of each. */
  readonly parameters: ReadonlyMap<string, string>;
  /** It is a message with a header of its own: the whole one, or one within it. */
  readonly isMessage: boolean;
  readonly content:
    | { readonly kind: 'multipart'; readonly parts: readonly Entity[] }
    | { readonly kind: 'message'; readonly message: Entity }
    | { readonly kind: 'leaf'; readonly bytes: Buffer };
}

const NESTED_MESSAGE = /^message\/(?:rfc822|global|news)$/;

/**
 * Reads the entities of a message with the inspector's own readers: of each ambiguity the reading that names the parts.
 * Content that is read beside it (the preamble, other readings) isn't in the tree.
 * @throws CannotRewrite beyond the bounds of an inspection
 */
export function readEntities(source: Buffer, limits: StructureLimits): Entity {
  let entities = 0;
  return read({ source, start: 0, end: source.length }, '0', true, 0, 'text/plain');

  function read(
    place: ByteRange & { readonly source: Buffer },
    path: string,
    isMessage: boolean,
    depth: number,
    defaultType: string,
  ): Entity {
    entities += 1;
    if (entities > limits.max_parts || depth > limits.max_depth)
      throw new CannotRewrite('it has more parts, or deeper ones, than are read');
    const { source: bytes, start, end } = place;
    const header = readHeaderBlock(bytes, { start, end });
    if (header.tooLarge) throw new CannotRewrite('a header is larger than is read');
    const facts = entityFacts(header.fields, defaultType);
    const type = firstType(facts);
    const isMultipart = type.mediaType.startsWith('multipart/');
    const ownPath = isMessage && !isMultipart ? childPath(path, 1) : path;
    const body = { start: Math.min(header.bodyStart, end), end };
    return {
      path: ownPath,
      source: bytes,
      range: { start, end },
      body,
      header,
      facts,
      type,
      parameters: parametersOf(header),
      isMessage,
      content: contentOf(),
    };

    function contentOf(): Entity['content'] {
      if (isMultipart) return { kind: 'multipart', parts: partsOf() };
      const decoded = () =>
        decodeTransfer(bytes.subarray(body.start, body.end), facts.encodings).readings[0] ?? Buffer.alloc(0);
      if (!NESTED_MESSAGE.test(type.mediaType)) return { kind: 'leaf', bytes: decoded() };
      const inner =
        facts.encodings.length === 0 || facts.encodings.every((one) => /^(?:7bit|8bit|binary)$/.test(one))
          ? { source: bytes, ...body }
          : whole(decoded());
      return { kind: 'message', message: read(inner, ownPath, true, depth + 1, 'text/plain') };
    }

    function partsOf(): readonly Entity[] {
      const boundary = type.boundaries.find((one) => one.trim() !== '');
      if (boundary === undefined) throw new CannotRewrite('a multipart has no boundary');
      const split = splitMultipart(bytes, body, boundary, Math.max(0, limits.max_parts - entities));
      if (split.unreadFrom !== undefined) throw new CannotRewrite('it has more parts than are read');
      const inherited = type.mediaType === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
      return split.parts.map((range, index) =>
        read({ source: bytes, ...range }, childPath(ownPath, index + 1), false, depth + 1, inherited),
      );
    }
  }
}

/** All entities of a tree, outer ones first. */
export function allEntities(root: Entity): readonly Entity[] {
  const found: Entity[] = [];
  const open = [root];
  for (let entity = open.pop(); entity !== undefined; entity = open.pop()) {
    found.push(entity);
    if (entity.content.kind === 'multipart')
      for (const part of entity.content.parts.toReversed()) open.push(part);
    if (entity.content.kind === 'message') open.push(entity.content.message);
  }
  return found;
}

function firstType({ contentTypes: [type] }: EntityFacts): ContentTypeReading {
  if (type === undefined) throw new CannotRewrite('an entity has no type');
  return type;
}

function parametersOf(header: HeaderBlock): ReadonlyMap<string, string> {
  const [value] = fieldValues(header.fields, 'content-type');
  if (value === undefined) return new Map();
  return new Map(
    [...parseMimeValue(value).params].flatMap(([name, [first]]) =>
      first === undefined ? [] : [[name, first] as const],
    ),
  );
}

function whole(source: Buffer) {
  return { source, start: 0, end: source.length };
}

function childPath(path: string, index: number): string {
  return path === '0' ? String(index) : `${path}.${index}`;
}
