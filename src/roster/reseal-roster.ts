import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unwrapBodyKey, wrapBodyKey, wrapNumber } from '../store/body-seal.js';
import { syncFolder } from '../store/data-dir.js';
import type { MasterKey } from '../store/master-key.js';
import { formatHead, openRosterHead, placeOf, rosterKeys } from './roster-file.js';

/**
 * Wraps a roster's key with the newest master key; its index stays as it is sealed. The file is replaced as a whole.
 * @returns false when that was done before
 * @throws UserError when it is damaged, or was made with a master key that is gone
 */
export async function resealRosterFile(path: string, masterKey: MasterKey): Promise<boolean> {
  return openRosterHead(path, async (file, { about, wrappedKey, length }) => {
    const { seal } = rosterKeys(masterKey, about.name);
    const before = Buffer.from(wrappedKey, 'base64');
    if (wrapNumber(before) === seal[0]?.number) return false;
    const place = placeOf(about);
    const after = wrapBodyKey(seal, unwrapBodyKey(seal, before, place), place);
    const draft = join(dirname(path), `.${randomBytes(8).toString('hex')}.draft`);
    try {
      const to = await open(draft, 'wx', 0o600);
      try {
        await to.writeFile(formatHead(about, after));
        for await (const chunk of file.createReadStream({ start: length, autoClose: false }))
          await to.writeFile(chunk);
        await to.sync();
      } finally {
        await to.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
    return true;
  });
}
