import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { formatProblem } from '../config/yaml-source.js';
import {
  decideWithKeys,
  decisionJson,
  explainDecision,
  messageFacts,
  type PolicySet,
} from '../decide/index.js';
import { tlsAvailability } from '../deliver/tls-availability.js';
import { withCrlf } from '../inspect/bytes.js';
import { isHealthSender } from '../inspect/health-sender.js';
import { readStructure } from '../inspect/structure.js';
import { type HeaderField, readHeader } from '../intake/header-block.js';
import { chosenStream } from '../intake/stream.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import { omittedInspection } from '../model/unread-inspection.js';
import { policiesOf } from '../ops/in-force.js';
import { methodAvailability } from '../protect/availability.js';
import { errorCode, UserError } from '../shared/errors.js';
import { givenMailbox } from '../shared/given-mailbox.js';
import { configFile, withConfig } from './config-option.js';
import { detectionHere } from './detection-here.js';
import { explainedSenders } from './explained-senders.js';
import { keyFinderHere } from './find-keys-here.js';
import { inspectHere } from './inspect-here.js';
import { printable, printJson, printLine } from './print.js';
import { rewriteHere } from './rewrite-here.js';

interface ExplainOptions {
  readonly config: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly identity?: string;
  readonly json?: boolean;
}

/** `sallyport explain FILE --from A --to B…`: the full decision per recipient, sending nothing. */
export function registerExplain(program: Command): void {
  const command = program
    .command('explain')
    .description('show how a message would travel to each recipient, and why; nothing is sent')
    .argument('<file>', 'a message in RFC 5322 form, or - for standard input')
    .requiredOption('--from <address>', 'envelope sender, <> for none (required)')
    .requiredOption('--to <address...>', 'envelope recipients (required)')
    .option('--identity <name>', 'account or identity that submits it, whose rights then count')
    .option('--json', 'as JSON');
  withConfig(command).action(async (file: string, options: ExplainOptions) => {
    const mailbox = options.from === '<>' ? undefined : givenMailbox(options.from, '--from');
    const sender = mailbox?.address ?? '';
    const identity = options.identity ?? 'explain';
    const recipients = options.to.map((one) => givenMailbox(one, '--to').address);
    const loaded = await loadConfig(configFile(options));
    const policy = await policyOf(loaded);
    const message = await readMessage(file);
    const fields = headerOf(message);
    const { authors, notes: ofSenders } = explainedSenders(loaded, fields, mailbox, options.identity);
    const envelope = { sender, ...(authors === undefined ? {} : { authors }) };
    const { stream, notes: ofStream } = streamOf(fields ?? [], loaded.config, identity);
    const notes = [...ofSenders, ...ofStream];
    const context = {
      detection: await detectionHere(loaded, policy),
      healthSender: isHealthSender(loaded.config, envelope),
      fingerprintKey: randomBytes(32),
    };
    const inspect = (bytes: Uint8Array, gone: readonly string[] = []) =>
      inspectHere(bytes, loaded.config.inspect, { ...context, gone });
    const inspection = loaded.config.inspect.enabled
      ? await inspect(message)
      : omittedInspection(withCrlf(message).bytes.length);
    const protectionOf = async () => readStructure(withCrlf(message).bytes, loaded.config.inspect).protection;
    const facts = messageFacts(inspection, {
      ...envelope,
      identity,
      receivedAt: Date.now(),
    });
    const finder = await keyFinderHere(loaded);
    const before = await Promise.all(
      recipients.map((address) => {
        const domain = address.slice(address.lastIndexOf('@') + 1);
        return decideWithKeys(policy, facts, address, {
          organisationDomains: loaded.config.organisation.domains,
          availability: methodAvailability(loaded.config, tlsAvailability(loaded.config, domain, stream)),
          findKeys: finder.find,
          enforcement: loaded.config.enforcement,
          wrapEncrypted: loaded.config.protect.wrap_encrypted,
          protectionOf,
        });
      }),
    );
    const decisions = await rewriteHere(before, { message, inspection, inspect, loaded, ...context });
    if (options.json === true) {
      printJson({
        sender,
        identity,
        ...(authors === undefined ? {} : { authors: { ...authors, addresses: [...authors.addresses] } }),
        notes,
        decisions: decisions.map(decisionJson),
      });
      return;
    }
    for (const note of notes) process.stderr.write(`${printable(note)}\n`);
    for (const decision of decisions) {
      for (const line of explainDecision(decision).split('\n')) printLine(printable(line));
      printLine('');
    }
  });
}

/** Undefined: a listener would refuse it. */
function headerOf(message: Uint8Array): readonly HeaderField[] | undefined {
  const text = Buffer.from(message).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const header = `${text.slice(0, end).replace(/\r?\n/g, '\r\n')}\r\n`;
  const parsed = readHeader(Buffer.from(header, 'latin1'));
  return parsed.ok ? parsed.fields : undefined;
}

/** As at a listener. Accounts have their listener's rights: where several differ, which one it is can't be told. */
function streamOf(
  fields: readonly HeaderField[],
  { identities, listeners }: Config,
  identity: string,
): { readonly stream: string; readonly notes: readonly string[] } {
  const known = identities.find((one) => one.name === identity);
  const all = known === undefined ? listeners.filter(({ accounts }) => accounts) : [known];
  const streams = new Set(
    all.map(
      (one) => chosenStream(fields, { stream: one.stream ?? DEFAULT_STREAM, choices: one.streams }).stream,
    ),
  );
  const [only = DEFAULT_STREAM] = streams;
  return streams.size < 2
    ? { stream: only, notes: [] }
    : {
        stream: DEFAULT_STREAM,
        notes: [
          `assumed the stream ${DEFAULT_STREAM}: by listener, mail of accounts is in ${[...streams].join(' or ')}`,
        ],
      };
}

async function policyOf(loaded: LoadedConfig): Promise<PolicySet> {
  const load = await policiesOf(loaded);
  if (!load.ok) throw new UserError(load.problems.map(formatProblem).join('\n'), { exitStatus: 2 });
  return load.policy;
}

async function readMessage(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (cause) {
    throw new UserError(`cannot read ${file}: ${errorCode(cause) ?? 'unknown error'}`, {
      exitStatus: 2,
      cause,
    });
  }
}
