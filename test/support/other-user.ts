import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether this project lies where other users may not go, such as in a temporary folder of root's. */
export const isClosedToOthers: boolean = process.getuid?.() === 0 && closed(import.meta.dirname);

/** For `spawn`: a user who owns nothing here, where we may choose; root could write to read-only files. */
export const otherUser: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function closed(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return true;
  const parent = dirname(folder);
  return parent !== folder && closed(parent);
}
