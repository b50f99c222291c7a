/** An ambiguity before it has a place: see `Ambiguity` in src/model/inspection.ts for what `material` means. */
export interface Oddity {
  readonly name: string;
  readonly material: boolean;
}

/** Two programs could read different things. */
export function material(name: string): Oddity {
  return { name, material: true };
}

/** Unusual, but every reader sees the same. */
export function harmless(name: string): Oddity {
  return { name, material: false };
}

/** Style sheets that a document asks for elsewhere. */
export const OUTSIDE_STYLE = 'outside-style';
