import { joinPage } from './page-text.js';
import { readDocumentExtras, readPageExtras, readPageText } from './pdfjs-content.js';
import { openWithPdfjs } from './pdfjs-document.js';

/** Revisions looked at, the newest first; each is as long to read as the document. */
export const MAX_OLDER_REVISIONS = 10;

/**
 * A change to a PDF is written behind it (ISO 32000-1 7.5.6): what was there before is still in the file, and anybody
 * who cuts the file off sees it.
 * @param ends where each revision ends, the first one first
 * @returns the text of older revisions, and whether all of them were read: the first part of a file that was arranged
 *   for the web (ISO 32000-1 annex F) doesn't open by itself, and is none; any other that doesn't open isn't read
 */
export async function readOlderRevisions(
  bytes: Buffer,
  ends: readonly number[],
  maxPages: number,
): Promise<{ readonly texts: readonly string[]; readonly all: boolean; readonly unread: boolean }> {
  const older = [...new Set(ends)].filter((end) => end > 0 && end < bytes.length - 32).sort((a, b) => b - a);
  // The newest end is the document itself where nothing but a remainder follows.
  const last = ends.reduce((most, end) => Math.max(most, end), 0);
  const revisions = older.filter((end) => end !== last);
  const texts: string[] = [];
  let unread = false;
  for (const end of revisions.slice(0, MAX_OLDER_REVISIONS)) {
    const revision = await readRevision(bytes.subarray(0, end), maxPages);
    for (const text of revision.texts) texts.push(text);
    const isFirst = end === revisions.at(-1);
    if (!revision.whole && !(isFirst && isLinearized(bytes))) unread = true;
  }
  return { texts, all: revisions.length <= MAX_OLDER_REVISIONS, unread };
}

function isLinearized(bytes: Buffer): boolean {
  return bytes.subarray(0, 1024).includes('/Linearized');
}

async function readRevision(
  bytes: Buffer,
  maxPages: number,
): Promise<{ readonly texts: readonly string[]; readonly whole: boolean }> {
  const document = await openWithPdfjs(bytes);
  if (typeof document === 'string') return { texts: [], whole: false };
  const texts: string[] = [];
  try {
    texts.push(...(await readDocumentExtras(document)).texts.map((one) => one.text));
    for (let number = 1; number <= Math.min(document.numPages, maxPages); number++) {
      const page = await document.getPage(number);
      texts.push(joinPage(await readPageText(page)).rows);
      texts.push((await readPageExtras(page, false)).annotations.join('\n'));
      page.cleanup();
    }
  } catch {
    // Another program may open more of it; the document's own state is judged by itself.
    return { texts, whole: false };
  } finally {
    await document.destroy();
  }
  return { texts, whole: true };
}
