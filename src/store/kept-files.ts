import type { BodyStore, KeptBodies } from './ports.js';

/** Lets whoever copies files put their removal off. */
export function keepingFiles(bodies: BodyStore): KeptBodies {
  let keepers = 0;
  let toRemove: string[] = [];
  return {
    ...bodies,
    async remove(fileName) {
      if (keepers === 0) return bodies.remove(fileName);
      toRemove.push(fileName);
    },
    keepFiles() {
      keepers++;
      let released = false;
      return async () => {
        if (released) return;
        released = true;
        keepers--;
        if (keepers > 0) return;
        const files = toRemove;
        toRemove = [];
        // One that can't be removed keeps neither the others nor what was copied from its end; no row names it, so the next start
        // removes it.
        await Promise.allSettled(files.map((file) => bodies.remove(file)));
      };
    },
  };
}
