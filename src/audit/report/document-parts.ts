import { countWords } from '../words.js';
import type { ReportColumn, ReportTable } from './document.js';
import type { Ranking } from './groups.js';
import type { Period } from './period.js';
import type { Scanned } from './scan.js';

/** A ranking as a table; the shares are of `of`, where it is given. */
export function rankingTable(caption: string, name: string, ranking: Ranking, of?: number): ReportTable {
  const columns: ReportColumn[] = [{ name }, { name: 'Count', number: true }];
  if (of !== undefined) columns.push({ name: 'Share', number: true });
  const note = restWords(ranking);
  return {
    caption,
    columns,
    rows: ranking.top.map(({ key, count }) => [
      key,
      String(count),
      ...(of === undefined ? [] : [share(count, of)]),
    ]),
    empty: 'none',
    ...(note === undefined ? {} : { note }),
  };
}

/** Figures with their names, as a table. */
export function figuresTable(
  caption: string,
  figures: readonly (readonly [string, number | string])[],
): ReportTable {
  return {
    caption,
    columns: [{ name: 'Figure' }, { name: 'Count', number: true }],
    rows: figures.map(([name, value]) => [name, String(value)]),
    empty: 'none',
  };
}

export function share(count: number, of: number): string {
  return of === 0 ? '' : `${((100 * count) / of).toFixed(1)} %`;
}

function restWords({ top, keys, rest, uncounted }: Ranking): string | undefined {
  const words = [
    ...(keys > top.length ? [`${keys - top.length} more, together ${rest}`] : []),
    ...(uncounted > 0 ? [cutWords(uncounted)] : []),
  ];
  return words.length === 0 ? undefined : words.join('; ');
}

/** What a reader must know of figures that had no place. */
export function cutWords(uncounted: number): string {
  return `there were too many different ones to count each: ${uncounted} were of others, and a frequent one may be missing`;
}

/** `2026-11-01 to 2026-11-30`, in whole days where it is made of those. */
export function periodWords({ from, to }: Period): string {
  const wholeDays = from % DAY_MS === 0 && to % DAY_MS === 0;
  if (from === 0) return `up to ${wholeDays ? day(to - 1) : minute(to)} (UTC)`;
  return wholeDays ? `${day(from)} to ${day(to - 1)} (UTC)` : `${minute(from)} to ${minute(to)} (UTC)`;
}

/** What was read for a report, and what could not be. */
export function scannedWords({ events, unreadable, first, last, logBegins }: Scanned): {
  readonly about: readonly string[];
  readonly notes: readonly string[];
} {
  const span = first === undefined || last === undefined ? '' : `, from ${minute(first)} to ${minute(last)}`;
  return {
    about: [`${countWords(events, 'event', 'events')} of the audit log${span}`],
    notes: [
      ...(logBegins === undefined
        ? []
        : [`The log begins with ${logBegins}: earlier months are gone, and are not in these figures.`]),
      ...(unreadable === 0
        ? []
        : [
            `${countWords(unreadable, 'event', 'events')} could not be read and ${unreadable === 1 ? 'is' : 'are'} missing here: run \`sallyport audit verify\``,
          ]),
    ],
  };
}

const DAY_MS = 86_400_000;

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

export function minute(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
