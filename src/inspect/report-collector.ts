import type { Ambiguity, PartReport, PartStatus } from '../model/inspection.js';
import type { ByteRange } from './bytes.js';
import { MAX_AMBIGUITIES } from './limits.js';
import type { Oddity } from './oddity.js';

/** Bytes of an entity that isn't fully understood, to be read raw. */
export interface RawPlace extends ByteRange {
  readonly path: string;
  readonly source: Buffer;
}

export interface ReportCollector {
  /** Adds a part; a path that has one already keeps it. */
  part(report: PartReport): void;
  /** Names an oddity of a part once. A material one makes the part `ambiguous` and its bytes a raw view. */
  oddity(path: string, oddity: Oddity, place: Omit<RawPlace, 'path'>): void;
  /** Says that a part wasn't fully read. */
  unread(path: string, status: PartStatus, place: Omit<RawPlace, 'path'>): void;
  parts(): readonly PartReport[];
  ambiguities(): readonly Ambiguity[];
  rawPlaces(): readonly RawPlace[];
}

export function reportCollector(): ReportCollector {
  const parts = new Map<string, PartReport>();
  const ambiguities = new Map<string, Ambiguity>();
  const overrides = new Map<string, PartStatus>();
  const places = new Map<string, RawPlace>();
  const place = (path: string, where: Omit<RawPlace, 'path'>) => {
    const key = `${path} ${where.start} ${where.end}`;
    if (!places.has(key)) places.set(key, { path, ...where });
  };
  return {
    part(report) {
      if (!parts.has(report.path)) parts.set(report.path, report);
    },
    oddity(path, oddity, where) {
      const key = `${path} ${oddity.name}`;
      const known = ambiguities.get(key);
      if (known === undefined ? ambiguities.size < MAX_AMBIGUITIES : oddity.material && !known.material) {
        ambiguities.set(key, { name: oddity.name, part: path, material: oddity.material });
      }
      if (!oddity.material) return;
      overrides.set(path, 'ambiguous');
      place(path, where);
    },
    unread(path, status, where) {
      if (!overrides.has(path)) overrides.set(path, status);
      place(path, where);
    },
    parts: () => {
      // A place may be odd without a part of its own (an entity past a limit): it is reported too.
      for (const path of overrides.keys()) {
        if (!parts.has(path)) {
          parts.set(path, { path, mediaType: '', disposition: 'none', status: 'ambiguous', size: 0 });
        }
      }
      return [...parts.values()].map((part) => ({
        ...part,
        status: overrides.get(part.path) ?? part.status,
      }));
    },
    ambiguities: () => [...ambiguities.values()],
    rawPlaces: () => [...places.values()],
  };
}
