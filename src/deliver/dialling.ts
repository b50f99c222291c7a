import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { LoadedConfig } from '../config/load.js';
import type { RouteConfig } from '../config/schema.js';
import type { ReachedTlsLevel } from '../model/method.js';
import type { TlsFacts } from '../model/tls-facts.js';
import type { Log } from '../ops/log.js';
import { errorCode } from '../shared/errors.js';
import { SmtpFailure } from './smtp-failure.js';
import { openSession, type SessionOptions, type SmtpSession } from './smtp-session.js';
import type { Target } from './targets.js';
import type { TlsContexts } from './tls-contexts.js';

export interface DialDeps {
  readonly loaded: () => LoadedConfig;
  readonly contexts: TlsContexts;
  readonly log: Log;
  /** Told of each socket, so that stopping can cut it. */
  readonly onSocket: (socket: Socket) => void;
  /** Told what each established TLS session reached, also where it wasn't enough. */
  readonly onTls?: (facts: TlsFacts) => void;
}

/** Something on our side (a file of the configuration) that an administrator must put right. */
export class LocalProblem extends Error {
  override readonly name = 'LocalProblem';
}

/**
 * A session with one address of a server that has reached at least `wanted.least`.
 * @throws SmtpFailure for what the peer does, LocalProblem for what is wrong here
 */
export async function openTo(
  deps: DialDeps,
  route: RouteConfig | undefined,
  target: Target,
  address: string,
  wanted: {
    readonly least: ReachedTlsLevel;
    readonly configuredTls: boolean;
    /** Own address to connect from. */
    readonly localAddress?: string;
  },
): Promise<SmtpSession> {
  const loaded = deps.loaded();
  const { delivery, hostname } = loaded.config;
  const setup = await local(deps.log, 'a CA or certificate file of the configuration', () =>
    deps.contexts.get(route, wanted.configuredTls),
  );
  const login = await local(deps.log, `the password file of route ${route?.name ?? ''}`, () =>
    loginOf(loaded, route),
  );
  const options: SessionOptions = {
    host: target.host,
    address,
    port: target.port,
    hostname,
    implicitTls: route?.implicit_tls ?? false,
    startTls: 'yes',
    ...wanted,
    tls: { name: target.name, ...setup },
    timeouts: { connect: delivery.connect_timeout, command: delivery.command_timeout },
    onSocket: deps.onSocket,
    ...(deps.onTls === undefined ? {} : { onTls: deps.onTls }),
    ...(login === undefined ? {} : { login }),
  };
  try {
    return await openSession(options);
  } catch (error) {
    const failedTls =
      error instanceof SmtpFailure && (error.kind === 'tls-policy' || error.kind === 'tls-temporary');
    // Only where clear text is allowed: opportunistic TLS that broke is no worse than none.
    if (failedTls && wanted.least === 'none' && !options.implicitTls)
      return openSession({ ...options, startTls: 'no' });
    throw error;
  }
}

async function local<T>(log: Log, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    log.error({ code: errorCode(error) ?? 'unknown' }, `${what} cannot be used; mail is deferred`);
    throw new LocalProblem(`${what} cannot be used`, { cause: error });
  }
}

async function loginOf(
  loaded: LoadedConfig,
  route: RouteConfig | undefined,
): Promise<SessionOptions['login'] | undefined> {
  if (route?.auth === undefined) return undefined;
  const text = await readFile(loaded.path(route.auth.password_file), 'utf8');
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new Error('the file is empty');
  return { user: route.auth.user, password };
}
