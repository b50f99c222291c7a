/*
 * Given to a relay under test by `node --import`: puts named fault points around the product's modules, in this thread
 * and in the threads that it starts. The product itself knows nothing of them; without this file there are none.
 */
import module from 'node:module';
import workerThreads from 'node:worker_threads';

const PLAN = 'SALLYPORT_FAULT_PLAN';
const EDITS = 'SALLYPORT_FAULT_EDITS';

/** What a thread is given in its environment: a variable set to nothing would become a text. */
const GIVEN = Object.fromEntries(
  [PLAN, EDITS].filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]),
);

module.register('./load-hook.mjs', {
  parentURL: import.meta.url,
  data: { edits: JSON.parse(process.env[EDITS] ?? '[]') },
});

const { Worker } = workerThreads;
// The relay gives its threads neither its environment nor its loaders; here they need both.
workerThreads.Worker = class extends Worker {
  constructor(file, options = {}) {
    const execArgv = options.execArgv ?? process.execArgv;
    const more = execArgv.includes(import.meta.url) ? [] : ['--import', import.meta.url];
    super(file, {
      ...options,
      execArgv: [...execArgv, ...more],
      env: { ...(options.env ?? process.env), ...GIVEN },
    });
  }
};
module.syncBuiltinESMExports();
