import { attribute, readXml, type XmlReading } from '../xml.js';

interface Level {
  start: number;
  format: string;
  text: string;
}
type Levels = Map<number, Level>;

/** How lists are numbered (ISO/IEC 29500-1 17.9). */
export interface Numbering {
  /** Begins a part: counters start anew. */
  counters(): ListCounters;
  /** The labels of all levels with their first numbers. */
  readonly labels: readonly string[];
}

export interface ListCounters {
  /** The label of a list's next paragraph; empty where the list isn't known. */
  next(list: string, level: number): string;
}

const MOST_LEVELS = 9;
const MAX_LABEL = 1000;

export const NO_NUMBERING: Numbering = { counters: () => ({ next: () => '' }), labels: [] };

/** Reads the definitions of lists, with what single lists say otherwise. */
export function readNumbering(xml: string): { readonly numbering: Numbering; readonly xml: XmlReading } {
  const shared = new Map<string, Levels>();
  const lists = new Map<string, { base: string; levels: Levels }>();
  let levels: Levels = new Map();
  let base: { base: string; levels: Levels } | undefined;
  let level: Level | undefined;
  let overridden = 0;
  const reading = readXml(xml, {
    open(name, attributes) {
      const value = attribute(attributes, 'val') ?? '';
      if (name === 'abstractNum') {
        levels = new Map();
        shared.set(attribute(attributes, 'abstractNumId') ?? '', levels);
      } else if (name === 'num') {
        levels = new Map();
        base = { base: '', levels };
        lists.set(attribute(attributes, 'numId') ?? '', base);
      } else if (name === 'abstractNumId' && base !== undefined) base.base = value;
      else if (name === 'lvlOverride') overridden = levelNumber(attribute(attributes, 'ilvl'));
      else if (name === 'startOverride') {
        const before = shared.get(base?.base ?? '')?.get(overridden);
        levels.set(overridden, { format: 'decimal', text: '', ...before, start: wholeNumber(value) });
      } else if (name === 'lvl') {
        level = { start: 1, format: 'decimal', text: '' };
        levels.set(levelNumber(attribute(attributes, 'ilvl')), level);
      } else if (level !== undefined) {
        if (name === 'start') level.start = wholeNumber(value);
        else if (name === 'numFmt') level.format = value;
        else if (name === 'lvlText') level.text = value.slice(0, MAX_LABEL);
      }
    },
    close(name) {
      if (name === 'lvl') level = undefined;
      else if (name === 'num') base = undefined;
    },
    text: () => undefined,
  });
  const levelOf = (list: string, at: number): Level | undefined => {
    const known = lists.get(list);
    return known?.levels.get(at) ?? shared.get(known?.base ?? '')?.get(at);
  };
  const all = [...shared.values(), ...[...lists.values()].map((list) => list.levels)];
  const labels = all.flatMap((one) =>
    [...one].map(([at, { text }]) => filled(text, at, (other) => one.get(other), new Map())),
  );
  const counters = (): ListCounters => {
    const counts = new Map<string, Map<number, number>>();
    return {
      next(list, at) {
        const own = levelOf(list, at);
        if (own === undefined) return '';
        const count = counts.get(list) ?? new Map<number, number>();
        counts.set(list, count);
        count.set(at, (count.get(at) ?? own.start - 1) + 1);
        for (let deeper = at + 1; deeper < MOST_LEVELS; deeper++) count.delete(deeper);
        return filled(own.text, at, (other) => levelOf(list, other), count);
      },
    };
  };
  return { numbering: { counters, labels: labels.filter((label) => label !== '') }, xml: reading };
}

function filled(
  text: string,
  at: number,
  level: (at: number) => Level | undefined,
  counts: ReadonlyMap<number, number>,
): string {
  return text.replace(/%([1-9])/g, (whole, digit: string) => {
    const index = Number(digit) - 1;
    const one = level(index);
    return one === undefined || index > at ? whole : shown(counts.get(index) ?? one.start, one.format);
  });
}

function shown(value: number, format: string): string {
  const letters = /^(lower|upper)Letter$/.exec(format)?.[1];
  if (letters === undefined || value < 1 || value > 26 * 26)
    return format === 'decimalZero' ? String(value).padStart(2, '0') : String(value);
  // After Z comes AA, then BB.
  const letter = String.fromCharCode((letters === 'upper' ? 65 : 97) + ((value - 1) % 26));
  return letter.repeat(Math.ceil(value / 26));
}

function levelNumber(value: string | undefined): number {
  return /^[0-8]$/.test(value ?? '') ? Number(value) : 0;
}

function wholeNumber(value: string): number {
  return /^\d{1,10}$/.test(value) ? Number(value) : 1;
}
