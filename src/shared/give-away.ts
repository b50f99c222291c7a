import { MessageChannel } from 'node:worker_threads';

/** Nobody is at its other end: what is handed over to it is gone at once. */
const nowhere = new MessageChannel().port1;
nowhere.close();

/**
 * Gives the memory of bytes back at once, if it is theirs alone; they, and whatever else views that memory, are empty then.
 * The garbage collector finds it only when the thread has worked on, which after a large message may be hours later. Memory
 * that can't be given away stays with them.
 */
export function giveAway({ buffer, byteLength }: Uint8Array): void {
  if (byteLength === 0 || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  try {
    nowhere.postMessage(undefined, [buffer]);
  } catch {
    // A shared pool, or memory of WebAssembly, from Node.js 22 on; before, it stays without an error.
  }
}
