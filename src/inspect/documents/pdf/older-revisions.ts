import { readDocumentExtras, readPageExtras, readPageText } from './pdfjs-content.js';
import { openWithPdfjs } from './pdfjs-document.js';

/** Revisions looked at, the newest first; each is as long to read as the document. */
export const MAX_OLDER_REVISIONS = 10;

/**
 * A change to a PDF is written behind it (ISO 32000-1 7.5.6): what was there before is still in the file, and anybody
 * who cuts the file off sees it.
 * @param ends where each revision ends, the first one first
 * @returns the text of older revisions; those that don't open by themselves (as the first part of a file that was
 *   arranged for the web) are nothing that anybody could see
 */
export async function readOlderRevisions(
  bytes: Buffer,
  ends: readonly number[],
  maxPages: number,
): Promise<{ readonly texts: readonly string[]; readonly all: boolean }> {
  const older = [...new Set(ends)].filter((end) => end > 0 && end < bytes.length - 32).sort((a, b) => b - a);
  // The newest end is the document itself where nothing but a remainder follows.
  const last = Math.max(...ends, 0);
  const revisions = older.filter((end) => end !== last);
  const texts: string[] = [];
  for (const end of revisions.slice(0, MAX_OLDER_REVISIONS)) {
    texts.push(...(await readRevision(bytes.subarray(0, end), maxPages)));
  }
  return { texts, all: revisions.length <= MAX_OLDER_REVISIONS };
}

async function readRevision(bytes: Buffer, maxPages: number): Promise<readonly string[]> {
  const document = await openWithPdfjs(bytes);
  if (typeof document === 'string') return [];
  const texts: string[] = [];
  try {
    texts.push(...(await readDocumentExtras(document)).texts.map((one) => one.text));
    for (let number = 1; number <= Math.min(document.numPages, maxPages); number++) {
      const page = await document.getPage(number);
      texts.push((await readPageText(page)).rows);
      texts.push((await readPageExtras(page, false)).annotations.join('\n'));
      page.cleanup();
    }
  } catch {
    // What of an older revision doesn't open, nobody can see either; the document's own state is judged by itself.
    return texts;
  } finally {
    await document.destroy();
  }
  return texts;
}
