import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, UserError } from '../shared/errors.js';

/** Whether the file system refused something for want of rights. */
export function isDenied(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EACCES' || code === 'EPERM';
}

/**
 * What to tell somebody who runs a command as a user that may not read the relay's files.
 * @param path what they may not read, or write in
 */
export function notOurUser(path: string, cause: unknown, doing: 'read' | 'write in' = 'read'): UserError {
  const owner = ownerOf(path);
  const how =
    owner === undefined
      ? 'run this as the user that the relay runs as: sudo -u USER sallyport …'
      : `run this as its owner: sudo -u ${owner} sallyport …`;
  return new UserError(`this user may not ${doing} ${path}; ${how}`, { exitStatus: 2, cause });
}

/** The owner of a path, or of the nearest folder above it that can be looked at, unless that is anybody's, such as root's. */
function ownerOf(path: string): string | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { uid } = statSync(at);
      return uid === 0 ? undefined : (nameOf(uid) ?? `'#${uid}'`);
    } catch (error) {
      // Only to find a name for the advice: what was refused is told in any case.
      if (!isDenied(error) && errorCode(error) !== 'ENOENT') return undefined;
      if (dirname(at) === at) return undefined;
    }
  }
}

function nameOf(uid: number): string | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(uid));
    const name = line?.split(':')[0];
    return name === undefined || !/^[a-z_][a-z0-9_.-]*$/i.test(name) ? undefined : name;
  } catch (error) {
    // A system without that file has names elsewhere; the number does as well.
    if (errorCode(error) !== undefined) return undefined;
    throw error;
  }
}
