import { isIPv6 } from 'node:net';
import { VERSION } from '../../version.js';
import type { EventLevel, ExportedEvent } from './exported-event.js';
import { oneLine } from './one-line.js';

/** CEF counts from 0 to 10. */
const SEVERITY: Readonly<Record<EventLevel, number>> = { info: 1, notice: 3, warning: 6 };
/** Longest `msg` of the dictionary. */
const MAX_MSG = 1_023;

/**
 * An event in the Common Event Format (version 0), as ArcSight, Microsoft Sentinel and others read it. In its header `|`
 * and `\` are escaped, in its extension `=` and `\`; neither holds a line feed.
 */
export function cefLine(event: ExportedEvent, hostname: string): string {
  const header = [
    'CEF:0',
    'Sallyport',
    'Sallyport',
    VERSION,
    event.type,
    event.label,
    String(SEVERITY[event.level]),
  ];
  const { clientAddress } = event;
  const extension: readonly (readonly [key: string, value: string | undefined])[] = [
    ['rt', String(Date.parse(event.time))],
    ['dvchost', hostname],
    ['externalId', String(event.seq)],
    ['cat', event.type.slice(0, event.type.indexOf('.'))],
    ['suser', event.sender],
    ['duser', event.recipient],
    ...address(clientAddress),
    ['outcome', event.outcome],
    ['reason', event.reason],
    ...labelled('cs1', 'messageId', event.messageId),
    ...labelled('cs2', 'method', event.method),
    ...labelled('cs3', 'actor', event.actor),
    ...labelled('cs4', 'hash', event.hash),
    ['msg', event.summary.slice(0, MAX_MSG).toWellFormed()],
  ];
  const fields = extension.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${oneLine(value).replace(/[\\=]/g, '\\$&')}`],
  );
  return `${header.map((part) => oneLine(part).replace(/[\\|]/g, '\\$&')).join('|')}|${fields.join(' ')}`;
}

function address(text: string | undefined): readonly (readonly [string, string])[] {
  if (text === undefined) return [];
  return isIPv6(text)
    ? [
        ['c6a2Label', 'Source IPv6 Address'],
        ['c6a2', text],
      ]
    : [['src', text]];
}

/** A field of our own, by the dictionary's custom strings. */
function labelled(
  key: string,
  label: string,
  value: string | undefined,
): readonly (readonly [string, string])[] {
  return value === undefined
    ? []
    : [
        [`${key}Label`, label],
        [key, value],
      ];
}
