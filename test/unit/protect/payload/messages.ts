import { buildPayload, type PayloadOptions } from '../../../../src/protect/payload/build-payload.js';
import type { OriginalMessage } from '../../../../src/protect/payload/edits.js';
import { fieldValue, type RawField, readRawHeader } from '../../../../src/protect/payload/raw-header.js';

/** A message written with `\n`, as it is stored. */
export function mail(text: string): Buffer {
  return Buffer.from(text.replaceAll('\n', '\r\n'), 'utf8');
}

/** A message that is read in pieces of that size. */
export function original(bytes: Buffer, piece = 7_000): OriginalMessage {
  async function* open(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  return { open, size: bytes.length };
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface Split {
  readonly outer: readonly RawField[];
  readonly inner: readonly RawField[];
  readonly body: string;
  readonly entity: Buffer;
  readonly size: number;
  readonly alreadySigned: boolean;
}

/** Splits a message and reads back what came of it. */
export async function split(
  message: string | Buffer,
  options: Partial<PayloadOptions> = {},
  piece?: number,
): Promise<Split> {
  const bytes = typeof message === 'string' ? mail(message) : message;
  const payload = await buildPayload(original(bytes, piece), {
    subject: '[...]',
    legacyDisplay: false,
    ...options,
  });
  const entity = await collect(payload.open());
  const header = readRawHeader(entity);
  return {
    outer: readRawHeader(payload.outerHeader).fields,
    inner: header.fields,
    body: entity.toString('utf8', header.bodyStart),
    entity,
    size: payload.size,
    alreadySigned: payload.alreadySigned,
  };
}

/** `name: value` of the fields, unfolded, in order. */
export function lines(fields: readonly RawField[]): readonly string[] {
  return fields.map((field) => `${field.raw.slice(0, field.raw.indexOf(':'))}: ${fieldValue(field)}`);
}

export function valuesOf(fields: readonly RawField[], name: string): readonly string[] {
  return fields.filter((field) => field.name === name).map(fieldValue);
}
