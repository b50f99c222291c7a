/** The index of one roster as it goes to the inspecting threads. Holds keyed hashes, no plain value. */
export interface RosterTable {
  /** Name given at its import. */
  readonly name: string;
  /** The columns that were indexed, by their kinds. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** The index (`layout.ts`), shared by all threads. */
  readonly table: SharedArrayBuffer;
  /** Key of the hashes: 32 bytes. */
  readonly key: Uint8Array;
}
