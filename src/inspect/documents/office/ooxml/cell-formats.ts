import { type NumberFormat, numberFormat } from '../number-format.js';
import { readXml } from '../xml.js';

/** For each style of cells how its numbers are read (ISO/IEC 29500-1 18.8.10, 18.8.30). */
export function readCellFormats(xml: string, is1904: boolean): readonly NumberFormat[] {
  const codes = new Map<number, string>();
  const ids: number[] = [];
  let inCells = false;
  readXml(xml, {
    open(name, attributes) {
      const id = Number(attributes.get('numFmtId') ?? '0');
      if (name === 'numFmt') codes.set(id, attributes.get('formatCode') ?? '');
      else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) ids.push(id);
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
    text: () => undefined,
  });
  const made = new Map<number, NumberFormat>();
  return ids.map((id) => {
    const known = made.get(id) ?? numberFormat(id, codes.get(id), is1904);
    made.set(id, known);
    return known;
  });
}
