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
import { parseHeaderMailbox } from '../intake/header-mailbox.js';
import { chosenStream } from '../intake/stream.js';
import type { Authors } from '../model/message.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import { omittedInspection } from '../model/unread-inspection.js';
import { policiesOf } from '../ops/in-force.js';
import { methodAvailability } from '../protect/availability.js';
import { errorCode, UserError } from '../shared/errors.js';
import { givenMailbox } from '../shared/given-mailbox.js';
import { configFile, withConfig } from './config-option.js';
import { detectionHere } from './detection-here.js';
import { keyFinderHere } from './find-keys-here.js';
import { inspectHere } from './inspect-here.js';
import { printable, printJson, printLine } from './print.js';
import { rewriteHere } from './rewrite-here.js';

interface ExplainOptions {
  readonly config: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly identity: string;
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
    .option('--identity <name>', 'account or identity that submits it', 'explain')
    .option('--json', 'as JSON');
  withConfig(command).action(async (file: string, options: ExplainOptions) => {
    const sender = options.from === '<>' ? '' : givenMailbox(options.from, '--from').address;
    const recipients = options.to.map((one) => givenMailbox(one, '--to').address);
    const loaded = await loadConfig(configFile(options));
    const policy = await policyOf(loaded);
    const message = await readMessage(file);
    const fields = headerOf(message);
    const envelope = { sender, ...authorsOf(fields, sender) };
    const stream = streamOf(fields, loaded.config, options.identity);
    const context = {
      detection: await detectionHere(loaded, policy),
      healthSender: isHealthSender(loaded.config, envelope),
      fingerprintKey: randomBytes(32),
    };
    const inspect = (bytes: Uint8Array) => inspectHere(bytes, loaded.config.inspect, context);
    const inspection = loaded.config.inspect.enabled
      ? await inspect(message)
      : omittedInspection(withCrlf(message).bytes.length);
    const protectionOf = async () => readStructure(withCrlf(message).bytes, loaded.config.inspect).protection;
    const facts = messageFacts(inspection, {
      ...envelope,
      identity: options.identity,
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
      printJson({ sender, identity: options.identity, decisions: decisions.map(decisionJson) });
      return;
    }
    for (const decision of decisions) {
      for (const line of explainDecision(decision).split('\n')) printLine(printable(line));
      printLine('');
    }
  });
}

/** Nothing of a header that a listener would refuse. */
function headerOf(message: Uint8Array): readonly HeaderField[] {
  const text = Buffer.from(message).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const header = `${text.slice(0, end).replace(/\r?\n/g, '\r\n')}\r\n`;
  const parsed = readHeader(Buffer.from(header, 'latin1'));
  return parsed.ok ? parsed.fields : [];
}

/** Mail without an envelope sender is its author's, as at a listener. */
function authorsOf(fields: readonly HeaderField[], sender: string): { readonly authors?: Authors } {
  if (sender !== '') return {};
  const from = fields.find((field) => field.name === 'from');
  const mailbox = from === undefined ? undefined : parseHeaderMailbox(from.value);
  return mailbox === undefined ? {} : { authors: { addresses: [mailbox.address], unsure: false } };
}

/** As at a listener; what accounts may choose depends on theirs, so that they have none here. */
function streamOf(fields: readonly HeaderField[], { identities }: Config, identity: string): string {
  const rights = identities.find((one) => one.name === identity);
  return chosenStream(fields, { stream: rights?.stream ?? DEFAULT_STREAM, choices: rights?.streams ?? [] })
    .stream;
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
