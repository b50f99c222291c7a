import { parseArgs } from 'node:util';

const KB = 1024;
const MB = 1024 * KB;

/** The contenders, by the letter in front of their row. */
export const CONTENDERS = ['a', 'b', 'c', 'd', 'e'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

export const PARTS = ['throughput', 'latency', 'idle', 'slow-sync', 'backlog', 'endurance'] as const;
export type Part = (typeof PARTS)[number];

/** What of the relay's benchmark is run: everything takes an hour. */
export interface RelayChoices {
  readonly parts: readonly Part[];
  readonly contenders: readonly ContenderName[];
  /** Bytes of a message. */
  readonly sizes: readonly number[];
  readonly connections: readonly number[];
  /** Whether a connection carries one message (`fresh`) or as many as there are (`reused`). */
  readonly connects: readonly ('reused' | 'fresh')[];
  /** Messages of each run; by default fewer of the large ones. */
  readonly messages: number | undefined;
  /** Seconds after which a run is given up. */
  readonly limit: number;
}

/** For `parseArgs`. */
export const RELAY_OPTIONS = {
  parts: { type: 'string', default: PARTS.join(',') },
  contenders: { type: 'string', default: CONTENDERS.join(',') },
  sizes: { type: 'string', default: '4KB,100KB,2MB,20MB' },
  connections: { type: 'string', default: '1,10,50,200' },
  connects: { type: 'string', default: 'reused,fresh' },
  messages: { type: 'string' },
  limit: { type: 'string', default: '120' },
} as const;

export const RELAY_USAGE = [
  'of relay alone, lists with commas between:',
  `  --parts ${PARTS.join(',')}`,
  `  --contenders ${CONTENDERS.join(',')}  --sizes 4KB,2MB  --connections 1,50  --connects reused,fresh`,
  '  --messages N of each run  --limit SECONDS of each run',
].join('\n');

/** @throws TypeError for a value that is none */
export function relayChoices(
  values: {
    readonly [name in keyof typeof RELAY_OPTIONS]?: string | undefined;
  },
): RelayChoices {
  const list = <T>(name: keyof typeof RELAY_OPTIONS, read: (text: string) => T | undefined): readonly T[] =>
    (values[name] ?? '').split(',').map((text) => {
      const value = read(text.trim());
      if (value === undefined) throw new TypeError(`--${name}: ${text} is none`);
      return value;
    });
  const one =
    <T extends string>(all: readonly T[]) =>
    (text: string) =>
      all.find((value) => value === text);
  return {
    parts: list('parts', one(PARTS)),
    contenders: list('contenders', one(CONTENDERS)),
    sizes: list('sizes', bytes),
    connections: list('connections', count),
    connects: list('connects', one(['reused', 'fresh'] as const)),
    messages: values.messages === undefined ? undefined : list('messages', count)[0],
    limit: list('limit', count)[0] ?? 120,
  };
}

/** What nobody chose. */
export function defaultChoices(): RelayChoices {
  return relayChoices(parseArgs({ args: [], options: RELAY_OPTIONS }).values);
}

function count(text: string): number | undefined {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function bytes(text: string): number | undefined {
  const [, number, unit] = /^(\d+)(KB|MB)$/i.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  return count(String(Number(number) * (unit.toUpperCase() === 'KB' ? KB : MB)));
}

/** As people write it. */
export function sizeText(size: number): string {
  return size >= MB ? `${size / MB} MB` : `${size / KB} KB`;
}
