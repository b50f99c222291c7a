import type { PartReport, PartStatus } from '../../model/inspection.js';
import type { ContentTypeReading, EntityFacts } from '../entity.js';

/** What is said of an entity's content outside of it. */
export interface About {
  readonly mediaType: string;
  readonly charsets: readonly string[];
  readonly fileName?: string | undefined;
  readonly disposition: EntityFacts['disposition'];
  readonly flowed?: ContentTypeReading['flowed'];
}

export function aboutOf(type: ContentTypeReading, facts: EntityFacts): About {
  const { mediaType, charsets, flowed } = type;
  return { mediaType, charsets, flowed, fileName: facts.fileNames[0], disposition: facts.disposition };
}

export function reported(
  path: string,
  { mediaType, fileName, disposition }: Omit<About, 'charsets'>,
  status: PartStatus,
  size: number,
): PartReport {
  return { path, mediaType, ...(fileName === undefined ? {} : { fileName }), disposition, status, size };
}

/** What isn't the message's body but a file of its own; a body may well begin as mail does. */
export function isFile({ mediaType, fileName, disposition }: About): boolean {
  if (mediaType.startsWith('message/')) return fileName !== undefined;
  return fileName !== undefined || disposition === 'attachment' || !mediaType.startsWith('text/');
}
