import { readZip } from '../archives/zip/zip.js';
import type { ChildContent, DocumentInput, ReaderContext } from '../types.js';
import type { Findings } from './findings.js';

export interface PackagePart {
  /** Lower case, `/` between its steps, none before the first: names of parts don't differ by case. */
  readonly name: string;
  readonly child: ChildContent;
  readonly bytes: Buffer;
}

/**
 * The parts of a document that is a ZIP, as the reader of archives has them: with everything in which two programs
 * would see different parts. Entries that can't be had stay children with their status.
 * @throws TooLarge
 */
export async function readPackage(
  input: DocumentInput,
  context: ReaderContext,
  found: Findings,
): Promise<readonly PackagePart[]> {
  const zip = await readZip(input, context);
  const parts: PackagePart[] = [];
  for (const child of zip.children) {
    const name = (child.fileName ?? '').replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
    if (child.bytes === undefined || child.status !== undefined) found.child(child);
    else parts.push({ name, child, bytes: child.bytes });
  }
  found.include({ ...zip, status: zip.status === 'empty' ? 'corrupt' : zip.status, children: [] });
  return parts;
}
