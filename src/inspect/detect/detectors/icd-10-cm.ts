import type { Confidence } from '../../../model/inspection.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { isIcdCategory } from '../icd-categories.js';
import { maskAll } from '../masks.js';
import type { ScannedText } from '../scanned-text.js';

const CONTEXT =
  /\b(?:icd(?:[- ]?(?:9|10|11))?(?:-?cm)?|dx|diagnos(?:is|es|ed|tic)|codes?|condition|problems?|assessment|impression|indication)\b[^\n]{0,40}$/;
const SUPPRESSING =
  /\b(?:vitamin|vit|room|gate|seat|terminal|exit|route|highway|bus|model|part|version|release|rev|row|cell|column|form|section|unit|suite|building|flight|paper|size|din|iso|grade|chapter|appendix|figure|table|page)\b[ .#:-]{0,3}$/;

/**
 * ICD-10-CM diagnosis codes: a category in use, and up to four more characters behind a point.
 * Source: CMS and NCHS, ICD-10-CM Official Guidelines for Coding and Reporting, and the Tabular List.
 */
export const icd10Cm: Detector = {
  info: {
    name: 'icd-10-cm',
    class: 'health',
    description: 'ICD-10-CM diagnosis code',
    source: 'CMS and NCHS: ICD-10-CM Tabular List and Official Guidelines',
  },
  patterns: near({ mark: 'letter-digit' }, [
    '(?-u:\\b)[A-Z][0-9][0-9AB](?:\\.[0-9A-Z]{1,3}[A-Z0-9]?|[0-9A-Z]{1,4})?(?-u:\\b)',
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const value = hit.text.replace('.', '');
      if (value.length > 7 || !isIcdCategory(value.slice(0, 3))) return [];
      const confidence = rate(hit.text, hit.start, hit.end, text);
      return confidence === undefined ? [] : [{ start: hit.start, end: hit.end, value, confidence }];
    }),
  mask: maskAll,
};

function rate(code: string, start: number, end: number, text: ScannedText): Confidence | undefined {
  const before = text.before(start, 56);
  const joined =
    /[\w.-]$/.test(text.text.slice(Math.max(0, start - 1), start)) ||
    /^[-/\w]/.test(text.text.slice(end, end + 1));
  if (joined) return undefined;
  const context = CONTEXT.test(before) || /\b(?:icd|dx|diagnosis|code)/.test(text.labels(start));
  if (SUPPRESSING.test(before)) return context ? 'low' : undefined;
  const dotted = code.includes('.');
  // After the point of a code a letter stands only in the last place (7th character) or as placeholder X.
  const plain =
    /^[A-Z]\d[0-9AB](?:\.\d[\dX]{0,2}[\dA-Z]?)?$/.test(code) || /^[A-Z]\d[0-9AB]\.[A-Z0-9]{1,4}$/.test(code);
  if (!plain && dotted) return 'low';
  if (context) return dotted ? 'high' : 'medium';
  if (dotted) return 'medium';
  return code.length === 3 ? undefined : 'low';
}
