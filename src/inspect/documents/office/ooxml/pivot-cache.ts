import type { Findings } from '../findings.js';
import { isoOr } from '../iso-date.js';
import { hiddenColumns, type SheetCell, sheetRows } from '../sheet-rows.js';
import { readXml, type XmlReading } from '../xml.js';

/** The copy of its source's rows that a pivot table keeps, even where the source is gone (ISO/IEC 29500-1 18.10). */
export interface PivotFields {
  readonly names: readonly string[];
  readonly shared: readonly (readonly string[])[];
  readonly xml: XmlReading;
}

const VALUES: ReadonlySet<string> = new Set(['s', 'n', 'd', 'b', 'e']);

export function readPivotFields(xml: string): PivotFields {
  const names: string[] = [];
  const shared: string[][] = [];
  let inShared = false;
  const reading = readXml(xml, {
    open(name, attributes) {
      if (name === 'cacheField') {
        names.push(attributes.get('caption') ?? attributes.get('name') ?? '');
        shared.push([]);
      } else if (name === 'sharedItems') inShared = true;
      else if (inShared && (VALUES.has(name) || name === 'm'))
        shared.at(-1)?.push(isoOr(attributes.get('v') ?? ''));
    },
    close(name) {
      if (name === 'sharedItems') inShared = false;
    },
    text: () => undefined,
  });
  return { names, shared, xml: reading };
}

/** @throws TooLarge */
export function readPivotRecords(
  xml: string,
  fields: PivotFields | undefined,
  maxText: number,
  found: Findings,
): XmlReading {
  const rows = sheetRows(found, { name: '', hidden: true, hiddenColumns: hiddenColumns(), maxText });
  const labels = (fields?.names ?? []).map((text, column) => ({ column, text }));
  rows.row(labels, { hidden: false });
  let cells: SheetCell[] = [];
  let column = 0;
  const reading = readXml(xml, {
    open(name, attributes) {
      const value = attributes.get('v') ?? '';
      if (name === 'r') {
        cells = [];
        column = 0;
      } else if (name === 'x')
        cells.push({ column: column++, text: fields?.shared[column - 1]?.[Number(value)] ?? '' });
      else if (VALUES.has(name) || name === 'm') cells.push({ column: column++, text: isoOr(value) });
    },
    close(name) {
      if (name === 'r') rows.row(cells, { hidden: false });
    },
    text: () => undefined,
  });
  rows.end();
  return reading;
}
