import { MASK } from './mask.js';
import { type Find, sightingsIn } from './sightings.js';

export interface Redacted {
  readonly text: string;
  readonly places: number;
}

/** A plain text with what is to be redacted replaced. */
export function redactText(source: string, values: readonly string[], find: Find): Redacted {
  const stretches = sightingsIn(source, values, find);
  const out: string[] = [];
  let at = 0;
  for (const { start, end } of stretches) {
    out.push(source.slice(at, start), MASK);
    at = end;
  }
  out.push(source.slice(at));
  return { text: out.join(''), places: stretches.length };
}
