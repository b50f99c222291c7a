/** Rows of 32-bit words that grow by the chunk, so that nothing is ever copied. */
export interface RowList {
  /** Copies a row. */
  add(row: Uint32Array): void;
  chunks(): readonly Uint32Array[];
  /** Forgets all of them. */
  release(): void;
}

const CHUNK_ROWS = 1 << 15;

export function rowList(stride: number): RowList {
  let full: Uint32Array[] = [];
  let last = new Uint32Array(CHUNK_ROWS * stride);
  let used = 0;
  return {
    add(row) {
      if (used === last.length) {
        full.push(last);
        last = new Uint32Array(CHUNK_ROWS * stride);
        used = 0;
      }
      last.set(row, used);
      used += stride;
    },
    chunks: () => [...full, last.subarray(0, used)],
    release() {
      full = [];
      last = new Uint32Array(0);
      used = 0;
    },
  };
}
