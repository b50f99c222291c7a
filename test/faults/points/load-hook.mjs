/*
 * A module loader hook: some modules of the product are replaced by ones that export the same, with fault points around
 * it (wraps.mjs). The original is loaded beside it, under the same file name with a query.
 */

/** File in dist/ → the exports that have points. */
const WRAPPED = {
  'store/index.js': ['openStore'],
  'store/store-ports.js': ['storePorts'],
  'store/fresh-messages.js': ['freshMessages'],
  'store/file-ops.js': ['systemFiles'],
  'store/writer-core.js': ['createWriterCore'],
  'store/relay-db.js': ['openRelayDbReadOnly'],
  'intake/receive-message.js': ['receiveMessage'],
  'inspect/index.js': ['createInspector'],
  'inspect/worker.js': ['default'],
  'protect/index.js': ['createProtect'],
  'protect/worker.js': ['default'],
  'deliver/smtp-session.js': ['openSession'],
  'deliver/smtp-wire.js': ['createWire'],
};
let edits = [];

/** @param data `edits`: {file, from, to}: pieces of compiled files that are replaced, to see that it is noticed */
export function initialize(data) {
  edits = data.edits;
}

const ORIGINAL = '?without-fault-points';
const WRAPS = new URL('./wraps.mjs', import.meta.url).href;

export async function load(url, context, next) {
  const found = /\/dist\/([^?]+)/.exec(url)?.[1];
  const names = found === undefined || url.endsWith(ORIGINAL) ? undefined : WRAPPED[found];
  if (names === undefined) return edited(found, await next(url, context));
  const original = JSON.stringify(url + ORIGINAL);
  const lines = names.map((name) =>
    name === 'default'
      ? `export default wrap(${JSON.stringify(found)}, 'default', original.default);`
      : `export const ${name} = wrap(${JSON.stringify(found)}, '${name}', original.${name});`,
  );
  return {
    format: 'module',
    shortCircuit: true,
    source: [
      `import * as original from ${original};`,
      `import { wrap } from ${JSON.stringify(WRAPS)};`,
      `export * from ${original};`,
      ...lines,
    ].join('\n'),
  };
}

function edited(file, loaded) {
  const wanted = edits.filter((one) => one.file === file);
  if (wanted.length === 0) return loaded;
  let source = loaded.source.toString();
  for (const { from, to } of wanted) {
    if (!source.includes(from)) throw new Error(`this edit does not fit ${file}: ${from}`);
    source = source.replaceAll(from, to);
  }
  return { ...loaded, source };
}
