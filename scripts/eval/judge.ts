import { DETECTORS, detectSpans } from '../../src/inspect/detect/index.js';
import { normalise } from '../../src/inspect/normalise.js';
import type { Inspection } from '../../src/model/inspection.js';
import type { EvalInspector } from './inspect.js';
import { detectorsOf } from './kinds.js';
import { messageOf } from './message.js';
import type { Row } from './rows.js';

/** What came of one row. */
export interface Verdict {
  readonly row: Row;
  /** Classifications, as policies see them. */
  readonly flagged: ReadonlySet<string>;
  /** Each labelled span: whether any identifier was seen there, and whether by a detector for its type. */
  readonly spans: readonly { readonly type: string; readonly seen: boolean; readonly named: boolean }[];
  /** A detector for the type that the row resembles saw it, with medium confidence or more. */
  readonly mistaken: boolean;
  readonly evasion: 'found' | 'failed-closed' | 'missed' | undefined;
  /** Bytes of the message, and milliseconds that its inspection took. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/** @throws what the inspection throws */
export async function judge(row: Row, inspector: EvalInspector): Promise<Verdict> {
  const message = messageOf(row);
  const start = performance.now();
  const inspection = await inspector.inspect(message);
  const milliseconds = performance.now() - start;
  return {
    row,
    flagged: new Set(inspection.classifications.map(({ classification }) => classification)),
    spans: spansOf(row),
    mistaken: isMistaken(row, inspection),
    evasion: row.technique === undefined ? undefined : evasionOf(row, inspection),
    bytes: message.length,
    milliseconds,
  };
}

const HEALTH = new Set(DETECTORS.filter((info) => info.class === 'health').map((info) => info.name));

function spansOf(row: Row): Verdict['spans'] {
  if (row.spans.length === 0) return [];
  const { text, toSource } = normalise(row.text);
  const seen = detectSpans(text)
    .filter((span) => !HEALTH.has(span.detector))
    .map((span) => ({ detector: span.detector, start: toSource(span.start), end: toSource(span.end) }));
  // Labels count code points, the rest UTF-16 code units.
  const unitOf: number[] = [];
  let units = 0;
  for (const character of row.text) {
    unitOf.push(units);
    units += character.length;
  }
  return row.spans.map(({ type, start, end }) => {
    const from = unitOf[start] ?? units;
    const to = unitOf[end] ?? units;
    const over = seen.filter((span) => span.start < to && span.end > from);
    const wanted = detectorsOf(type);
    return { type, seen: over.length > 0, named: over.some(({ detector }) => wanted.includes(detector)) };
  });
}

function isMistaken(row: Row, inspection: Inspection): boolean {
  const type = row.near_miss_of ?? (row.label === 'not_id' ? row.kind : undefined);
  if (type === undefined) return false;
  const wanted = detectorsOf(type);
  return inspection.findings.some((one) => one.confidence !== 'low' && wanted.includes(one.detector));
}

const READ: ReadonlySet<string> = new Set(['read', 'empty', 'no-text']);

function evasionOf(row: Row, inspection: Inspection): 'found' | 'failed-closed' | 'missed' {
  const wanted = row.hidden.flatMap(({ type }) => (type === 'PERSON' ? [] : detectorsOf(type)));
  const found = inspection.findings.some((one) => one.confidence !== 'low' && wanted.includes(one.detector));
  if (found && inspection.classifications.some(({ classification }) => classification === row.label)) {
    return 'found';
  }
  const closed =
    inspection.failure !== undefined ||
    inspection.parts.some((part) => !READ.has(part.status)) ||
    inspection.ambiguities.some((ambiguity) => ambiguity.material);
  return closed ? 'failed-closed' : 'missed';
}
