import type { OperationName } from './operations/index.js';
import type { WriterAnswer, WriterRequest } from './writer-core.js';

/** What the reader thread is started with. */
export interface ReaderStart {
  readonly file: string;
}

export type ToReader<K extends OperationName = OperationName> =
  | { readonly kind: 'request'; readonly request: WriterRequest<K> }
  /** Answer what was asked before, and end. */
  | { readonly kind: 'close' };

export type FromReader =
  | { readonly kind: 'opened' }
  | { readonly kind: 'answers'; readonly answers: readonly WriterAnswer[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'closed' };
