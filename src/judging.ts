import { subjectFingerprint } from './audit/subject-fingerprint.js';
import { allStreams, streamSettings } from './config/streams.js';
import { collect } from './decide/collect.js';
import { decideWithKeys, messageFacts } from './decide/index.js';
import { type JudgeDeps, judge, MAX_INSPECTIONS } from './decide/judge.js';
import type { JudgeLane } from './decide/judge-queue.js';
import { holdDecided, rejectDecided } from './deliver/index.js';
import { SMALL } from './inspect/batches.js';
import type { DetectionSettings } from './inspect/detect/settings.js';
import { isHealthSender } from './inspect/health-sender.js';
import type { Inspector } from './inspect/index.js';
import type { KeyFinder } from './keys/index.js';
import type { MethodAvailability } from './model/availability.js';
import type { ExistingProtection } from './model/inspection.js';
import type { StoredMessage } from './model/message.js';
import { DEFAULT_STREAM } from './model/stream.js';
import type { InForce } from './ops/in-force.js';
import type { Log } from './ops/log.js';
import type { Metrics } from './ops/metrics.js';
import { rewriteDecided } from './protect/rewrite/rewrite-decided.js';
import type { Rewriter } from './protect/rewrite/rewriter.js';
import type { Clock } from './shared/clock.js';
import { errorFacts } from './shared/errors.js';
import { type StreamSlots, streamSlots } from './shared/stream-slots.js';
import type { Store } from './store/ports.js';

/** Bytes up to which more messages are in memory than those that the threads look at now and next. */
const MEDIUM = 1024 * 1024;

/** What messages are judged by; a reload changes all of it at once. */
export interface JudgedBy extends InForce {
  readonly detection: DetectionSettings;
}

/**
 * The middle of a message's journey: inspect, decide, and rewrite, hold or reject where the decision says so. One policy
 * for the inspection and for all recipients of a message, whatever is reloaded meanwhile.
 */
