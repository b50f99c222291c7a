import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateAndKey } from '../../../src/keys/certificates.js';
import { makeKey } from '../../support/openpgp-keys.js';
import { type RelayHome, relayHome } from '../../support/relay-process.js';
import { testCa } from '../../support/sink.js';
import { makeAuthority, type TestAuthority } from '../../support/x509-authority.js';
import type { ContenderName } from './choices.js';
import { startPostfix, whyNoPostfix } from './postfix.js';
import { type CountingSink, startOurSink, startPlainSink } from './sinks.js';
import type { WireTarget } from './wire-client.js';

/** A relay that runs, with the server behind it. */
export interface Contender {
  readonly name: ContenderName;
  readonly what: string;
  /** Of the relay alone, without client and sink. */
  readonly pid: number;
  /** From the command until it listens. */
  readonly startSeconds: number;
  readonly target: WireTarget;
  /** The same with a login in place of the client's network; where there is TLS only. */
  readonly loginTarget?: WireTarget;
  readonly recipients: readonly string[];
  /** Messages at the sink for each that was accepted. */
  readonly copies: number;
  readonly sink: CountingSink;
  close(): Promise<void>;
}

export interface ContenderOptions {
  /** A library for all its processes (LD_PRELOAD). */
  readonly preload?: string;
  /** Done before its first start; not for Postfix. */
  readonly prepare?: (home: RelayHome) => Promise<void>;
  /** In place of a sink in a process of its own. */
  readonly sink?: (certificate: CertificateAndKey | undefined) => Promise<CountingSink>;
}

const WHAT = {
  a: 'Postfix',
  b: 'Sallyport, policy without rules, no inspection',
  c: 'Sallyport as shipped',
  d: '… with verified TLS in and out',
  e: '… and one PGP, one S/MIME recipient',
} as const satisfies Record<ContenderName, string>;

const SINK_NAME = 'sink.partner.example';
const RELAY_NAME = 'relay.clinic.example';
const PLAIN_RECIPIENT = 'office@partner.example';
const SEALED_RECIPIENTS = ['pgp@partner.example', 'smime@partner.example'];
/** More than any run has: what is measured here is not the protection from floods. */
const NO_LIMIT = 1_000_000_000;

/** Why a contender can't run here; undefined: it can. */
export function whyNot(name: ContenderName): string | undefined {
  return name === 'a' ? whyNoPostfix() : undefined;
}

/** Starts one contender with a sink of its own. */
export async function startContender(
  name: ContenderName,
  options: ContenderOptions = {},
): Promise<Contender> {
  const withTls = name === 'd' || name === 'e';
  const ca = withTls ? await testCa() : undefined;
  const certificate = await ca?.issue(SINK_NAME);
  const sink = await (options.sink?.(certificate) ??
    (certificate === undefined ? startPlainSink() : startOurSink(certificate)));
  const common = { name, what: WHAT[name], recipients: [PLAIN_RECIPIENT], copies: 1, sink };
  try {
    if (name === 'a') {
      const began = performance.now();
      const postfix = await startPostfix(sink.port, options.preload);
      const startSeconds = (performance.now() - began) / 1000;
      const close = async () => {
        postfix.stop();
        sink.close();
      };
      return { ...common, pid: postfix.pid, startSeconds, target: { port: postfix.port }, close };
    }
    const home = await homeOf(name, sink.port, ca?.pem, await ca?.issue(RELAY_NAME));
    const people = name === 'e' ? makeAuthority({ name: 'People CA', keyType: 'rsa-2048' }) : undefined;
    if (people !== undefined) writeFileSync(join(home.folder, 'people.pem'), people.pem);
    const { preload, prepare } = options;
    await prepare?.(home);
    const began = performance.now();
    const relay = await home.start(
      preload === undefined ? {} : { env: { LD_PRELOAD: preload, UV_USE_IO_URING: '0' } },
    );
    const startSeconds = (performance.now() - began) / 1000;
    if (people !== undefined) await giveKeys(home, people);
    const target: WireTarget = {
      port: relay.port('connector'),
      ...(ca && { tls: { ca: ca.pem, name: RELAY_NAME } }),
    };
    return {
      ...common,
      pid: relay.pid,
      startSeconds,
      target,
      ...(ca &&
        relay.account && {
          loginTarget: { ...target, port: relay.port('submission'), login: relay.account },
        }),
      ...(name === 'e' && { recipients: SEALED_RECIPIENTS, copies: SEALED_RECIPIENTS.length }),
      close: async () => {
        await relay.kill('SIGTERM');
        await home.remove();
        sink.close();
      },
    };
  } catch (error) {
    sink.close();
    throw error;
  }
}

