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

/** The value of a property of a sheet (ISO/IEC 29500-1 15.2.12.3): text in UTF-16. Undefined where it isn't that. */
export function customPropertyText(bytes: Buffer): string | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const text = bytes.toString('utf16le').replace(/\0$/, '');
  return /[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]/.test(text) ? undefined : text;
}
