import type { PartStatus } from '../../../model/inspection.js';
import {
  type ChildContent,
  type DocumentInput,
  type FormatReader,
  type FormatResult,
  type ReaderContext,
  TooLarge,
} from '../types.js';
import { shortName } from './entry-name.js';
import { createMeter, type Meter } from './meter.js';

type Failure = 'unsupported' | 'encrypted' | 'too-large' | 'corrupt';

/** Of several things that went wrong, the one that demands most. */
const ORDER: readonly PartStatus[] = ['read', 'unsupported', 'encrypted', 'too-large', 'corrupt'];

/** Collects what a container holds. */
export interface Listing {
  /**
   * An entry of the container.
   * @param names how its name can be read; the first is the child's name, all are text
   * @throws TooLarge beyond the entries allowed
   */
  entry(names: readonly string[]): void;
  /** The content of an entry, or why it can't be had. */
  child(child: ChildContent): void;
  /** Words that aren't an entry's name: comments. @throws TooLarge */
  comment(text: string): void;
  oddity(name: string): void;
  /** The container itself wasn't read in full. */
  fail(status: Failure): void;
}

/** Anything wrong with the container's structure. Its message names no content. */
export class CorruptArchive extends Error {
  override readonly name = 'CorruptArchive';
}

/**
 * A reader of a container. Where `read` throws, what it had found until then is kept, and the status says that it
 * isn't all.
 */
export function containerReader(
  read: (input: DocumentInput, listing: Listing, meter: Meter, context: ReaderContext) => Promise<void>,
): FormatReader {
  return async (input, context) => {
    const names: string[] = [];
    const comments: string[] = [];
    const children: ChildContent[] = [];
    const oddities = new Set<string>();
    let status: PartStatus = 'read';
    let entries = 0;
    const fail = (next: Failure) => {
      if (ORDER.indexOf(next) > ORDER.indexOf(status)) status = next;
    };
    const listing: Listing = {
      entry(readings) {
        context.budget.takeEntry();
        entries += 1;
        for (const name of new Set(readings)) {
          if (name.includes('\0')) oddities.add('archive-name-with-nul');
          context.budget.takeText(Buffer.byteLength(name));
          names.push(name);
        }
      },
      child(child) {
        const fileName = child.fileName === undefined ? undefined : shortName(child.fileName);
        children.push({ ...child, ...(fileName !== undefined && { fileName }) });
      },
      comment(text) {
        if (text === '') return;
        context.budget.takeText(Buffer.byteLength(text));
        comments.push(text);
      },
      oddity(name) {
        oddities.add(name);
      },
      fail,
    };
    try {
      await read(input, listing, createMeter(input.bytes.length, context), context);
    } catch (error) {
      // Whatever a parser throws over hostile bytes, the part is not read.
      fail(error instanceof TooLarge ? 'too-large' : 'corrupt');
    }
    const texts = [
      ...(names.length > 0 ? [{ view: 'names', text: names.join('\n') }] : []),
      ...(comments.length > 0 ? [{ view: 'comments', text: comments.join('\n') }] : []),
    ];
    const nothing = entries === 0 && children.length === 0 && texts.length === 0;
    return {
      status: status === 'read' && nothing ? 'empty' : status,
      texts,
      children,
      oddities: [...oddities],
    } satisfies FormatResult;
  };
}

/**
 * The content of one entry as a child. What is too large or broken becomes the child's status and the container's, and
 * the reading goes on with the next.
 * @param about what is known of it without its bytes; asked after decoding
 * @param decode gives the bytes; `complete` false where they are known not to be all
 */
export async function addContent(
  listing: Listing,
  about: () => { readonly fileName?: string; readonly size?: number },
  decode: () => Promise<Decoded>,
): Promise<Buffer | undefined> {
  try {
    const decoded = await decode();
    if (!decoded.complete) listing.fail('corrupt');
    // Part of a broken entry is still read: the container is held as corrupt in any case.
    if (decoded.complete || decoded.bytes.length > 0) {
      listing.child({ ...about(), size: decoded.bytes.length, bytes: decoded.bytes });
      return decoded.bytes;
    }
    listing.child({ ...about(), status: 'corrupt' });
  } catch (error) {
    const status = error instanceof TooLarge ? 'too-large' : 'corrupt';
    listing.fail(status);
    listing.child({ ...about(), status });
  }
  return undefined;
}

/** Whether a link may lead there: one line, without what markup and records have. */
export function isPath(target: string): boolean {
  return /^[^\x00-\x1f\x7f<>{}"=&;:|*?]+$/.test(target);
}

export interface Decoded {
  readonly bytes: Buffer;
  readonly complete: boolean;
}
