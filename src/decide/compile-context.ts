import type { AddressList } from '../shared/address-list.js';

export type Path = readonly PropertyKey[];

/** What the compiler of one file needs to know of the others, and where it reports to. */
export interface CompileContext {
  readonly lists: ReadonlyMap<string, AddressList>;
  /** Names of all detectors; undefined when they are not known here, and then names aren't checked. */
  readonly detectors: readonly string[] | undefined;
  /** Nobody looks into mail: whatever asks for what is found there is a problem. */
  readonly contentNotRead: boolean;
  /** Reports a problem at a path of the file. */
  readonly problem: (path: Path, message: string) => void;
  /** `file:line` of a path of the file. */
  readonly at: (path: Path) => string;
}

/** With inspection off a policy that needs it isn't loaded: it would never match, and mail would travel weaker. */
export const NOT_READ =
  'nobody looks into mail (`inspect.enabled: false` in the configuration): switch inspection on, or take this out';

/** @param what what needs inspection, the beginning of a sentence */
export function refuseUnread(context: CompileContext, path: Path, what: string): void {
  if (context.contentNotRead) context.problem(path, `${what}, and ${NOT_READ}`);
}
