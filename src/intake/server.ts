import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerSession } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { errorCode } from '../shared/errors.js';
import { addressText, clientAddress, limitKey } from './client-address.js';
import { IntakeConnection } from './connection.js';
import type { ListenerContext } from './context.js';
import { refusal } from './reply.js';
import type { ListenerSettings } from './settings.js';

const TOO_MANY_CLIENT = refusal('connect', 421, '4.7.0', 'Too many connections from here');
const TOO_MANY = refusal('connect', 421, '4.7.0', 'Too many connections');
const FOR_OTHER = refusal('auth', 535, '5.7.8', 'Nobody may log in for somebody else');
/** How long a TLS session may be taken up again. */
const SESSION_SECONDS = 300;
/** How long a refused client has to read why. */
const LINGER_MS = 2000;

/** One listener. smtp-server with sessions of our own, and limits that count sockets before they say anything. */
export class IntakeServer extends SMTPServer {
  readonly #context: ListenerContext;
  readonly #sessions = new WeakMap<SMTPServerSession, IntakeConnection>();
  readonly #perClient = new Map<string, number>();
  /** What to do, once, when a counted socket has closed. */
  readonly #leaving = new WeakMap<Socket, () => void>();
  #open = 0;
  #stopped: Promise<void> | undefined;

  constructor(context: ListenerContext) {
    const settings = context.settings();
    super({
      name: context.loaded().config.hostname,
      secure: settings.config.mode === 'submissions',
      authMethods: ['PLAIN', 'LOGIN'],
      authOptional: true,
      disableReverseLookup: true,
      hideENHANCEDSTATUSCODES: false,
      hideDSN: false,
      hideREQUIRETLS: true,
      heloResponse: '%s',
      logger: false,
      ...limitsOf(settings),
      ...tlsOf(settings),
    });
    this.#context = context;
    this.on('error', (error: unknown) => {
      // Handshakes that failed, and sockets that broke within a transaction.
      context.log.debug(
        { listener: context.name, code: errorCode(error) ?? 'unknown' },
        'a connection broke',
      );
    });
  }

  get intakeConnections(): readonly IntakeConnection[] {
    return [...this.connections].filter((one) => one instanceof IntakeConnection);
  }

  /**
   * Takes limits and certificates as the settings now are; sessions go on with the certificate they have. Keys of TLS
   * tickets are made anew, so no session from before can be taken up.
   */
  refresh(): void {
    const settings = this.#context.settings();
    this.updateSecureContext({ ...limitsOf(settings), ...tlsOf(settings) });
  }

  /** Takes no more connections; those that are not yet sessions end. Resolves when the last session ended. */
  stopListening(): Promise<void> {
    if (this.#stopped === undefined) {
      this.#stopped = new Promise((resolve) => this.server.close(() => resolve()));
      for (const socket of this._pendingSockets.values()) socket.destroy();
    }
    return this.#stopped;
  }

