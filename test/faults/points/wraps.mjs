import { pass } from './plan.mjs';

/*
 * The points themselves: each is named after the stage and what has just happened, or is about to (`before-…`).
 * names.ts lists them for the tests.
 */

/** @param {string} file in dist/ @param {string} name of the export @param {unknown} original */
export function wrap(file, name, original) {
  return WRAPS[`${file} ${name}`](original);
}

/** What an inspecting thread is given to look at. */
function messagesOf({ kind, message, sizes }) {
  if (kind === 'inspect') return [message];
  if (kind !== 'batch') return [];
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return message.subarray(end - size, end);
  });
}

const WRAPS = {
  'store/index.js openStore': (openStore) => async (options) => {
    const store = await openStore(options);
    pass('start.store-opened');
    return store;
  },

  'store/store-ports.js storePorts': (storePorts) => (writer) => {
    const ports = storePorts(writer);
    const { queue, audit } = ports;
    return {
      ...ports,
      audit: { ...audit, record: around(audit.record, 'audit.before-record', 'audit.recorded') },
      queue: {
        ...queue,
        insert: around(queue.insert, 'intake.before-insert', 'intake.inserted'),
        beginInspection: around(queue.beginInspection, 'inspect.before-begin', 'inspect.begun'),
        beginAttempt: around(queue.beginAttempt, 'deliver.before-attempt', 'deliver.attempt-begun'),
        beginThrottled: around(queue.beginThrottled, 'deliver.before-attempt', 'deliver.attempt-begun'),
        destroyContent: around(queue.destroyContent, 'destroy.before-commit', 'destroy.committed'),
        async apply(change, events) {
          const kind = kindOf(change, events);
          // A first attempt begins with the decision where it can.
          const begins = (change.recipients ?? []).some((one) => one.begins !== undefined);
          pass(`${kind}.before-commit`);
          if (begins) pass('deliver.before-attempt');
          const changed = await queue.apply(change, events);
          pass(`${kind}.committed`);
          if (begins) pass('deliver.attempt-begun');
          return changed;
        },
      },
    };
  },

  // Of what was stored a moment ago the inspection has begun with the commit.
  'store/fresh-messages.js freshMessages':
    (freshMessages) =>
    (...args) => {
      const fresh = freshMessages(...args);
      const take = (id) => {
        const one = fresh.take(id);
        if (one !== undefined) for (const point of ['inspect.before-begin', 'inspect.begun']) pass(point);
        return one;
      };
      return { ...fresh, take };
    },

  'store/file-ops.js systemFiles': (files) => {
    const passing = (file) => {
      pass('body.created');
      return {
        write: around(file.write, undefined, 'body.written'),
        sync: around(file.sync, 'body.before-sync', 'body.synced'),
        close: file.close,
      };
    };
    const retire = around(files.rename, 'body.before-unlink', 'body.unlinked');
    return {
      ...files,
      create: async (path) => passing(await files.create(path)),
      rewrite: async (path, size) => passing(await files.rewrite(path, size)),
      rename: (from, to) => (to.endsWith('.spare') ? retire(from, to) : files.rename(from, to)),
      syncFolder: around(files.syncFolder, undefined, 'body.folder-synced'),
      unlink: around(files.unlink, 'body.before-unlink', 'body.unlinked'),
    };
  },

  'store/writer-core.js createWriterCore': (createWriterCore) => (db, audit) => {
    const core = createWriterCore(
      {
        ...db,
        run(sql, ...values) {
          const done = db.run(sql, ...values);
          if (sql === 'BEGIN IMMEDIATE') pass('writer.begun');
          if (sql === 'COMMIT') pass('writer.committed');
          return done;
        },
      },
      {
        ...audit,
        commit() {
          pass('writer.before-audit-commit');
          audit.commit();
          pass('writer.between-commits');
        },
        checkpointIfDue() {
          pass('writer.before-checkpoint');
          audit.checkpointIfDue();
        },
      },
    );
    return core;
  },

  'store/relay-db.js openRelayDbReadOnly': (open) => (file) => {
    const db = open(file);
    return {
      ...db,
      exec(sql) {
        db.exec(sql);
        if (sql === 'BEGIN') pass('reader.begun');
      },
    };
  },

  'intake/receive-message.js receiveMessage': (receiveMessage) => (transaction, limits, deps) => {
    const reception = receiveMessage(transaction, limits, deps);
    return {
      ...reception,
      async finish(data) {
        pass('intake.before-finish');
        const refusal = await reception.finish(data);
        // By then the reply is on its way.
        setImmediate(() => setImmediate(() => pass('intake.answered')));
        return refusal;
      },
    };
  },

  'inspect/index.js createInspector': (createInspector) => (options) => {
    const inspector = createInspector(options);
    return { ...inspector, inspectQuickly: around(inspector.inspectQuickly, undefined, 'inspect.done') };
  },
  'inspect/worker.js default': (work) => (task) => {
    for (const message of messagesOf(task)) pass('inspect.in-thread', message);
    return work(task);
  },

  'protect/index.js createProtect': (createProtect) => (deps) => {
    const protect = createProtect(deps);
    return around(protect, 'protect.before', 'protect.done');
  },
  'protect/worker.js default': (work) => (task) => {
    pass('protect.in-thread');
    return work(task);
  },

  'deliver/smtp-session.js openSession': (openSession) =>
    around(openSession, 'deliver.before-dial', 'deliver.connected'),
  'deliver/smtp-wire.js createWire': (createWire) => (socket) => {
    const wire = createWire(socket);
    /** Of each command that was not answered yet. */
    const stages = [];
    const note = (lines) => {
      stages.push(...lines.map(stageOf));
      if (lines[0] === '.') dotSent();
    };
    const answered = () => {
      const stage = stages.shift();
      if (stage !== undefined) pass(`deliver.${stage}-answered`);
    };
    const dotSent = () => setImmediate(() => pass('deliver.dot-sent'));
    return {
      ...wire,
      post(lines) {
        wire.post(lines);
        note(lines);
      },
      async send(line, timeoutMs) {
        const reply = wire.send(line, timeoutMs);
        note([line]);
        const said = await reply;
        answered();
        return said;
      },
      async reply(timeoutMs) {
        const said = await wire.reply(timeoutMs);
        answered();
        return said;
      },
      message(bytes) {
        // Content and dot leave at once: this is the last moment before both.
        pass('deliver.content-sent');
        const early = wire.message(bytes);
        if (early !== undefined) return early;
        stages.push('dot');
        dotSent();
        return undefined;
      },
      async content(body, timeoutMs) {
        const early = await wire.content(body, timeoutMs);
        pass('deliver.content-sent');
        return early;
      },
    };
  },
};

function stageOf(line) {
  if (line === '.') return 'dot';
  if (line === 'DATA') return 'data';
  return line.startsWith('RCPT ') ? 'envelope' : undefined;
}

/** What a change of the queue is about, by what it does and which events permit it. */
function kindOf(change, events) {
  if (change.decided !== undefined) return 'decide';
  const types = new Set(events.map((event) => event.type));
  if ((change.createPortalItems ?? []).length > 0) return 'portal';
  // One attempt may end for some by delivery, for others by a bounce.
  if (types.has('recipient.bounced')) return 'bounce';
  if (types.has('recipient.delivered')) return 'deliver';
  if (types.has('recipient.deferred')) return 'defer';
  return 'change';
}

function around(work, before, after) {
  return async (...input) => {
    if (before !== undefined) pass(before);
    const output = await work(...input);
    if (after !== undefined) pass(after);
    return output;
  };
}
