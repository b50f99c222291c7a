import { printableRuns } from '../compound/printable.js';

/**
 * Names in the settings of a printer, as Office keeps them (DEVMODEW of the Windows SDK: its length is that of the
 * fixed part at 68 and of the driver's part at 70). Undefined where the bytes aren't that.
 */
export function printerSettingsText(bytes: Buffer): string | undefined {
  if (bytes.length < 72) return undefined;
  const length = bytes.readUInt16LE(68) + bytes.readUInt16LE(70);
  return length === bytes.length ? printableRuns(bytes) : undefined;
}