  override connect(socket: Socket | TLSSocket, options?: SMTPConnectionOptions | null): void {
    const address = clientAddress(socket.remoteAddress);
    if (address === undefined || socket.destroyed) {
      socket.destroy();
      return;
    }
    const left = this.#leaving.get(socket) ?? (() => undefined);
    const connection = new IntakeConnection(this, socket, options, this.#context, address, left);
    this.#sessions.set(connection.session, connection);
    this.connections.add(connection);
    connection.on('error', (error) => this._onError(error));
    connection.init();
  }

  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    const address = clientAddress(socket.remoteAddress);
    if (address === undefined) {
      socket.destroy();
      return false;
    }
    const { config } = this.#context.settings();
    const key = limitKey(address);
    const own = this.#perClient.get(key) ?? 0;
    const why =
      own >= config.max_connections_per_client
        ? TOO_MANY_CLIENT
        : this.#open >= config.max_connections
          ? TOO_MANY
          : undefined;
    if (why !== undefined) {
      void this.#context.recordRefusal(
        { listener: this.#context.name, clientAddress: addressText(address) },
        why,
      );
      socket.on('error', () => socket.destroy());
      // Before a handshake nothing can be said.
      if (handshake) socket.destroy();
      else {
        socket.end(`${why.code} ${why.status} ${why.text}\r\n`);
        socket.setTimeout(LINGER_MS, () => socket.destroy());
        socket.resume();
      }
      return false;
    }
    this.#context.metrics.connections.inc({ listener: this.#context.name });
    this.#open++;
    this.#perClient.set(key, own + 1);
    let counted = true;
    const leave = () => {
      if (!counted) return;
      counted = false;
      this.#open--;
      const left = (this.#perClient.get(key) ?? 1) - 1;
      if (left > 0) this.#perClient.set(key, left);
      else this.#perClient.delete(key);
    };
    this.#leaving.set(socket, leave);
    socket.once('close', leave);
    return super._acceptSocket(socket, handshake);
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    callback: (error: Error | null | undefined, response?: { readonly user?: string }) => void,
  ): void {
    const connection = this.#sessions.get(session);
    const { username = '', password, authzid, authcid } = auth;
    // RFC 4616: to act for somebody else is a right that nobody has here.
    const forOther = authzid !== undefined && authzid !== '' && authcid !== '' && authzid !== authcid;
    if (connection === undefined || typeof password !== 'string') {
      callback(replyError(535, 'Wrong name or password'));
      return;
    }
    if (forOther) {
      void this.#context.recordRefusal(
        { listener: this.#context.name, clientAddress: connection.clientAddressText },
        FOR_OTHER,
      );
      callback(replyError(FOR_OTHER.code, FOR_OTHER.text));
      return;
    }
    const attempt = {
      listener: this.#context.name,
      clientAddress: connection.clientAddressText,
      clientKey: connection.clientKey,
      username,
      password,
    };
    this.#context.login
      .attempt(attempt)
      .then(async (result) => {
        if (result.ok) {
          connection.loggedIn({ name: result.account.name, passwordHash: result.account.passwordHash });
          callback(null, { user: result.account.name });
          return;
        }
        if (result.refusal.stage === 'limit')
          await this.#context.recordRefusal(
            { listener: attempt.listener, clientAddress: attempt.clientAddress },
            result.refusal,
          );
        callback(replyError(result.refusal.code, result.refusal.text));
      })
      .catch(() => callback(replyError(454, 'Log-in is not possible now, try again later')));
  }
}

function replyError(code: number, text: string): Error & { readonly responseCode: number } {
  return Object.assign(new Error(text), { responseCode: code });
}

function limitsOf({ config }: ListenerSettings): { readonly size: number; readonly socketTimeout: number } {
  return { size: config.max_message_size, socketTimeout: config.idle_timeout };
}

/** Always with a certificate of our own: smtp-server's built-in one has a public key and a public private key. */
function tlsOf(settings: ListenerSettings): TlsOptions {
  const asks = settings.clientAuthorities.length > 0;
  return {
    cert: settings.certificate.certificatePem,
    key: settings.certificate.keyPem,
    minVersion: settings.config.tls.min_version,
    ciphers: settings.config.tls.ciphers,
    dhparam: 'auto',
    // Resumed sessions would bring an old verdict on a client certificate along; renegotiation a new client. Where no
    // certificate is asked for, a session says nothing of the client, who logs in anew; to take one up spares both sides
    // the dearest part of a handshake.
    secureOptions: (asks ? constants.SSL_OP_NO_TICKET : 0) | constants.SSL_OP_NO_RENEGOTIATION,
    sessionTimeout: SESSION_SECONDS,
    // A certificate is asked for and judged by us: clients without one may log in instead.
    requestCert: asks,
    rejectUnauthorized: false,
    ca: asks ? [...settings.clientAuthorities] : undefined,
  };
}
