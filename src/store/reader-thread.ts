import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../shared/errors.js';
import type { FromReader, ReaderStart, ToReader } from './reader-protocol.js';
import { openRelayDbReadOnly } from './relay-db.js';
import { type AuditAppender, createWriterCore, type WriterRequest } from './writer-core.js';

/*
 * The reader thread: answers what only reads relay.db, so that it doesn't wait behind the writer's syncs. It sees what is
 * committed, nothing else, and its transactions are short, so that the log of relay.db can be emptied.
 */

/** It writes nothing, so it records nothing. */
const NO_AUDIT: AuditAppender = {
  begin: refuse,
  append: refuse,
  commit: refuse,
  rollback: () => undefined,
  checkpointIfDue: () => undefined,
};

function refuse(): never {
  throw new Error('the reader thread records nothing');
}

function start(port: MessagePort, { file }: ReaderStart): void {
  const post = (message: FromReader): void => port.postMessage(message);
  const db = openRelayDbReadOnly(file);
  const core = createWriterCore(db, NO_AUDIT);
  const waiting: WriterRequest[] = [];
  let scheduled = false;

  const drain = (): void => {
    scheduled = false;
    const batch = waiting.splice(0);
    if (batch.length === 0) return;
    // What one operation reads by several statements must fit together.
    db.exec('BEGIN');
    const answers = core.runBatch(batch);
    if (db.inTransaction()) db.exec('COMMIT');
    post({ kind: 'answers', answers });
    const failure = core.failure();
    if (failure !== undefined) post({ kind: 'failed', message: errorText(failure) });
  };

  port.on('message', (message: ToReader) => {
    if (message.kind === 'close') {
      drain();
      db.close();
      post({ kind: 'closed' });
      port.close();
      return;
    }
    for (const request of message.requests) waiting.push(request);
    if (!scheduled) setImmediate(drain);
    scheduled = true;
  });
  post({ kind: 'opened' });
}

if (parentPort === null) throw new Error('reader-thread runs as a thread of the relay only');
start(parentPort, workerData);
