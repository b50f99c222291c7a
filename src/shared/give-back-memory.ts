/**
 * Collects all garbage of this thread, and gives memory back that the heap doesn't need any more: what a start leaves
 * behind would stay for as long as there is little to do, because the engine thinks of giving back only as it works. Takes
 * a tenth of a second for a program that has just been loaded, and about as long again for each 50 MB in use. It is asked of
 * the engine as a debugger in the same thread would ask it; no port is opened.
 */
export async function giveBackMemory(): Promise<void> {
  try {
    const { Session } = await import('node:inspector');
    const session = new Session();
    session.connect();
    await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
    session.disconnect();
  } catch {
    // Some builds of Node.js have no inspector, and its permission model keeps it from a program: memory stays as it is.
  }
}
