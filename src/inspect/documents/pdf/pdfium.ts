import { PDFiumModule } from '@hyzyla/pdfium';

/** A function of PDFium's C interface (fpdfview.h and its fellows): numbers and addresses in, a number out. */
export type NativeFunction = (...args: number[]) => number;

/** One instance of PDFium with a memory of its own. */
export interface Pdfium {
  /** @throws Error where this build of PDFium has no such function */
  call(name: string): NativeFunction;
  /** Copies bytes into PDFium's memory; the address must be freed. @throws Error where there is no memory left */
  copyIn(bytes: Uint8Array): number;
  /** Cleared memory for results. @throws Error where there is no memory left */
  allocate(size: number): number;
  free(address: number): void;
  /** A copy of PDFium's memory. */
  copyOut(address: number, size: number): Buffer;
}

/** What a WebAssembly module takes at its start; its own printing could hold words of the document. */
interface StartOptions {
  readonly locateFile?: (path: string) => string;
  readonly print: () => void;
  readonly printErr: () => void;
}
const QUIET: StartOptions = { print: () => undefined, printErr: () => undefined };

let shared: Promise<Pdfium> | undefined;

/** The instance that this process uses. */
export function pdfium(): Promise<Pdfium> {
  shared ??= load();
  return shared;
}

/** Drops the instance: after a trap within PDFium its memory can't be trusted to be in order. */
export function discardPdfium(): void {
  shared = undefined;
}

async function load(): Promise<Pdfium> {
  const module = await PDFiumModule(QUIET);
  const functions = new Map<string, NativeFunction>();
  const call = (name: string): NativeFunction => {
    const known = functions.get(name);
    if (known !== undefined) return known;
    const found: unknown = Reflect.get(module, `_${name}`);
    if (!isNativeFunction(found)) throw new Error(`PDFium has no function ${name}`);
    functions.set(name, found);
    return found;
  };
  const allocate = (size: number): number => {
    const address = module.wasmExports.malloc(Math.max(size, 1));
    if (address === 0) throw new Error('PDFium has no memory left');
    module.HEAPU8.fill(0, address, address + size);
    return address;
  };
  call('FPDF_InitLibrary')();
  return {
    call,
    allocate,
    copyIn: (bytes) => {
      const address = allocate(bytes.length);
      module.HEAPU8.set(bytes, address);
      return address;
    },
    free: (address) => module.wasmExports.free(address),
    // The view of the memory is read anew each time: it is replaced when the memory grows.
    copyOut: (address, size) => Buffer.from(module.HEAPU8.subarray(address, address + size)),
  };
}

function isNativeFunction(value: unknown): value is NativeFunction {
  return typeof value === 'function';
}
