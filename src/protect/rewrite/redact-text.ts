import { MASK } from './mask.js';
import { sightingsIn, type Wanted } from './sightings.js';

export interface Redacted {
  readonly text: string;
  readonly places: number;
  /** What the masks stand for, as it stood in the source. */
  readonly masked: readonly string[];
}

/** A plain text with what is to be redacted replaced. */
export function redactText(source: string, wanted: Wanted): Redacted {
  const stretches = sightingsIn(source, wanted);
  const out: string[] = [];
  let at = 0;
  for (const { start, end } of stretches) {
    out.push(source.slice(at, start), MASK);
    at = end;
  }
  out.push(source.slice(at));
  return {
    text: out.join(''),
    places: stretches.length,
    masked: stretches.map(({ start, end }) => source.slice(start, end)),
  };
}
