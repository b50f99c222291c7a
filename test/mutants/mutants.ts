import type { Mutant } from './mutant.js';

/** Relays that each break a promise, and the tests that must notice. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'reply-before-sync',
    does: 'answers 250 before the message is on disk',
    promise: 'never lost',
    edits: [
      {
        file: 'intake/receive-message.ts',
        from: 'await deps.queue.insert(',
        to: 'void deps.queue.insert(',
      },
    ],
    tests: ['test/unit/intake/message.test.ts'],
    only: 'storing',
  },
  {
    name: 'large-body-not-synced',
    does: "answers 250 before a large message's file is synced",
    promise: 'never lost',
    edits: [{ file: 'store/body-writer.ts', from: 'await sync(() => open.sync());', to: '' }],
    tests: ['test/unit/store/bodies.test.ts'],
  },
  {
    name: 'folder-not-synced',
    does: "answers 250 before a large message's name is on disk",
    promise: 'never lost',
    edits: [{ file: 'store/body-writer.ts', from: 'await sync(context.syncFolder);', to: '' }],
    tests: ['test/unit/store/bodies.test.ts'],
  },
  {
    name: 'queue-synced-at-checkpoints',
    does: 'opens the queue with synchronous=NORMAL',
    promise: 'never lost',
    edits: [
      { file: 'store/relay-db.ts', from: "'synchronous = FULL'", to: "'synchronous = NORMAL'" },
      { file: 'store/late-sync.ts', from: 'isSlow ? nextLate : 0', to: '0' },
    ],
    tests: ['test/faults/power-cuts.test.ts'],
    only: 'loses nothing',
  },
  {
    name: 'answers-before-late-sync',
    does: 'answers on a slow disk before what was written is synced',
    promise: 'never lost',
    edits: [
      {
        file: 'store/late-sync.ts',
        from: 'const isOnDisk = waiting.length === 0 && (commitTook === undefined || !isLate);',
        to: 'const isOnDisk = waiting.length === 0;',
      },
    ],
    tests: ['test/unit/store/late-sync.test.ts'],
  },
  {
    name: 'answers-by-older-sync',
    does: 'answers on a slow disk with a sync that was begun before what it is for was written',
    promise: 'never lost',
    edits: [
      {
        file: 'store/late-sync.ts',
        from: 'for (let left = first.covers; left > 0; left--) {',
        to: 'for (let left = waiting.length; left > 0; left--) {',
      },
    ],
    tests: ['test/unit/store/late-sync.test.ts'],
  },
  {
    name: 'log-synced-at-checkpoints',
    does: 'takes the audit log, which has synchronous=NORMAL, for synced',
    promise: 'never unrecorded',
    edits: [{ file: 'audit/month-writer.ts', from: 'else syncs.beside(done);', to: 'else done(null);' }],
    tests: ['test/faults/power-cuts.test.ts'],
    only: 'loses nothing',
  },
  {
    name: 'lost-events-not-put-back',
    does: 'goes on without the events that a power cut took from the audit log',
    promise: 'never unrecorded',
    edits: [
      { file: 'store/audit-tail.ts', from: 'audit.putBack(events)', to: '0' },
      // Else it would refuse to start.
      { file: 'store/audit-tail.ts', from: 'checkEvent(dir, last, file);', to: '' },
    ],
    tests: ['test/faults/power-cuts.test.ts'],
    only: 'loses nothing',
  },
  {
    name: 'start-forgets-unsynced',
    does: 'starts without getting onto the disk what a crash left of the audit log',
    promise: 'never unrecorded',
    edits: [
      { file: 'audit/month-file.ts', from: "(db);\n    db.pragma('wal_checkpoint(TRUNCATE)');", to: '(db);' },
      {
        file: 'audit/month-file.ts',
        from: "it is empty, and with a reader it isn't.\n    syncFile(",
        to: '\n    void (',
      },
      { file: 'audit/month-file.ts', from: 'writeLogAnew(path);', to: '' },
    ],
    tests: ['test/faults/slow-disk.test.ts'],
    only: 'follows at once',
  },
  {
    name: 'start-trusts-failed-sync',
    does: 'starts with what a failed sync left of the queue in memory only, while somebody reads',
    promise: 'never lost',
    edits: [{ file: 'store/writer-thread.ts', from: 'writeLogAnew(options.file);', to: '' }],
    tests: ['test/faults/failing-disk.test.ts'],
    only: 'is written anew',
  },
  {
    name: 'goes-on-after-a-failed-write',
    does: 'goes on writing after the disk failed, when nobody knows what it kept',
    promise: 'never lost',
    edits: [
      {
        file: 'store/writer-core.ts',
        from: 'if (failure !== undefined) return allUnavailable(requests, failure);',
        to: '',
      },
    ],
    tests: ['test/unit/store/writer-core.test.ts'],
  },
  {
    name: 'attempt-not-counted',
    does: 'does not count its attempts',
    promise: 'never lost',
    edits: [{ file: 'store/operations/queue-writes.ts', from: 'attempts = attempts + 1, next', to: 'next' }],
    tests: ['test/unit/store/operations/queue.test.ts'],
  },
  {
    name: 'unsure-is-delivered',
    does: 'takes a connection that broke after the final dot for a delivery',
    promise: 'never lost',
    edits: [
      {
        file: 'deliver/smtp-transaction.ts',
        from: 'if (!(error instanceof SmtpFailure)) throw error;',
        to: 'if (!(error instanceof SmtpFailure)) throw error;\n    if (dotSent) return results;',
      },
    ],
    tests: ['test/unit/deliver/hostile-peers.test.ts'],
  },
  {
    name: 'act-before-audit',
    does: 'commits an act before the event that permits it',
    promise: 'never unrecorded',
    edits: [
      {
        file: 'store/writer-core.ts',
        from: 'if (audited.begun) inAudit(() => audit.commit());',
        to: 'if (audited.begun) queueMicrotask(() => inAudit(() => audit.commit()));',
      },
    ],
    tests: ['test/unit/store/writer-core.test.ts'],
  },
  {
    name: 'audit-after-send',
    does: 'records decisions when the mail is under way already',
    promise: 'never unrecorded',
    edits: [
      {
        file: 'store/store-ports.ts',
        from: "const changed = await call('applyChange', change, events);",
        to: "const changed = await call('applyChange', change);\n      setTimeout(() => void call('recordOnly', null, events), 2000);",
      },
    ],
    tests: ['test/faults/load-recipients.test.ts'],
  },
  {
    name: 'chain-without-the-event-before',
    does: 'leaves the event before out of the hash of each',
    promise: 'never rewritten',
    edits: [
      {
        file: 'audit/chain.ts',
        from: 'data }: ChainedFields): string {',
        to: "data }: ChainedFields): string {\n  previousHash = '';",
      },
    ],
    tests: ['test/unit/audit/format.test.ts'],
  },
  {
    name: 'checkpoint-before-sync',
    does: 'hands a checkpoint out before the log is synced',
    promise: 'never unrecorded',
    edits: [{ file: 'audit/log.ts', from: 'if (onDisk) handOut();', to: 'handOut();' }],
    tests: ['test/unit/audit/log.test.ts'],
  },
  {
    name: 'any-checkpoint',
    does: 'takes any signature of a checkpoint for a good one',
    promise: 'never rewritten',
    edits: [
      {
        file: 'audit/verify-file.ts',
        from: '} else if (!checkpointSignatureHolds(row, publicKey)) {',
        to: '} else if (row.signature.length === 0) {',
      },
    ],
    tests: ['test/unit/audit/verify.test.ts'],
  },
  {
    name: 'any-certificate',
    does: 'accepts certificates of unknown authorities',
    promise: 'never in the clear',
    edits: [
      { file: 'deliver/tls-check.ts', from: 'if (socket.authorized !== true)', to: 'if (socket.destroyed)' },
    ],
    tests: ['test/unit/deliver/hostile-peers.test.ts'],
  },
  {
    name: 'any-name',
    does: 'accepts certificates of other hosts',
    promise: 'never in the clear',
    edits: [
      {
        file: 'deliver/tls-check.ts',
        from: 'if (!nameMatches(certificate, check.name))',
        to: 'if (certificate === undefined)',
      },
    ],
    tests: ['test/unit/deliver/hostile-peers.test.ts'],
  },
  {
    name: 'no-floor-on-the-second-server',
    does: 'forgets the TLS level demanded when the first mail server of a domain fails',
    promise: 'never in the clear',
    edits: [
      {
        file: 'deliver/transport.ts',
        from: '...(await wanted(shipment)),\n          ...(localAddress',
        to: "...(failures.length === 0 ? await wanted(shipment) : { least: 'none' as const, configuredTls: false }),\n          ...(localAddress",
      },
      {
        file: 'deliver/transport.ts',
        from: 'await stillEnough(session, shipment);',
        to: 'if (failures.length === 0) await stillEnough(session, shipment);',
      },
    ],
    tests: ['test/unit/deliver/queue.test.ts'],
    only: 'several mail servers',
  },
  {
    name: 'said-before-tls-counts',
    does: 'goes on with what a server said in the clear before TLS began',
    promise: 'never in the clear',
    edits: [
      {
        file: 'deliver/smtp-session.ts',
        from: 'server: await startingTls(wire, established(options, facts, hello(wire, options))),',
        to: 'server: (await startingTls(wire, established(options, facts, hello(wire, options))), offered),',
      },
    ],
    tests: ['test/unit/deliver/hostile-peers.test.ts'],
  },
  {
    name: 'no-key-goes-plain',
    does: 'sends the original where the key of a recipient is missing',
    promise: 'never in the clear',
    edits: [
      {
        file: 'protect/index.ts',
        from: "return { kind: 'impossible', reason: noKey(found), ...(short && { shortOfDemand: true as const }) };",
        to: "return { kind: 'smtp', open: () => deps.bodies.open(body), size: body.size, eightBitMime: message.eightBitMime, smtpUtf8: message.smtpUtf8 };",
      },
    ],
    tests: ['test/unit/protect/protect.test.ts'],
  },
  {
    name: 'seal-failed-goes-plain',
    does: 'sends the original where it could not be sealed',
    promise: 'never in the clear',
    edits: [
      {
        file: 'protect/index.ts',
        from: "if (answer.kind === 'failed') return impossible(answer.reason);\n  const sealed = answer.body;",
        to: "const sealed = answer.kind === 'failed' ? body : answer.body;",
      },
    ],
    tests: ['test/unit/protect/protect.test.ts'],
  },
  {
    name: 'falls-back-to-plain',
    does: 'sends as plain when no allowed method is left',
    promise: 'never in the clear',
    edits: [
      {
        file: 'deliver/permit.ts',
        from: 'strength(one) >= least);',
        to: "strength(one) >= least) ?? 'plain';",
      },
      { file: 'deliver/permit.ts', from: 'return allowed(decision, method) ?', to: 'return method ?' },
    ],
    tests: ['test/unit/deliver/hostile-peers.test.ts'],
  },
  {
    name: 'released-as-plain',
    does: 'lets a person release as plain what a rule protects',
    promise: 'never in the clear',
    edits: [
      {
        file: 'decide/choose-method.ts',
        from: "if (!demand.methods.includes(method) || leftOut === true || !available.available) continue;\n    if (decision.protected && method === 'plain') continue;",
        to: 'if (leftOut === true || !available.available) continue;',
      },
    ],
    tests: ['test/unit/decide/properties.test.ts'],
  },
  {
    name: 'unknown-is-no-match',
    does: 'takes a rule that could not be evaluated for one that does not match',
    promise: 'never in the clear',
    edits: [
      {
        file: 'decide/decide.ts',
        from: "if (evaluation.value === 'false') continue;",
        to: "if (evaluation.value !== 'true') continue;",
      },
    ],
    tests: ['test/unit/decide/conditions.test.ts'],
  },
  {
    name: 'unknown-exception-counts',
    does: 'lets an exception that could not be evaluated loosen a rule',
    promise: 'never in the clear',
    edits: [
      {
        file: 'decide/decide.ts',
        from: "evaluateRule(one.when, message, recipient).value === 'true',",
        to: "evaluateRule(one.when, message, recipient).value !== 'false',",
      },
    ],
    tests: ['test/unit/decide/properties.test.ts', 'test/unit/decide/conditions.test.ts'],
  },
  {
    name: 'crash-is-clean',
    does: 'takes a message whose inspection died for a clean one',
    promise: 'never in the clear',
    edits: [
      {
        file: 'inspect/index.ts',
        from: 'return unreadInspection(failure, size);',
        to: 'const { failure: _, ...rest } = unreadInspection(failure, size);\n      return { ...rest, parts: [] };',
      },
    ],
    tests: ['test/faults/late-inspection.test.ts'],
  },
  {
    name: 'rules-add-up-to-less',
    does: 'takes every method that one of the rules allows, instead of those that all of them allow',
    promise: 'stricter only',
    edits: [
      {
        file: 'decide/lattice.ts',
        from: 'METHODS.filter((method) => a.methods.includes(method) && b.methods.includes(method));',
        to: 'METHODS.filter((method) => a.methods.includes(method) || b.methods.includes(method));',
      },
    ],
    tests: ['test/unit/decide/lattice.test.ts'],
  },
  {
    name: 'one-person-is-enough',
    does: 'lets one operator release alone what two must',
    promise: 'stricter only',
    edits: [
      {
        file: 'ops/acts/release-plan.ts',
        from: 'if (approval.operator === actor.name)',
        to: 'if (approval.at < 0)',
      },
    ],
    tests: ['test/unit/ops/acts/release-plan.test.ts'],
  },
  {
    name: 'stale-reads',
    does: 'sees the queue as it was when the reader began',
    promise: 'only what was read is sent',
    edits: [
      {
        file: 'store/reader-thread.ts',
        from: "db.exec('BEGIN');\n    const answers = core.runBatch(batch);\n    if (db.inTransaction()) db.exec('COMMIT');",
        to: "if (!db.inTransaction()) db.exec('BEGIN');\n    const answers = core.runBatch(batch);",
      },
    ],
    tests: ['test/unit/store/reader-client.test.ts'],
  },
  {
    name: 'dots-not-doubled',
    does: 'sends lines that begin with a dot as they are',
    promise: 'only what was read is sent',
    edits: [
      {
        file: 'deliver/dot-stuffing.ts',
        from: '&& byte === DOT)',
        to: '&& byte === 0)',
      },
    ],
    tests: ['test/unit/deliver/wire-format.test.ts'],
  },
  {
    name: 'dots-kept',
    does: 'keeps the doubled dots of what it receives',
    promise: 'only what was read is sent',
    edits: [
      {
        file: 'intake/wire-data.ts',
        from: 'emit(i);\n          from = i + 1;',
        to: 'emit(i);\n          from = i;',
      },
    ],
    tests: ['test/unit/intake/wire-data.test.ts'],
  },
  {
    name: 'bare-newlines-pass',
    does: 'accepts a bare line feed, which another server may take for the end of a line',
    promise: 'only what was read is sent',
    edits: [{ file: 'intake/wire-data.ts', from: "bare('bare-lf');", to: '' }],
    tests: ['test/unit/intake/wire-data.test.ts'],
  },
  {
    name: 'damaged-body-sent',
    does: 'does not check whether stored content is what was stored',
    promise: 'only what was read is sent',
    edits: [{ file: 'store/body-seal.ts', from: 'decipher.final();', to: '' }],
    tests: ['test/unit/store/bodies.test.ts'],
  },
  {
    name: 'other-recipients',
    does: 'does not compare the recipients on the wire with those decided',
    promise: 'only what was read is sent',
    edits: [
      {
        file: 'deliver/envelope-commands.ts',
        from: 'if (!same || new Set(decided).size !== decided.length)',
        to: 'if (onWire.length === 0 && same)',
      },
    ],
    tests: ['test/unit/deliver/envelope-commands.test.ts'],
  },
  {
    name: 'two-content-types',
    does: 'takes a message with two different Content-Types for an unambiguous one',
    promise: 'only what was read is sent',
    edits: [
      {
        file: 'inspect/entity.ts',
        from: '(distinct.size > 1 ? material : harmless)(',
        to: 'harmless(',
      },
    ],
    tests: ['test/unit/inspect/ambiguities.test.ts'],
  },
  {
    name: 'expired-certificates',
    does: 'seals to certificates that have expired',
    promise: 'never leaking',
    edits: [
      { file: 'keys/x509/validity.ts', from: 'if (now >= certificate.notAfter + 1000)', to: 'if (now < 0)' },
    ],
    tests: ['test/unit/keys/x509/judge-leaf.test.ts'],
  },
  {
    name: 'bcc-kept',
    does: 'shows to all who was to get a blind copy',
    promise: 'never leaking',
    edits: [{ file: 'intake/rewrite-header.ts', from: "new Set(['bcc', ", to: 'new Set([' }],
    tests: ['test/unit/intake/message.test.ts'],
  },
  {
    name: 'others-mail',
    does: "opens in the portal what is another recipient's",
    promise: 'never leaking',
    edits: [
      {
        file: 'portal/access.ts',
        from: 'if (item === undefined || foldAddress(item.recipient) !== session.recipient)',
        to: 'if (item === undefined)',
      },
      {
        file: 'portal/ways/proofs.ts',
        from: 'if (foldAddress(session.recipient) !== foldAddress(item.recipient)) return false;',
        to: '',
      },
    ],
    tests: ['test/unit/portal/portal.test.ts'],
  },
  {
    name: 'expired-codes',
    does: 'accepts a portal code after its time',
    promise: 'never leaking',
    edits: [
      {
        file: 'portal/sign-in.ts',
        from: "if (stored.expiresAt <= now) return refuse('the code is past its time');",
        to: '',
      },
    ],
    tests: ['test/unit/portal/portal.test.ts'],
  },
  {
    name: 'endless-tries',
    does: 'lets one guess a portal code for as long as one likes',
    promise: 'never leaking',
    edits: [
      {
        file: 'portal/sign-in.ts',
        from: "if (stored.failedTries >= config.code_tries) return refuse('too many tries');",
        to: '',
      },
    ],
    tests: ['test/unit/portal/portal.test.ts'],
  },
  {
    name: 'subject-in-bounces',
    does: 'shows the Subject of a protected message in its bounce',
    promise: 'never leaking',
    edits: [
      {
        file: 'deliver/original-headers.ts',
        from: 'may.subject && message.subjectShowable ? field',
        to: "message.origin === 'submitted' ? field",
      },
    ],
    tests: ['test/unit/deliver/notices.test.ts'],
  },
];
