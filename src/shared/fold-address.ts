/**
 * An address as keys are looked up by it: ASCII letters in lower case, everything else as it is, so that no two letters
 * of another script become one.
 */
export function foldAddress(address: string): string {
  return address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
