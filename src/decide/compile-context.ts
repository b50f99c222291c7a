import type { AddressList } from '../shared/address-list.js';

export type Path = readonly PropertyKey[];

/** What the compiler of one file needs to know of the others, and where it reports to. */
export interface CompileContext {
  readonly lists: ReadonlyMap<string, AddressList>;
  /** Names of all detectors; undefined when they are not known here, and then names aren't checked. */
  readonly detectors: readonly string[] | undefined;
  /** Reports a problem at a path of the file. */
  readonly problem: (path: Path, message: string) => void;
  /** `file:line` of a path of the file. */
  readonly at: (path: Path) => string;
}