export function createJudging(deps: {
  readonly inForce: () => JudgedBy;
  readonly store: Pick<Store, 'queue' | 'bodies'>;
  readonly fresh: JudgeDeps['fresh'];
  readonly onlyQueued: JudgeDeps['onlyQueued'];
  readonly promiseAttempt: JudgeDeps['promiseAttempt'];
  /** What asks the portal to take a message back goes no further. */
  readonly recall: JudgeDeps['recall'];
  readonly inspector: Pick<Inspector, 'inspect' | 'inspectQuickly' | 'protection'>;
  readonly rewriter: Rewriter;
  /** Inspecting threads. */
  readonly workers: number;
  /** Processes that recognise text in images. */
  readonly ocrWorkers: number;
  readonly availability: (address: string, stream?: string) => MethodAvailability;
  readonly findKeys: KeyFinder['find'];
  readonly fingerprintKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}): (id: string, lane: Parameters<typeof judge>[2]) => ReturnType<typeof judge> {
  const { store, inspector, rewriter, availability, findKeys, fingerprintKey, clock, log, metrics } = deps;
  const { queue, bodies } = store;
  const places = placesFor(deps);
  /** Looks at nothing but who sealed it; whatever fails, the message is sealed once more, which is never weaker. */
  const readProtection = async ({ id, body }: StoredMessage): Promise<ExistingProtection | undefined> => {
    if (body === undefined || (await queue.beginInspection(id)) > MAX_INSPECTIONS) return undefined;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await collect(bodies.open(body), body.size);
    } catch (error) {
      log.error({ id, ...errorFacts(error) }, 'the stored content cannot be read');
      return undefined;
    }
    return inspector.protection(bytes);
  };
  return (id, lane) => {
    let judgedBy: JudgedBy | undefined;
    // From when it is looked at: it may have waited for its turn while other policies were loaded.
    const inForce = () => {
      judgedBy ??= deps.inForce();
      return judgedBy;
    };
    const inspect = (
      bytes: Uint8Array,
      message: StoredMessage,
      inLane: JudgeLane,
      gone: readonly string[] = [],
    ): ReturnType<JudgeDeps['inspect']> => {
      const { loaded, detection } = inForce();
      const context = { detection, healthSender: isHealthSender(loaded.config, message), gone };
      return inLane === 'ocr' ? inspector.inspect(bytes, context) : inspector.inspectQuickly(bytes, context);
    };
    return judge(
      {
        queue,
        bodies,
        fresh: deps.fresh,
        onlyQueued: deps.onlyQueued,
        promiseAttempt: deps.promiseAttempt,
        get contentNotRead() {
          const newest = judgedBy ?? deps.inForce();
          const notRead = !newest.loaded.config.inspect.enabled;
          // Then it waits for no turn, and is judged by these: others might ask for what is not read.
          if (notRead) judgedBy = newest;
          return notRead;
        },
        recall: deps.recall,
        inMemory: (message, inLane, work) => {
          const size = message.body?.size ?? 0;
          // Of small messages as many may be in memory as are judged at once: they go to the threads several at a time.
          if (inLane === 'quick' && size <= SMALL) return work();
          const place = inLane === 'quick' && size <= MEDIUM ? 'medium' : inLane;
          return places[place].run(message.stream ?? DEFAULT_STREAM, work, message.identity);
        },
        inspect: (bytes, message, inLane) => inspect(bytes, message, inLane),
        decide: (message, inspection, recipients) => {
          const { loaded, policy } = inForce();
          const { config } = loaded;
          const facts = messageFacts(inspection, message);
          let protection: Promise<ExistingProtection | undefined> | undefined;
          const protectionOf = () => {
            protection ??= config.protect.wrap_encrypted
              ? Promise.resolve(undefined)
              : places.quick.run(
                  message.stream ?? DEFAULT_STREAM,
                  () => readProtection(message),
                  message.identity,
                );
            return protection;
          };
          return Promise.all(
            recipients.map(({ address }) =>
              decideWithKeys(policy, facts, address, {
                organisationDomains: config.organisation.domains,
                availability: availability(address, message.stream),
                findKeys,
                enforcement: config.enforcement,
                wrapEncrypted: config.protect.wrap_encrypted,
                protectionOf,
              }),
            ),
          );
        },
        rewrite: (message, read, inspection, decided, inLane) =>
          rewriteDecided(
            {
              bodies,
              read,
              rewrite: (bytes, demand) =>
                rewriter.rewrite({ message: bytes, demand, detection: inForce().detection }),
              inspect: (bytes, gone) => inspect(Uint8Array.from(bytes), message, inLane, gone),
            },
            message.id,
            inspection,
            decided,
            message.rewritten,
          ),
        hold: (message, held) =>
          holdDecided({ loaded: inForce().loaded, bodies, message, held, now: clock.now() }),
        reject: (message, rejected) =>
          rejectDecided({ loaded: inForce().loaded, bodies, message, rejected, now: clock.now() }),
        fingerprintSubject: (subject) => subjectFingerprint(fingerprintKey, subject),
        policyHash: () => inForce().policy.hash,
        lifetime: () => inForce().loaded.config.delivery.lifetime,
        holdLifetime: () => inForce().loaded.config.delivery.hold_lifetime,
        clock,
        log,
        metrics,
      },
      id,
      lane,
    );
  };
}

/** Where messages wait for their turn, so that few are in memory at once. */
function placesFor(deps: {
  readonly inForce: () => JudgedBy;
  readonly workers: number;
  readonly ocrWorkers: number;
}): Record<JudgeLane | 'medium', StreamSlots> {
  const config = () => deps.inForce().loaded.config;
  const streams = {
    priority: (stream: string) => streamSettings(config(), stream).priority,
    streams: () => allStreams(config()).map(({ name }) => name),
  };
  // One more for each thread, so that the next message is at hand when a thread becomes free.
  const quick = streamSlots(2 * deps.workers, streams);
  // Reading them back from disk takes as long as looking at several of them.
  const medium = streamSlots(8 * deps.workers, streams);
  // Likewise for processes that recognise text.
  return { quick, medium, alone: quick, ocr: streamSlots(deps.ocrWorkers + 1, streams) };
}
