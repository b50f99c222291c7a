import { createHash } from 'node:crypto';
import '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { SealedBody } from '../../model/message.js';
import type { BodyStore } from '../../store/ports.js';
import { safeFileName } from '../../web/file-name.js';

/** A file that a visitor sent, sealed as it came. */
export interface UploadedFile {
  /** Safe to save anywhere. */
  readonly name: string;
  readonly body: SealedBody;
  /** SHA-256 of its content, in hex. */
  readonly digest: string;
}

export interface Upload {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly UploadedFile[];
  /** Why it can't be taken; then there are no files. */
  readonly problem?: 'too-large' | 'too-many-files' | 'no-file';
}

export interface UploadLimits {
  /** Bytes of all fields and files together. */
  readonly maxSize: number;
  readonly maxFiles: number;
}

/** Bytes of the longest text. */
export const MOST_TEXT_BYTES = 400_000;
const MOST_FIELDS = 120;
/** Bytes of one field other than the text, and of all that may come before the form's token is asked for. */
const MOST_FIELD_BYTES = 1000;
const MOST_UNASKED_BYTES = 4000;
/** Bytes of all fields together: the text, the names of recipients, and little else. */
const MOST_FIELDS_BYTES = MOST_TEXT_BYTES + 64_000;

/**
 * Reads a form with files (RFC 7578) as it comes: files go straight into sealed bodies, and what is beyond the limits is
 * read and forgotten, because browsers show an answer only after they have sent everything. Declared types are ignored.
 * @param accepts asked with the fields, once, before anything large is held: as soon as the form's `token` is there, else
 *   before the first file, or after the first few bytes, or at the end
 * @returns undefined when `accepts` said no: nothing was kept
 * @throws what the parser throws for a malformed form, with a status of 4xx; whatever the store throws. Nothing is left.
 */
export async function readUpload(
  request: FastifyRequest,
  bodies: Pick<BodyStore, 'create' | 'remove'>,
  limits: UploadLimits,
  accepts: (fields: ReadonlyMap<string, readonly string[]>) => Promise<boolean>,
): Promise<Upload | undefined> {
  const fields = new Map<string, string[]>();
  const files: UploadedFile[] = [];
  let size = 0;
  let fieldBytes = 0;
  let asked = false;
  let problem: Upload['problem'];
  const parts = request.parts({
    limits: {
      fieldNameSize: 50,
      // One more, to see which are longer.
      fieldSize: MOST_TEXT_BYTES + 1,
      fields: MOST_FIELDS,
      fileSize: limits.maxSize + 1,
      files: 2 * limits.maxFiles + 10,
      parts: MOST_FIELDS + 2 * limits.maxFiles + 10,
      headerPairs: 20,
    },
  });
  try {
    for await (const part of parts) {
      if (part.type === 'field') {
        if (typeof part.value !== 'string') continue;
        // A file whose name can't be read comes as a field: sent without it, the reply would say less than was meant.
        if (part.fieldname === 'files') problem ??= 'no-file';
        const bytes = Buffer.byteLength(part.value);
        size += bytes;
        fieldBytes += bytes;
        if (!asked && (part.fieldname === 'token' || fieldBytes > MOST_UNASKED_BYTES)) {
          if (part.fieldname === 'token' && bytes <= MOST_FIELD_BYTES) fields.set('token', [part.value]);
          asked = true;
          if (!(await accepts(fields))) {
            forget(request);
            return undefined;
          }
          if (part.fieldname === 'token') continue;
        }
        // What is beyond the bounds is counted and forgotten.
        if (part.valueTruncated || (part.fieldname !== 'text' && bytes > MOST_FIELD_BYTES))
          problem ??= 'too-large';
        if (fieldBytes > MOST_FIELDS_BYTES) problem ??= 'too-large';
        const most = part.fieldname === 'text' ? MOST_TEXT_BYTES : MOST_FIELD_BYTES;
        if (bytes > most || fieldBytes > MOST_FIELDS_BYTES) continue;
        fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), part.value]);
        continue;
      }
      if (!asked) {
        asked = true;
        if (!(await accepts(fields))) {
          forget(request);
          return undefined;
        }
      }
      const writer = problem === undefined ? bodies.create() : undefined;
      const hash = createHash('sha256');
      let bytes = 0;
      let open = writer !== undefined;
      try {
        for await (const chunk of part.file) {
          bytes += chunk.length;
          if (size + bytes > limits.maxSize) problem ??= 'too-large';
          if (writer === undefined || !open) continue;
          if (problem === undefined) {
            hash.update(chunk);
            await writer.write(chunk);
          } else {
            open = false;
            await writer.abort();
          }
        }
        size += bytes;
        // Where no file was chosen, browsers send one without a name.
        const nothing = bytes === 0 && part.filename === '';
        if (!nothing && files.length >= limits.maxFiles) problem ??= 'too-many-files';
        if (writer === undefined || !open) continue;
        open = false;
        if (problem !== undefined || nothing) await writer.abort();
        else {
          const body = await writer.finish();
          files.push({ name: safeFileName(part.filename), body, digest: hash.digest('hex') });
        }
      } finally {
        if (open) await writer?.abort();
      }
    }
    if (!asked && !(await accepts(fields))) return undefined;
    if (size > limits.maxSize) problem ??= 'too-large';
  } catch (error) {
    await removeFiles(bodies, files);
    throw error;
  }
  if (problem === undefined) return { fields, files };
  await removeFiles(bodies, files);
  return { fields, files: [], problem };
}

/** Removes what was kept of files that are needed no more. What can't be removed has no key anywhere. */
export async function removeFiles(
  bodies: Pick<BodyStore, 'remove'>,
  files: readonly Pick<UploadedFile, 'body'>[],
): Promise<void> {
  for (const { body } of files)
    if (body.content.kind === 'file') await bodies.remove(body.content.name).catch(() => undefined);
}

/** Lets the rest of a form go by, so that the browser gets to see the answer. */
function forget({ raw }: FastifyRequest): void {
  raw.unpipe();
  raw.resume();
}
