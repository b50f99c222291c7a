import type { Verdict } from './judge.js';

/** One measured share. `of` is the number of rows or spans behind it. */
export interface Score {
  readonly name: string;
  /** 0 to 1. */
  readonly value: number;
  readonly of: number;
  readonly better: 'higher' | 'lower';
}

export interface EvasionResult {
  readonly id: string;
  readonly technique: string;
  readonly expect: string;
  readonly result: string;
}

export interface FileScores {
  readonly file: string;
  readonly rows: number;
  readonly scores: readonly Score[];
  /** Spans by type: how many there are, where something was seen, and seen by a detector for the type. */
  readonly spans: readonly {
    readonly type: string;
    readonly of: number;
    readonly seen: number;
    readonly named: number;
  }[];
  readonly evasions: readonly EvasionResult[];
  /** IDs of rows that came out wrong: no text of them. */
  readonly missed: readonly string[];
  readonly falselyFlagged: readonly string[];
  /** Bytes of all messages, and milliseconds for their whole inspection. */
  readonly bytes: number;
  readonly milliseconds: number;
}

const isFlagged = ({ flagged }: Verdict) => flagged.size > 0;
const isPhi = ({ flagged }: Verdict) => flagged.has('phi');

/** Scores of one file, or of several files taken together. Shares of nothing are left out. */
export function scoresOf(file: string, verdicts: readonly Verdict[]): FileScores {
  const labelled = (label: string) => verdicts.filter(({ row }) => row.label === label);
  const phi = labelled('phi').filter(({ row }) => row.technique === undefined);
  const nearMisses = verdicts.filter(({ row }) => typeof row.near_miss_of === 'string');
  const negatives = labelled('not_phi').filter(({ row }) => typeof row.near_miss_of !== 'string');
  const hits = phi.filter(isPhi);
  const falseHits = negatives.filter(isPhi);
  const evasions = verdicts.flatMap(({ row, evasion }) =>
    evasion === undefined
      ? []
      : [{ id: row.id, technique: row.technique ?? '', expect: row.expect ?? 'detect', result: evasion }],
  );
  const spans = verdicts.flatMap((verdict) => verdict.spans);
  const inUnits = labelled('id').flatMap((verdict) => verdict.spans);
  const business = negatives.filter(({ row }) => row.kind === 'business');
  const scores = [
    share('phi recall', hits.length, phi.length, 'higher'),
    negatives.length > 0 && phi.length > 0
      ? share('phi precision', hits.length, hits.length + falseHits.length, 'higher')
      : undefined,
    share('not_phi flagged phi', falseHits.length, negatives.length, 'lower'),
    share('not_phi flagged at all', negatives.filter(isFlagged).length, negatives.length, 'lower'),
    share('business mail flagged', business.filter(isFlagged).length, business.length, 'lower'),
    share('pii flagged', labelled('pii').filter(isFlagged).length, labelled('pii').length, 'higher'),
    share('span recall', spans.filter(({ seen }) => seen).length, spans.length, 'higher'),
    share(
      'near misses flagged',
      nearMisses.filter((verdict) => verdict.mistaken || isFlagged(verdict)).length,
      nearMisses.length,
      'lower',
    ),
    share('unit identifiers named', inUnits.filter(({ named }) => named).length, inUnits.length, 'higher'),
    share(
      'unit near misses named',
      labelled('not_id').filter(({ mistaken }) => mistaken).length,
      labelled('not_id').length,
      'lower',
    ),
    share(
      'evasions found',
      evasions.filter(({ result }) => result === 'found').length,
      evasions.length,
      'higher',
    ),
    share(
      'evasions missed',
      evasions.filter(({ result }) => result === 'missed').length,
      evasions.length,
      'lower',
    ),
  ].filter((score) => score !== undefined);
  return {
    file,
    rows: verdicts.length,
    scores,
    spans: spansByType(spans),
    evasions,
    missed: phi.filter((verdict) => !isPhi(verdict)).map(({ row }) => row.id),
    falselyFlagged: [
      ...falseHits,
      ...nearMisses.filter((verdict) => verdict.mistaken || isFlagged(verdict)),
    ].map(({ row }) => row.id),
    bytes: verdicts.reduce((sum, { bytes }) => sum + bytes, 0),
    milliseconds: verdicts.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  };
}

function share(name: string, count: number, of: number, better: Score['better']): Score | undefined {
  return of === 0 ? undefined : { name, value: count / of, of, better };
}

function spansByType(spans: readonly Verdict['spans'][number][]): FileScores['spans'] {
  const types = [...new Set(spans.map(({ type }) => type))].sort();
  return types.map((type) => {
    const ofType = spans.filter((span) => span.type === type);
    return {
      type,
      of: ofType.length,
      seen: ofType.filter(({ seen }) => seen).length,
      named: ofType.filter(({ named }) => named).length,
    };
  });
}
