import { join, relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { newPassword } from '../ops/first-account.js';
import type { AnswersInput } from '../setup/answers.js';
import { type Ask, completeAnswers, type Given } from '../setup/questions.js';
import { readAnswers } from '../setup/read-answers.js';
import { setUp } from '../setup/set-up.js';
import { UserError } from '../shared/errors.js';
import { doctorAtEnd } from './doctor.js';
import { performHere } from './perform-here.js';
import { printLine } from './print.js';

interface Options {
  readonly answers?: string;
  readonly hostname?: string;
  readonly organisation?: string;
  readonly domain?: readonly string[];
  readonly postmaster?: string;
  readonly reviewer?: readonly string[];
  readonly upstream?: readonly string[];
  readonly exchangeNetwork?: readonly string[];
  readonly tenantId?: string;
  readonly ehrNetwork?: readonly string[];
  readonly ehrWithoutTls?: boolean;
  readonly ehrSender?: readonly string[];
  readonly ehrNotify?: string;
  readonly smarthost?: string;
  readonly smarthostUser?: string;
  readonly smarthostPasswordFile?: string;
  readonly onwardTlsOwner?: string;
  readonly inside?: string;
  readonly portal?: string;
  readonly behindProxy?: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly enforcement?: 'shadow' | 'enforce';
  readonly ports?: 'standard' | 'high';
  readonly listen?: string;
  readonly dkimSelector?: string;
  readonly dataDir?: string;
  readonly ask: boolean;
  readonly doctor: boolean;
}

/** `sallyport init`: writes a configuration, policies, keys and a systemd unit, and says what to publish. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write a configuration, policies, keys, a systemd unit and the DNS records to publish')
    .argument('[folder]', 'where to write them; nothing in it is overwritten', '.')
    .option('--answers <file>', 'answers as YAML; asks nothing')
    .option('--hostname <name>', 'name of the relay')
    .option('--organisation <name>', "the organisation's name")
    .option('--domain <domains...>', 'its mail domains')
    .option('--postmaster <address>', 'contact in notices and bounces')
    .option('--reviewer <addresses...>', 'who is told of held mail')
    .option('--upstream <kinds...>', 'mail-clients, exchange, microsoft-365, google-workspace, ehr')
    .option('--exchange-network <networks...>', 'addresses of the Exchange servers')
    .option('--tenant-id <id>', 'ID of the Microsoft 365 tenant')
    .option('--ehr-network <networks...>', 'addresses of EHR, scanners and devices')
    .option('--ehr-without-tls', 'they know no TLS')
    .option('--ehr-sender <addresses...>', 'what they write as; left out: anybody of the organisation')
    .option('--ehr-notify <address>', 'who gets their bounces and notices')
    .option('--smarthost <host[:port]>', 'where mail goes; left out: to the recipients’ servers')
    .option('--smarthost-user <name>', 'log-in there')
    .option('--smarthost-password-file <file>', 'file with its password')
    .option(
      '--onward-tls-owner <who>',
      'person or contract that guarantees verified TLS behind the smarthost',
    )
    .option('--inside <host>', "server for the organisation's own domains")
    .option('--portal <url>', 'address of the pickup portal, or none')
    .option('--behind-proxy', 'a reverse proxy on this machine ends its TLS')
    .option('--certificate <file>', 'PEM file of the certificate chain; left out: self-signed')
    .option('--key <file>', 'PEM file of its private key')
    .addOption(new Option('--enforcement <mode>', 'begin with').choices(['shadow', 'enforce']))
    .addOption(new Option('--ports <which>', 'high: 2525, 2587, 2465, 8443').choices(['standard', 'high']))
    .option('--listen <address>', 'address that the listeners bind')
    .option('--dkim-selector <name>', 'beginning of the DKIM selectors')
    .option('--data-dir <folder>', 'folder of databases and keys')
    .option('--no-doctor', 'do not look at the set-up at the end')
    .option('--no-ask', 'never ask: take the defaults for what is not said')
    .action(async (folder: string, options: Options) => {
      const given: Given =
        options.answers === undefined
          ? fromFlags(options)
          : await readAnswers(onlyFile(options.answers, options));
      const asks = options.ask && options.answers === undefined && process.stdin.isTTY === true;
      const answers = await (asks
        ? withQuestions((ask) => completeAnswers(given, ask))
        : completeAnswers(given, undefined));
      const done = await setUp(answers, folder, { perform: performHere, newPassword, now: Date.now() });
      for (const line of done.lines) printLine(line);
      if (!options.doctor) return;
      printLine('');
      printLine('The doctor says (the relay does not run yet, so what needs it is still wrong):');
      printLine('');
      await doctorAtEnd(relative('.', join(folder, 'config.yaml')));
    });
}

const hasUpstream = (kind: string) => (options: Options) => options.upstream?.includes(kind) === true;

/** Flags that say more of what another one chooses, and say nothing without it. */
const DETAILS: readonly {
  readonly of: string;
  readonly isChosen: (options: Options) => boolean;
  readonly flags: readonly (readonly [keyof Options, string])[];
}[] = [
  {
    of: '--organisation',
    isChosen: ({ organisation }) => organisation !== undefined,
    flags: [
      ['postmaster', '--postmaster'],
      ['reviewer', '--reviewer'],
    ],
  },
  {
    of: '--upstream exchange',
    isChosen: hasUpstream('exchange'),
    flags: [['exchangeNetwork', '--exchange-network']],
  },
  {
    of: '--upstream microsoft-365',
    isChosen: hasUpstream('microsoft-365'),
    flags: [['tenantId', '--tenant-id']],
  },
  {
    of: '--upstream ehr',
    isChosen: hasUpstream('ehr'),
    flags: [
      ['ehrNetwork', '--ehr-network'],
      ['ehrWithoutTls', '--ehr-without-tls'],
      ['ehrSender', '--ehr-sender'],
      ['ehrNotify', '--ehr-notify'],
    ],
  },
  {
    of: '--smarthost',
    isChosen: ({ smarthost }) => smarthost !== undefined,
    flags: [
      ['smarthostUser', '--smarthost-user'],
      ['smarthostPasswordFile', '--smarthost-password-file'],
      ['onwardTlsOwner', '--onward-tls-owner'],
    ],
  },
  {
    of: '--portal with an address',
    isChosen: ({ portal }) => portal !== undefined && portal !== 'none',
    flags: [['behindProxy', '--behind-proxy']],
  },
];

/** What was said and would not be looked at is a mistake. */
function refuseLoneDetails(options: Options): void {
  for (const { of, isChosen, flags } of DETAILS)
    for (const [key, flag] of flags)
      if (options[key] !== undefined && !isChosen(options)) throw usage(`${flag} needs ${of}`);
}

/** The file; no flag beside it is looked at. */
function onlyFile(file: string, { answers: _, ask: _ask, doctor: _doctor, ...others }: Options): string {
  if (Object.keys(others).length > 0)
    throw usage(`--answers ${file}: answers come from the file alone; say there what the other flags say`);
  return file;
}

/** @throws UserError (exit status 2) when flags don't go together */
function fromFlags(options: Options): Given {
  refuseLoneDetails(options);
  const { organisation, domain, upstream, portal, certificate, key, smarthost } = options;
  if ((certificate === undefined) !== (key === undefined)) throw usage('--certificate and --key go together');
  if ((organisation === undefined) !== (domain === undefined))
    throw usage('--organisation and --domain go together');
  return {
    hostname: options.hostname,
    organisation:
      organisation === undefined || domain === undefined
        ? undefined
        : {
            name: organisation,
            domains: [...domain],
            ...(options.postmaster === undefined ? {} : { postmaster: options.postmaster }),
            ...(options.reviewer === undefined ? {} : { reviewers: [...options.reviewer] }),
          },
    upstream: upstream?.map((kind) => upstreamOf(kind, options)),
    downstream: smarthost === undefined ? undefined : smarthostOf(smarthost, options),
    inside: options.inside,
    portal: portalOf(portal, options.behindProxy),
    certificate: certificate === undefined || key === undefined ? undefined : { certificate, key },
    enforcement: options.enforcement,
    ports: options.ports,
    listen: options.listen,
    dkim_selector: options.dkimSelector,
    data_dir: options.dataDir,
  };
}

function upstreamOf(kind: string, options: Options): AnswersInput['upstream'][number] {
  switch (kind) {
    case 'mail-clients':
    case 'google-workspace':
      return { kind };
    case 'exchange':
      return { kind, networks: [...needed(options.exchangeNetwork, kind, '--exchange-network')] };
    case 'microsoft-365':
      return { kind, tenant_id: needed(options.tenantId, kind, '--tenant-id') };
    case 'ehr':
      return {
        kind,
        networks: [...needed(options.ehrNetwork, kind, '--ehr-network')],
        tls: options.ehrWithoutTls === true ? 'off' : 'required',
        ...(options.ehrSender === undefined ? {} : { senders: [...options.ehrSender] }),
        ...(options.ehrNotify === undefined ? {} : { notify: options.ehrNotify }),
      };
    default:
      throw usage(
        `--upstream ${kind}: must be mail-clients, exchange, microsoft-365, google-workspace or ehr`,
      );
  }
}

function needed<Value>(value: Value | undefined, kind: string, flag: string): Value {
  if (value === undefined) throw usage(`--upstream ${kind} needs ${flag}`);
  return value;
}

function smarthostOf(text: string, options: Options): AnswersInput['downstream'] {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text);
  if (match?.[1] === undefined) throw usage(`--smarthost ${text}: must be a host, or host:port`);
  return {
    kind: 'smarthost',
    host: match[1],
    ...(match[2] === undefined ? {} : { port: Number(match[2]) }),
    ...(options.smarthostUser === undefined ? {} : { user: options.smarthostUser }),
    ...(options.smarthostPasswordFile === undefined ? {} : { password_file: options.smarthostPasswordFile }),
    ...(options.onwardTlsOwner === undefined ? {} : { onward_tls_owner: options.onwardTlsOwner }),
  };
}

function portalOf(portal: string | undefined, behindProxy: boolean | undefined): Given['portal'] {
  if (portal === undefined || portal === 'none') return portal;
  return { url: portal, behind_proxy: behindProxy === true };
}

async function withQuestions<Value>(work: (ask: Ask) => Promise<Value>): Promise<Value> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // A question alone would wait for ever when the input ends.
  const ended = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(usage('the input ended before all was answered; nothing was written')));
  });
  try {
    return await Promise.race([
      work(
        Object.assign(
          async (question: string, fallback?: string) => {
            const answer = (
              await lines.question(
                `${question}${fallback === undefined || fallback === '' ? '' : ` [${fallback}]`}: `,
              )
            ).trim();
            return answer === '' ? (fallback ?? '') : answer;
          },
          { tell: (line: string) => void process.stderr.write(`${line}\n`) },
        ),
      ),
      ended,
    ]);
  } finally {
    lines.close();
  }
}

function usage(message: string): UserError {
  return new UserError(message, { exitStatus: 2 });
}
