import { placeInWords, plainProblem } from '../config/plain-words.js';
import { UserError } from '../shared/errors.js';
import { type Answers, type AnswersInput, answersSchema } from './answers.js';

/** Asks a person; gives the trimmed answer, or `fallback` where it is empty. */
export interface Ask {
  (question: string, fallback?: string): Promise<string>;
  /** Shows a line that needs no answer. */
  tell(line: string): void;
}

/** What the command line or an answers file already says. */
export type Given = {
  readonly [Key in keyof AnswersInput]?: AnswersInput[Key] | undefined;
};

const KINDS = ['mail-clients', 'exchange', 'microsoft-365', 'google-workspace', 'ehr'] as const;

/**
 * Completes what is given by asking for the rest, in the order in which an administrator thinks of it. Every answer is
 * judged at once, and asked for again where it can't be.
 * @param ask undefined where nobody can be asked: then what is missing is an error that names all of it
 * @throws UserError (exit status 2)
 */
export async function completeAnswers(given: Given, ask: Ask | undefined): Promise<Answers> {
  const known: Record<string, unknown> = withoutUndefined(given);
  if (ask !== undefined) await askForRest(known, ask);
  const parsed = answersSchema.safeParse(known);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const where = issue.path.join('.');
    const problem = plainProblem(issue);
    return `  ${where}: ${problem}${problem === 'is missing' ? flagFor(where) : ''}`;
  });
  throw new UserError(`these answers do not make a configuration:\n${lines.join('\n')}`, { exitStatus: 2 });
}

const FLAGS: Readonly<Record<string, string>> = {
  hostname: '--hostname',
  organisation: '--organisation and --domain',
  'organisation.name': '--organisation',
  'organisation.domains': '--domain',
  upstream: '--upstream',
};

function flagFor(where: string): string {
  const flag = FLAGS[where];
  return flag === undefined ? '' : ` (${flag})`;
}

async function askForRest(known: Record<string, unknown>, ask: Ask): Promise<void> {
  const step = async (key: string, question: () => Promise<unknown>) => {
    if (known[key] !== undefined) return;
    const answer = await until([key], question, ask);
    if (answer !== undefined) known[key] = answer;
  };
  const part = <Value>(key: string, question: () => Promise<Value>) =>
    until(['organisation', key], question, ask);
  await step('hostname', () => ask('Host name of this relay, as clients and servers call it'));
  await step('organisation', async () => {
    const name = await part('name', () => ask("Organisation's name, as recipients know it"));
    const domains = await part('domains', async () =>
      list(await ask('Its mail domains, with commas between them')),
    );
    const postmaster = await part('postmaster', () =>
      ask('Mail address of whoever runs the relay', `postmaster@${domains[0] ?? ''}`),
    );
    const reviewers = await part('reviewers', async () =>
      list(
        await ask('Who decides about held mail: addresses, with commas (none: the postmaster)', postmaster),
      ),
    );
    return { name, domains, postmaster, reviewers };
  });
  await step('upstream', async () => {
    const kinds = list(
      await ask(`Where does mail come from? ${KINDS.join(', ')}; several with commas`, 'mail-clients'),
    );
    const all: unknown[] = [];
    for (const kind of kinds) all.push(await askUpstream(kind, ask));
    return all;
  });
  await step('downstream', async () => {
    const host = await ask(
      'Where does it go? `mx` for the recipients’ servers, or the name of a smarthost',
      'mx',
    );
    if (host === 'mx') return { kind: 'mx' };
    const owner = await ask(
      'Person or contract that guarantees verified TLS behind that smarthost (none: leave empty)',
      '',
    );
    return { kind: 'smarthost', host, ...(owner === '' ? {} : { onward_tls_owner: owner }) };
  });
  await step('inside', async () => {
    const host = await ask(
      'Server for mail to your own domains, such as your Exchange (empty: found by MX)',
      '',
    );
    return host === '' ? undefined : host;
  });
  await step('portal', async () => {
    const url = await ask(
      'Address of the pickup portal, such as https://pickup.clinic.example, or `none`',
      'none',
    );
    return url === 'none' ? url : { url };
  });
  await step('certificate', async () => {
    const file = await ask('PEM file of the certificate chain, or `self-signed` for now', 'self-signed');
    return file === 'self-signed'
      ? file
      : { certificate: file, key: await ask('PEM file of its private key') };
  });
  await step('enforcement', () => ask('Begin in `shadow` (record only) or `enforce`', 'shadow'));
}

async function askUpstream(kind: string, ask: Ask): Promise<unknown> {
  switch (kind) {
    case 'exchange':
      return { kind, networks: list(await ask('Addresses of the Exchange servers, with commas')) };
    case 'microsoft-365':
      return {
        kind,
        tenant_id: await ask('ID of your Microsoft 365 tenant (Entra admin centre → Overview)'),
      };
    case 'ehr': {
      const networks = list(await ask('Addresses of EHR, scanners and devices, with commas'));
      const tls = (await ask('Can they do TLS? yes or no', 'yes')) === 'no' ? 'off' : 'required';
      const senders = list(
        await ask('Addresses that they write as, with commas (empty: any of the organisation)', ''),
      );
      const notify = await ask('Who gets their bounces and notices (empty: the sender)', '');
      return {
        kind,
        networks,
        tls,
        ...(senders.length === 0 ? {} : { senders }),
        ...(notify === '' ? {} : { notify }),
      };
    }
    default:
      return { kind };
  }
}

/** Asks until the answer can be; the problem stands before the question that is asked again. */
async function until<Value>(
  path: readonly string[],
  question: () => Promise<Value>,
  ask: Ask,
): Promise<Value> {
  for (;;) {
    const answer = await question();
    const problem = problemOf(path, answer);
    if (problem === undefined) return answer;
    ask.tell(`  ${problem}`);
  }
}

/** What is wrong with one answer, in plain words. */
function problemOf(path: readonly string[], answer: unknown): string | undefined {
  if (answer === undefined) return undefined;
  const value = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), answer);
  const issue = answersSchema
    .safeParse(value)
    .error?.issues.find((one) => path.every((key, i) => one.path[i] === key));
  if (issue === undefined) return undefined;
  return [...placeInWords(issue.path.slice(path.length)), plainProblem(issue)].join(': ');
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function withoutUndefined(given: Given): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
