import { toCsv } from '../csv.js';
import { cefLine } from './cef.js';
import type { ExportedEvent } from './exported-event.js';
import { oneLine } from './one-line.js';
import { framed, type SyslogOptions, syslogMessage } from './syslog.js';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'cef', 'syslog'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How events are written. */
export interface Rendering {
  /** Before the first one. */
  readonly head: string;
  readonly event: (event: ExportedEvent) => string;
}

const CSV_HEAD = [
  'seq',
  'time',
  'type',
  'level',
  'message_id',
  'sender',
  'recipient',
  'outcome',
  'method',
  'client_address',
  'actor',
  'summary',
  'hash',
] as const;

/** For a file or standard output: a record a line. */
export function lines(format: ExportFormat, options: SyslogOptions): Rendering {
  switch (format) {
    case 'csv':
      return { head: toCsv([CSV_HEAD]), event: (event) => toCsv([csvCells(event)]) };
    case 'jsonl':
      return { head: '', event: (event) => `${jsonLine(event)}\n` };
    case 'cef':
      return { head: '', event: (event) => `${cefLine(event, options.hostname)}\n` };
    case 'syslog':
      return { head: '', event: (event) => `${syslogMessage(event, options)}\n` };
  }
}

/** For a syslog receiver: framed messages, in which CEF and JSON travel as the text. */
export function messages(format: Exclude<ExportFormat, 'csv'>, options: SyslogOptions): Rendering {
  const text = (event: ExportedEvent) => {
    if (format === 'cef') return cefLine(event, options.hostname);
    return format === 'jsonl' ? jsonLine(event) : undefined;
  };
  return { head: '', event: (event) => framed(syslogMessage(event, options, text(event))) };
}

function csvCells(event: ExportedEvent): readonly string[] {
  return [
    String(event.seq),
    event.time,
    event.type,
    event.level,
    event.messageId ?? '',
    event.sender ?? '',
    event.recipient ?? '',
    event.outcome ?? '',
    event.method ?? '',
    event.clientAddress ?? '',
    event.actor ?? '',
    event.summary,
    event.hash,
  ].map(oneLine);
}

/** One line of JSON, in which control and format characters are escaped. */
function jsonLine(event: ExportedEvent): string {
  return JSON.stringify(event).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