async function homeOf(
  name: Exclude<ContenderName, 'a'>,
  sinkPort: number,
  caPem: string | undefined,
  certificate: CertificateAndKey | undefined,
): Promise<RelayHome> {
  const tls =
    certificate === undefined
      ? { mode: 'off', off_for: ['127.0.0.1/32'] }
      : { certificate: 'relay.pem', key: 'relay.key' };
  const open = { max_connections: 2000, max_connections_per_client: 2000, messages_per_hour: NO_LIMIT };
  // A copy: the same object twice would become an alias in YAML.
  const ownTls = certificate === undefined ? {} : { tls: { ...tls } };
  const home = await relayHome(
    {
      hostname: RELAY_NAME,
      identities: [{ name: 'ehr', networks: ['127.0.0.1/32'], senders: ['clinic.example'] }],
      listeners: [
        { name: 'connector', address: '127.0.0.1:0', mode: 'relay', identities: ['ehr'], tls, ...open },
        {
          name: 'submission',
          address: '127.0.0.1:0',
          mode: 'submission',
          accounts: true,
          ...ownTls,
          ...open,
        },
      ],
      delivery: {
        routes: [
          {
            name: 'sink',
            domains: ['*'],
            host: '127.0.0.1',
            port: sinkPort,
            kind: 'recipient-server',
            ...(caPem !== undefined && { ca: 'ca.pem', tls_name: SINK_NAME }),
          },
        ],
        // As shipped: what other tests want faster.
        first_retry: undefined,
        max_retry: undefined,
        tls_fallback_after: undefined,
      },
      inspect: { workers: undefined, ...(name === 'b' && { enabled: false }) },
      ...(name === 'e' && { keys: { trust_anchors: [{ file: 'people.pem', revocation: 'not-published' }] } }),
    },
    { policies: policiesOf(name) },
  );
  const put = (file: string, text: string) => writeFileSync(join(home.folder, file), text, { mode: 0o600 });
  if (caPem !== undefined) put('ca.pem', caPem);
  if (certificate !== undefined) {
    put('relay.pem', certificate.certificatePem);
    put('relay.key', certificate.keyPem);
  }
  return home;
}

function policiesOf(name: ContenderName): Readonly<Record<string, string>> {
  if (name === 'b') return { 'all.yaml': 'version: 1\ndescription: Everything travels as it is.\n' };
  const shipped = Object.fromEntries(
    readdirSync('policies')
      .filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
      .map((file) => [file, readFileSync(join('policies', file), 'utf8')]),
  );
  return {
    ...shipped,
    ...(name === 'd' && { 'bench.yaml': TLS_RULE }),
    ...(name === 'e' && { 'bench.yaml': SEALED_RULES }),
  };
}

const TLS_RULE = `version: 1
description: All mail to the outside travels over verified TLS.
rules:
  - id: all-tls
    when: { recipient: external }
    demand: { require: tls, tls: verified }
`;

const SEALED_RULES = `version: 1
description: Two recipients who get sealed mail.
rules:
  - id: sealed-pgp
    when: { recipient: ${SEALED_RECIPIENTS[0]} }
    demand: { require: [pgp] }
  - id: sealed-smime
    when: { recipient: ${SEALED_RECIPIENTS[1]} }
    demand: { require: [smime] }
`;

/** Keys of the usual kinds for the two who get sealed mail. */
async function giveKeys(home: RelayHome, people: TestAuthority): Promise<void> {
  const [pgp = '', smime = ''] = SEALED_RECIPIENTS;
  const key = await makeKey({ userIds: [`Test Person <${pgp}>`], type: 'curve25519legacy' });
  writeFileSync(join(home.folder, 'pgp.key'), key.publicBinary);
  const mailbox = people.issue({ name: smime, emails: [smime], keyType: 'rsa-2048' });
  writeFileSync(join(home.folder, 'smime.pem'), mailbox.pem);
  for (const file of ['pgp.key', 'smime.pem']) {
    const { status, stderr, stdout } = await home.run(['keys', 'import', join(home.folder, file)]);
    if (status !== 0) throw new Error(`a key is not taken: ${stdout}${stderr}`);
  }
}
