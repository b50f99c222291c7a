import { allStreams, streamSettings } from '../config/streams.js';
import { createJudgeQueue, type JudgeQueue } from '../decide/judge-queue.js';
import { type Courier, ownMail, tlsAvailability } from '../deliver/index.js';
import { createInspector, type Inspector } from '../inspect/index.js';
import { createJudging } from '../judging.js';
import { createRecall } from '../portal/index.js';
import { methodAvailability } from '../protect/index.js';
import { createRewriter } from '../protect/rewrite/rewriter.js';
import { domainOf } from '../shared/domain-of.js';
import { deriveKey } from '../store/index.js';
import { judgedAtOnce, workThreads } from './load.js';
import type { RelayParts } from './parts.js';

/** The inspect and decide stages. What was accepted before and isn't decided yet is judged at once. */
export function startRelayJudging(parts: RelayParts, courier: Courier, inspector: Inspector): JudgeQueue {
  const { masterKey, opened, reloadable, closers, failure, clock, log, metrics } = parts;
  const { store } = opened;
  const { loaded } = reloadable;
  const { config } = loaded();
  const ocrWorkers = config.inspect.documents.ocr.workers;
  const rewriter = createRewriter({ threads: workThreads(config), limits: config.inspect, log });
  closers.add(() => rewriter.close());

  /** Messages of which the courier has everything already, so that it need not look for them. */
  const handedOver = new Set<string>();
  const judging = createJudgeQueue({
    judge: createJudging({
      inForce: reloadable.judgedBy,
      store,
      fresh: opened.take,
      onlyQueued: (rows, id) => {
        if (rows.length === 0 || courier.take(rows)) handedOver.add(id);
      },
      promiseAttempt: (message, rows) => courier.promise(message, rows),
      recall: createRecall({
        loaded,
        portal: store.portal,
        queue: store.queue,
        bodies: store.bodies,
        ownMail,
        clock,
        log,
      }),
      inspector,
      rewriter,
      workers: workThreads(config),
      ocrWorkers,
      availability: (address, stream) =>
        methodAvailability(loaded().config, tlsAvailability(loaded().config, domainOf(address), stream)),
      findKeys: reloadable.keys.find,
      fingerprintKey: deriveKey(masterKey, 'fingerprint'),
      clock,
      log,
      metrics,
    }),
    undecided: (limit) => store.queue.undecided(limit),
    streams: () => allStreams(loaded().config).map((one) => one.name),
    priority: (stream) => streamSettings(loaded().config, stream).priority,
    concurrency: judgedAtOnce(config),
    // One more, so that the next document is at hand when a process becomes free.
    ocrConcurrency: ocrWorkers + 1,
    log,
    onDecided: (id) => {
      if (!handedOver.delete(id)) courier.wake();
    },
    onFailure: failure.report,
  });
  closers.add(async () => {
    const stopped = judging.stop();
    // Recognising a long scan takes minutes. It waits in the store, and is done after the next start.
    inspector.abandonOcr();
    await stopped;
  });
  return judging;
}

/** Also shows messages to whoever may read them. */
export function startRelayInspector({ masterKey, reloadable, closers, log }: RelayParts): Inspector {
  const inspector = createInspector({
    limits: reloadable.loaded().config.inspect,
    fingerprintKey: deriveKey(masterKey, 'fingerprint'),
    log,
  });
  closers.add(() => inspector.close());
  return inspector;
}
