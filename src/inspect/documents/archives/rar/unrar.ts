import { createRequire } from 'node:module';
import { Extractor } from 'node-unrar-js';
import { CorruptArchive } from '../listing.js';

const INPUT = 'input.rar';
const require = createRequire(import.meta.url);

/** A RAR file opened by unrar. What is unpacked goes to `write`, which may throw to stop it. */
export interface Unrar {
  readonly extractor: Extractor;
  /** Starts collecting anew; gives what was collected since. */
  takeOutput(): Buffer;
}

/**
 * Opens the bytes in an instance of unrar of their own: after a crash its memory can't be trusted.
 * @param write called with the length of each piece before it is kept
 */
export async function openUnrar(bytes: Buffer, write: (length: number) => void): Promise<Unrar> {
  const module = await loadModule();
  const archive = new MemoryArchive(module, bytes, write);
  // The compiled code calls back to this place.
  Reflect.set(module, 'extractor', archive);
  return { extractor: archive, takeOutput: () => archive.takeOutput() };
}

interface UnrarModule {
  readonly HEAPU8: Uint8Array;
}

async function loadModule(): Promise<UnrarModule> {
  const load: unknown = require('node-unrar-js/dist/js/unrar.js');
  if (typeof load !== 'function') throw new CorruptArchive('unrar cannot be loaded');
  const module: unknown = await withoutHandlers(() => load({ print: ignore, printErr: ignore }));
  if (!isModule(module)) throw new CorruptArchive('unrar cannot be started');
  return module;
}

/**
 * The compiled code adds handlers to the process that throw what they get. They would change how this process dies and
 * keep each instance's memory for good.
 */
function withoutHandlers(start: () => unknown): unknown {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => process.rawListeners(event));
  const started = start();
  for (const [index, event] of events.entries()) {
    for (const listener of process.rawListeners(event)) {
      if (before[index]?.includes(listener) === true) continue;
      Reflect.apply(process.removeListener, process, [event, listener]);
    }
  }
  return started;
}

function isModule(value: unknown): value is UnrarModule {
  return (
    typeof value === 'object' && value !== null && 'HEAPU8' in value && value.HEAPU8 instanceof Uint8Array
  );
}

function ignore(): void {
  // Its messages could quote names.
}

/** What unrar takes for a file system: the archive itself and one file that is being written. */
class MemoryArchive extends Extractor {
  protected override _filePath = INPUT;
  readonly #module: UnrarModule;
  readonly #input: Buffer;
  readonly #write: (length: number) => void;
  #output: Buffer[] = [];
  #at = 0;

  constructor(module: UnrarModule, input: Buffer, write: (length: number) => void) {
    super(module);
    this.#module = module;
    this.#input = input;
    this.#write = write;
  }

  takeOutput(): Buffer {
    const output = Buffer.concat(this.#output);
    this.#output = [];
    return output;
  }

  protected override open(name: string): number {
    if (name !== INPUT) return 0;
    this.#at = 0;
    return 1;
  }

  protected override create(): number {
    return 2;
  }

  protected override read(file: number, place: number, size: number): number {
    if (file !== 1) return -1;
    const piece = this.#input.subarray(this.#at, this.#at + size);
    this.#module.HEAPU8.set(piece, place);
    this.#at += piece.length;
    return piece.length;
  }

  protected override write(file: number, place: number, size: number): boolean {
    if (file !== 2) return false;
    this.#write(size);
    this.#output.push(Buffer.from(this.#module.HEAPU8.subarray(place, place + size)));
    return true;
  }

  protected override tell(file: number): number {
    return file === 1 ? this.#at : 0;
  }

  protected override seek(file: number, position: number, method: 'CUR' | 'SET' | 'END'): boolean {
    if (file !== 1) return true;
    const base = method === 'SET' ? 0 : method === 'CUR' ? this.#at : this.#input.length;
    const next = method === 'END' ? base - position : base + position;
    if (next < 0 || next > this.#input.length) return false;
    this.#at = next;
    return true;
  }

  protected override closeFile(): void {
    // There is nothing to close in memory.
  }
}
