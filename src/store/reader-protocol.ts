import type { WriterAnswer, WriterRequest } from './writer-core.js';

/** What the reader thread is started with. */
export interface ReaderStart {
  readonly file: string;
}

export type ToReader =
  | { readonly kind: 'requests'; readonly requests: readonly WriterRequest[] }
  | ToldReader;

/** Answer what was asked before, and end. */
export type ToldReader = { readonly kind: 'close' };

export type FromReader =
  | { readonly kind: 'opened' }
  | { readonly kind: 'answers'; readonly answers: readonly WriterAnswer[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'closed' };
