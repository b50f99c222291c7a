import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import { refuseUnused, rosterFiles, rosterFolder, rosterPath } from '../../roster/load.js';
import { DRAFT_NAME, ROSTER_NAME } from '../../roster/roster-file.js';
import { UserError } from '../../shared/errors.js';
import { syncFolder } from '../../store/data-dir.js';
import { act } from './act.js';

const name = z.string().regex(ROSTER_NAME, {
  error: 'the name of a roster has small letters, digits and dashes, and 63 characters at most',
});

/**
 * Puts a roster in place of the one of its name, and in force. The command line has built its file beside the others,
 * under a name that isn't read.
 */
export const importRoster = act(
  z.strictObject({ name, draft: z.string().regex(DRAFT_NAME) }),
  async (context, input) => {
    const { dataDir, config } = context.loaded;
    refuseUnused(config, [input.name]);
    const draft = join(rosterFolder(dataDir), input.draft);
    const about = await context.checkRoster(draft);
    if (about.name !== input.name) throw new UserError(`the file was made for the roster ${about.name}`);
    const path = rosterPath(dataDir, input.name);
    const replaced = (await rosterFiles(dataDir)).includes(path);
    await context.store.audit.record([
      auditEvent('roster.imported', {
        actor: context.actor.name,
        roster: about.name,
        columns: about.columns.map(({ kind }) => kind),
        rows: about.rows,
        fileHash: await hashOf(draft),
      }),
    ]);
    await rename(draft, path);
    syncFolder(rosterFolder(dataDir));
    await context.rostersChanged();
    return { imported: about.name, rows: about.rows, replaced };
  },
);

/** Deletes a roster, and detects without it from now on. */
export const removeRoster = act(z.strictObject({ name }), async (context, input) => {
  const { dataDir } = context.loaded;
  const path = rosterPath(dataDir, input.name);
  if (!(await rosterFiles(dataDir)).includes(path))
    throw new UserError(`there is no roster ${input.name}; \`sallyport roster list\` shows them`);
  await context.store.audit.record([
    auditEvent('roster.removed', { actor: context.actor.name, roster: input.name }),
  ]);
  await unlink(path);
  syncFolder(rosterFolder(dataDir));
  await context.rostersChanged();
  return { removed: input.name };
});

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
