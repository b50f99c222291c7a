import { configSchema } from '../../../src/config/schema.js';
import type { MessageReading } from '../../../src/inspect/structure.js';
import { readMessage } from '../../../src/inspect/structure.js';
import type { PartStatus } from '../../../src/model/inspection.js';

/** The limits that the configuration has by default. */
export const LIMITS = configSchema.shape.inspect.parse({});

/** A message written with `\n`, as it travels. */
export function mail(text: string): Buffer {
  return Buffer.from(text.replaceAll('\n', '\r\n'), 'utf8');
}

export function read(text: string | Buffer): MessageReading {
  return readMessage(typeof text === 'string' ? mail(text) : text, LIMITS);
}

export function isClean(reading: { readonly parts: MessageReading['parts'] }): boolean {
  const read: readonly PartStatus[] = ['read', 'empty', 'no-text'];
  return reading.parts.every((part) => read.includes(part.status));
}

/** All texts of the place, one a line. */
export function textsAt(reading: MessageReading, where: string): string {
  return reading.views
    .filter((view) => view.where === where)
    .map((view) => view.text)
    .join('\n');
}

export function allText(reading: MessageReading): string {
  return reading.views.map((view) => view.text).join('\n');
}

export const HEADER = 'From: a@clinic.example\nTo: b@partner.example\nSubject: note\nMIME-Version: 1.0\n';
