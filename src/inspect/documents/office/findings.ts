import type { PartStatus } from '../../../model/inspection.js';
import {
  type ChildContent,
  type DocumentInput,
  type FormatReader,
  type FormatResult,
  type ReaderContext,
  TooLarge,
} from '../types.js';

/** Anything wrong with a document's structure. Its message names no content. */
export class CorruptDocument extends Error {
  override readonly name = 'CorruptDocument';
}

export type Failure = 'unsupported' | 'encrypted' | 'timed-out' | 'too-large' | 'corrupt';

/** Of several things that went wrong, the one that demands most. */
const ORDER: readonly PartStatus[] = [
  'read',
  'unsupported',
  'encrypted',
  'timed-out',
  'too-large',
  'corrupt',
];
const MAX_NAME = 255;

/** Collects what a document holds. */
export interface Findings {
  /** More of one view; pieces stand on lines of their own. @throws TooLarge */
  text(view: string, text: string): void;
  /** Something inside whose bytes another reader already counted. */
  child(child: ChildContent): void;
  /** Something inside that was taken out here: counted as an entry with its bytes. @throws TooLarge */
  extracted(child: ChildContent): void;
  oddity(name: string): void;
  /** The document wasn't read in full. */
  fail(status: Failure): void;
  /** Everything that another reader found, as part of this document. @throws TooLarge */
  include(result: FormatResult): void;
}

/**
 * A reader of a document. Where `read` throws, what it had found until then is kept, and the status says that it
 * isn't all.
 */
export function documentReader(
  read: (input: DocumentInput, found: Findings, context: ReaderContext) => Promise<void> | void,
): FormatReader {
  return async (input, context) => {
    const collected = collect(context);
    try {
      await read(input, collected.found, context);
    } catch (error) {
      // Whatever a parser throws over hostile bytes, the part is not read.
      collected.found.fail(error instanceof TooLarge ? 'too-large' : 'corrupt');
    }
    return collected.result();
  };
}

function collect(context: ReaderContext): { readonly found: Findings; result(): FormatResult } {
  const views = new Map<string, string[]>();
  const children: ChildContent[] = [];
  const oddities = new Set<string>();
  let status: PartStatus = 'read';
  let needsOcr = false;
  const keep = (view: string, text: string) => {
    const pieces = views.get(view);
    if (pieces === undefined) views.set(view, [text]);
    else pieces.push(text);
  };
  const found: Findings = {
    text(view, text) {
      if (text.trim() === '') return;
      context.budget.takeText(Buffer.byteLength(text));
      keep(view, text);
    },
    child(child) {
      children.push(named(child));
    },
    extracted(child) {
      context.budget.takeEntry();
      context.budget.takeUnpacked(child.bytes?.length ?? 0);
      children.push(named(child));
    },
    oddity(name) {
      oddities.add(name);
    },
    fail(next) {
      if (ORDER.indexOf(next) > ORDER.indexOf(status)) status = next;
    },
    include(result) {
      // Its text is counted already.
      for (const { view, text } of result.texts) keep(view, text);
      for (const child of result.children) children.push(child);
      for (const name of result.oddities) oddities.add(name);
      if (ORDER.indexOf(result.status) > ORDER.indexOf(status)) status = result.status;
      needsOcr ||= result.needsOcr === true;
    },
  };
  const result = (): FormatResult => ({
    status,
    texts: distinctViews(views),
    children,
    oddities: [...oddities],
    ...(needsOcr && { needsOcr: true as const }),
  });
  return { found, result };
}

/** A view that says the same as an earlier one is left out. */
function distinctViews(views: ReadonlyMap<string, readonly string[]>): FormatResult['texts'] {
  const known = new Set<string>();
  return [...views].flatMap(([view, pieces]) => {
    const text = pieces.join('\n');
    if (known.has(text)) return [];
    known.add(text);
    return [{ view, text }];
  });
}

function named(child: ChildContent): ChildContent {
  if (child.fileName === undefined || child.fileName.length <= MAX_NAME) return child;
  // Not through the middle of a surrogate pair.
  return { ...child, fileName: child.fileName.slice(0, MAX_NAME).replace(/[\ud800-\udbff]$/, '') };
}
