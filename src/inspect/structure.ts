import type { Ambiguity, ExistingProtection, HeaderFact, PartReport } from '../model/inspection.js';
import { asBuffer } from './bytes.js';
import type { DocumentDesk } from './documents/desk.js';
import { existingProtection } from './existing-protection.js';
import type { StructureLimits } from './limits.js';
import { material, OUTSIDE_STYLE } from './oddity.js';
import type { ShowsNothing } from './quiet-text.js';
import { longTexts } from './structure/long-texts.js';
import { beginReading, noteLineEnds, type Progress } from './structure/progress.js';
import { readRaw } from './structure/raw-places.js';
import { readEntity } from './structure/read-entity.js';
import type { TextView } from './text-view.js';

/** What the bytes of a message are, before anything is looked for in them. */
export interface MessageReading {
  readonly parts: readonly PartReport[];
  readonly ambiguities: readonly Ambiguity[];
  readonly headers: readonly HeaderFact[];
  readonly subject: string;
  /** Every plausible reading of every place. */
  readonly views: readonly TextView[];
  /** The sender's own protection of the whole message. */
  readonly protection?: ExistingProtection;
}

/** The same, its views made when they are asked for. */
export type StructureReading = Omit<MessageReading, 'views'> & {
  readonly views: () => readonly TextView[];
};

/** Reads a whole message, but for its documents. */
export function readMessage(message: Uint8Array, limits: StructureLimits): MessageReading {
  const { views, ...reading } = readStructure(message, limits);
  return { ...reading, views: views() };
}

/**
 * Reads a whole message (RFC 5322, 2045-2049, 2231, 6532) into parts, named ambiguities and the union of views.
 * Iterative, with bounds on depth, parts, headers and text. What lies beyond a bound is named by a part's status and
 * scanned raw as far as `max_part_text`. Never throws because of the message.
 * @param desk where documents are given to be read, and where they are found once they are
 * @param showsNothing tells long texts that have nothing in them: these have no view. Without it, all have
 */
export function readStructure(
  message: Uint8Array,
  limits: StructureLimits,
  desk?: DocumentDesk,
  showsNothing?: ShowsNothing,
): StructureReading {
  const source = asBuffer(message);
  const range = { start: 0, end: source.length };
  const progress = beginReading(
    limits,
    desk,
    showsNothing === undefined ? undefined : longTexts(source, showsNothing),
  );
  const { report, views, headers, stack, containers, seals, controls, loose } = progress;
  stack.push({
    source,
    range,
    path: '0',
    isMessage: true,
    depth: 0,
    defaultType: 'text/plain',
    ancestors: [],
    primary: true,
  });
  report.part({
    path: '0',
    mediaType: 'message/rfc822',
    disposition: 'none',
    status: source.length === 0 ? 'empty' : 'read',
    size: source.length,
  });
  noteLineEnds(progress, source, range, '0');
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) readEntity(progress, task);
  noteOwnSheets(progress);
  readRaw(progress);
  const parts = report.parts();
  const protection = existingProtection({ parts, containers, seals, controls, loose });
  return {
    parts,
    ambiguities: report.ambiguities(),
    headers,
    subject: headers.find((header) => header.name === 'subject')?.value ?? '',
    views: () => views.views(),
    ...(protection && { protection }),
  };
}

/**
 * A document asks for a style sheet by an address, and a part beside it is one: readers that know Content-Location
 * (RFC 2557 4.2) may take the one for the other.
 */
function noteOwnSheets({ report, containers }: Progress): void {
  const asking = report.ambiguities().filter(({ name }) => name === OUTSIDE_STYLE);
  if (asking.length === 0) return;
  const brings = report.parts().some(({ path, mediaType, fileName }) => {
    const around = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '0';
    const isSheet = mediaType === 'text/css' || /\.css$/i.test(fileName ?? '');
    return isSheet && containers.get(around) === 'multipart/related';
  });
  if (!brings) return;
  const nowhere = { source: Buffer.alloc(0), start: 0, end: 0 };
  for (const { part } of asking) report.oddity(part, material(OUTSIDE_STYLE), nowhere);
}
