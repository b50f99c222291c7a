import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { beginReception } from './begin-reception.js';
import { addressText, type IpAddress, limitKey } from './client-address.js';
import { type ClientCertificate, clientCertificate } from './client-certificate.js';
import type { ListenerContext } from './context.js';
import { gatheredReplies } from './gathered-replies.js';
import type { ClientFacts } from './identity.js';
import { type IncomingMessage, incomingMessage } from './incoming-message.js';
import { type Reception, tooLarge } from './receive-message.js';
import { type Refusal, refusal } from './reply.js';
import {
  BAD_LINE,
  isBase64,
  LAST_OF_GROUP,
  LOGIN_TOO_LONG,
  MAX_BAD_LINES,
  MAX_ERRORS,
  MAX_IDLE_COMMANDS,
  NOT_BASE64,
  NOT_OFFERED,
} from './session-rules.js';
import {
  addRecipient,
  beginTransaction,
  judgeData,
  type OpenTransaction,
  type SessionLogin,
  type Who,
} from './transaction.js';
import type { WireData } from './wire-data.js';
import { type BadLine, type DataSink, WireStream } from './wire-stream.js';

/**
 * One SMTP session. smtp-server keeps the socket, STARTTLS, EHLO and the SASL exchange; reading lines and message
 * data, MAIL, RCPT, DATA, limits and deadlines are ours.
 */
export class IntakeConnection extends SMTPConnection {
  readonly #context: ListenerContext;
  readonly #address: IpAddress;
  readonly #socketLeft: () => void;
  #login: SessionLogin | undefined;
  /** Asked of the TLS session once. */
  #certificate: { readonly verified: ClientCertificate | undefined } | undefined;
  #transaction: OpenTransaction | undefined;
  readonly #incoming: IncomingMessage;
  #expired = false;
  #errors = 0;
  #badLines = 0;
  #idleCommands = 0;
  readonly #replies = gatheredReplies();
  #sessionTimer: NodeJS.Timeout | undefined;

  constructor(
    server: SMTPServer,
    socket: Socket | TLSSocket,
    options: SMTPConnectionOptions | null | undefined,
    context: ListenerContext,
    address: IpAddress,
    socketLeft: () => void,
  ) {
    super(server, socket, options);
    this.#context = context;
    this.#address = address;
    this.#socketLeft = socketLeft;
    this.#incoming = incomingMessage(context.log);
  }

  get clientKey(): string {
    return limitKey(this.#address);
  }

  get clientAddressText(): string {
    return addressText(this.#address);
  }

  /** Remembers who logged in. */
  loggedIn(login: SessionLogin): void {
    this.#login = login;
  }

  /** Greets without smtp-server's fixed wait of 100 ms; who talks before the greeting is still refused. */
  override init(): void {
    const { session_timeout: sessionMs, data_timeout: dataMs } = this.#context.settings().config;
    this.#sessionTimer = setTimeout(() => {
      this.#expired = true;
      this.endIfIdle();
      // Who keeps a transaction open without sending its message doesn't keep the session for ever.
      this.#sessionTimer = setTimeout(() => {
        if (this.#incoming.isIdle()) this.#end('The session took too long', '4.4.2');
      }, dataMs);
    }, sessionMs);
    this._setListeners(() => setImmediate(() => this.connectionReady()));
  }

  override _createParser(): WireStream {
    const parser = new WireStream({
      command: (line, more, done) => {
        if (more && !this._closing && !this._closed) this.#replies.gather(this._socket);
        this.#command(line, more).then(
          () => {
            if (!more || this._socket.writableNeedDrain) this.#replies.letGo();
            this._whenWritable(done);
          },
          () => {
            this.#context.log.error({ listener: this.#context.name }, 'a command failed unexpectedly');
            this.send(451, 'Something went wrong here, try again later', '4.3.0');
            this.#replies.letGo();
            done();
          },
        );
      },
      partialLine: () => this.#replies.letGo(),
      // Nothing may follow it that would let go of what is gathered.
      badLine: (kind, verb) => this.#badLine(kind, verb).finally(() => this.#replies.letGo()),
    });
    parser.on('error', () => this.close());
    return parser;
  }

  /**
   * STARTTLS. smtp-server takes every listener off the raw socket here, the one that counts it as open among them:
   * without this each such session would be counted for ever, and its client soon shut out.
   */
  override upgrade(callback: () => void, secureCallback?: () => void): void {
    const raw = this._socket;
    super.upgrade(callback, secureCallback);
    raw.once('close', this.#socketLeft);
  }

  /** Ends the session when it lasted too long or the relay stops, but never within a transaction. */
  endIfIdle(): void {
    if (this.#transaction !== undefined || !this.#incoming.isIdle()) return;
    if (this._handlerPending || this._upgrading) return;
    if (this.#context.draining()) this.#end('The relay is stopping, try again later', '4.3.2');
    else if (this.#expired) this.#end('The session took too long', '4.4.2');
  }

  /** Ends the session whatever it is doing. */
  cut(): void {
    this.#end('The relay is stopping, try again later', '4.3.2');
    // In the middle of a handshake the socket under it must not be torn away; close() ends it a little later.
    if (!this._upgrading) this._socket.destroySoon();
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    super.send(code, data, context);
    // Temporary refusals are no fault of the client's, but for those of log-ins.
    if (code < 500 && code !== 454) return;
    if (++this.#errors < MAX_ERRORS || this._closing) return;
    void this.#record(refusal('limit', 421, '4.7.0', 'Too many errors'));
    super.send(421, 'Too many errors', '4.7.0');
  }

  /** Our replies name their enhanced code; replies of smtp-server that name none get its default. */
  override _getEnhancedStatusCode(code: number, context?: string | false): string {
    if (typeof context === 'string' && /^[245]\.\d{1,3}\.\d{1,3}$/.test(context)) return context;
    // Its only other 421 says that a client has failed to log in too often.
    return code === 421 ? '4.7.0' : super._getEnhancedStatusCode(code, context);
  }

  override _isDisabled(command: string): boolean {
    if (command === 'AUTH') return !this.secure || !this.#context.settings().config.accounts;
    return super._isDisabled(command);
  }

  override _resetSession(): void {
    super._resetSession();
    this.#transaction = undefined;
  }

  override _onTimeout(): void {
    if (this._closing) this._socket.destroy();
    else if (this._handlerPending || this.#incoming.isStoring()) this._armTimeout();
    else this.#end('Idle for too long', '4.4.2');
  }

  override close(): void {
    super.close();
    this.#dispose();
  }

  override _onClose(): void {
    super._onClose();
    this.#dispose();
  }

  #dispose(): void {
    clearTimeout(this.#sessionTimer);
    this.#incoming.giveUp();
  }

  /** A good reply in words of ours, ASCII: what `send` does, without what it does for others. */
  #say(code: 250 | 354, text: string): void {
    if (this._upgrading || this._socket.destroyed || this._socket.readyState !== 'open') return;
    this._socket.write(`${code} ${text}\r\n`, 'latin1');
  }

  #end(text: string, status: string): void {
    if (!this._closing && !this._closed) super.send(421, text, status);
  }

  async #command(line: Buffer, more: boolean): Promise<void> {
    if (this._upgrading || this._closing || this._closed) return;
    this._handlerPending = true;
    try {
      await this.#run(line, more);
    } finally {
      this._handlerPending = false;
    }
    if (this._parser !== false) this.endIfIdle();
  }

  async #run(line: Buffer, more: boolean): Promise<void> {
    const text = line.toString('latin1');
    const space = text.indexOf(' ');
    const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase();
    if (!this._ready)
      return this.#refuseAndClose(refusal('connect', 421, '4.7.0', 'Speaking before the greeting'));
    const answer = this._nextHandler;
    if (answer !== false) {
      this._nextHandler = false;
      if (text !== '*' && !isBase64(text)) return this.#reply(NOT_BASE64);
      return within((done) => answer.call(this, line, done));
    }
    if (/^[A-Za-z]+ \S+ HTTP\/\d/.test(text))
      return this.#refuseAndClose(refusal('helo', 421, '4.7.0', 'This is no web server'));
    if (more && LAST_OF_GROUP.has(verb))
      return this.#refuseAndClose(
        refusal('data', 503, '5.5.1', 'Nothing may be sent behind this command unasked'),
      );
    if (this.#context.draining() && this.#transaction === undefined && verb !== 'QUIT')
      return this.#end('The relay is stopping, try again later', '4.3.2');
    switch (verb) {
      case 'MAIL':
        return this.#mail(line);
      case 'RCPT':
        return this.#rcpt(line);
      case 'DATA':
        return this.#dataCommand(line);
      case 'AUTH':
        return this.#auth(line, text);
      case 'STARTTLS':
        // What is held back must be gone before the socket is another's.
        this.#replies.letGo();
        return within((done) => this.handler_STARTTLS(line, done));
      case 'QUIT':
        return within((done) => this.handler_QUIT(line, done));
    }
    if (++this.#idleCommands > MAX_IDLE_COMMANDS)
      return this.#refuseAndClose(refusal('limit', 421, '4.7.0', 'Too many commands without a message'));
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        return this.#hello(verb, line);
      case 'RSET':
        return within((done) => this.handler_RSET(line, done));
      case 'NOOP':
        return within((done) => this.handler_NOOP(line, done));
      case 'HELP':
        return this.send(214, 'See RFC 5321', '2.0.0');
      case 'VRFY':
        return this.send(252, 'Send some mail, and see', '2.1.5');
    }
    if (NOT_OFFERED.has(verb)) return this.send(502, 'This command is not offered', '5.5.1');
    this.send(500, 'This command is not known', '5.5.1');
  }

  /** RFC 5321 4.1.1.1: one that is refused changes nothing. */
  async #hello(verb: 'EHLO' | 'HELO', line: Buffer): Promise<void> {
    const before = this.hostNameAppearsAs;
    this.hostNameAppearsAs = false;
    await within((done) => (verb === 'EHLO' ? this.handler_EHLO(line, done) : this.handler_HELO(line, done)));
    if (this.hostNameAppearsAs === false) this.hostNameAppearsAs = before;
    else this.openingCommand = verb;
  }

  async #auth(line: Buffer, text: string): Promise<void> {
    if (this.hostNameAppearsAs === false) return this.send(503, 'Say EHLO first', '5.5.1');
    if (!this.secure) return this.#reply(refusal('auth', 538, '5.7.0', 'Must issue a STARTTLS first'));
    if (!this.#context.settings().config.accounts)
      return this.#reply(refusal('auth', 502, '5.5.1', 'Nobody logs in here'));
    if (this.#transaction !== undefined) return this.send(503, 'Not within a transaction', '5.5.1');
    const blocked = this.#context.login.blocked(this.clientKey);
    if (blocked !== undefined) return this.#refuseAndClose(blocked);
    const initial = /^\S+ +\S+ +(\S*)$/.exec(text)?.[1];
    if (initial !== undefined && initial !== '=' && !isBase64(initial)) return this.#reply(NOT_BASE64);
    return within((done) => this.handler_AUTH(line, done));
  }

  async #mail(line: Buffer): Promise<void> {
    if (this.hostNameAppearsAs === false) return this.send(503, 'Say EHLO first', '5.5.1');
    if (this.#transaction !== undefined) return this.send(503, 'A transaction is already open', '5.5.1');
    const certificate = this.#clientCertificate();
    const client: Omit<ClientFacts, 'account'> = {
      address: this.#address,
      secure: this.secure,
      ...(certificate === undefined ? {} : { certificate }),
    };
    const judged = await beginTransaction(this.#context, client, this.#login, line);
    if (!judged.ok) return this.#reply(judged.refusal, judged);
    this.#transaction = judged.value;
    this.#say(250, '2.1.0 Sender accepted');
  }

  async #rcpt(line: Buffer): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) return this.send(503, 'Say MAIL first', '5.5.1');
    const judged = addRecipient(this.#context, transaction, line);
    if (!judged.ok) return this.#reply(judged.refusal, judged);
    this.#say(250, '2.1.5 Recipient accepted');
  }

  async #dataCommand(line: Buffer): Promise<void> {
    const transaction = this.#transaction;
    const parser = this._parser;
    if (!(parser instanceof WireStream)) return;
    if (line.toString('latin1').trimEnd().length !== 4)
      return this.send(501, 'DATA takes no argument', '5.5.4');
    if (transaction === undefined) return this.send(503, 'Say MAIL first', '5.5.1');
    const context = this.#context;
    const who = { identity: transaction.identity.name, sender: transaction.sender };
    const refused = judgeData(context, transaction);
    if (refused !== undefined) return this.#reply(refused, who);
    const { config } = context.settings();
    const { reception, id } = beginReception(context, transaction, {
      hostname: this.name,
      address: this.#address,
      socket: this._socket,
      esmtp: this.openingCommand === 'EHLO',
    });
    // What is refused is read on to its end, but not without end.
    let left = config.max_message_size * 2 + 1024 * 1024;
    const sink: DataSink = {
      write: async (piece) => {
        if (this._closing || this._closed) return;
        left -= piece.length;
        if (left < 0) return this.#refuseAndClose(tooLarge(config.max_message_size), who);
        await reception.write(piece);
      },
      end: (data) => this.#dataEnd(reception, data, id, who),
    };
    const late = () => {
      void this.#record(refusal('limit', 421, '4.4.2', 'The message took too long'), who);
      this.#end('The message took too long', '4.4.2');
    };
    this.#incoming.begin(reception, { ms: config.data_timeout, late });
    parser.startData(sink, config.bare_newline);
    this.#say(354, 'End data with <CR><LF>.<CR><LF>');
  }

  async #dataEnd(reception: Reception, data: WireData, id: string, who: Who): Promise<void> {
    const stored = await this.#incoming.store(reception, data, id);
    if (stored === undefined) return;
    const { refused } = stored;
    this._resetSession();
    if (refused !== undefined) {
      await this.#reply(refused, who);
    } else {
      this.#errors = 0;
      this.#idleCommands = 0;
      this.#say(250, `2.0.0 Ok: queued as ${id}`);
    }
    // Only now: a relay that stops while the refusal is recorded must not say 421 in its place.
    this.#incoming.answered();
    this.endIfIdle();
  }

  #clientCertificate(): ClientCertificate | undefined {
    if (!this.secure || !(this._socket instanceof TLSSocket)) return undefined;
    this.#certificate ??= { verified: clientCertificate(this._socket) };
    return this.#certificate.verified;
  }

  async #badLine(kind: BadLine, verb: string): Promise<void> {
    if (this._upgrading || this._closing || this._closed) return;
    const isLongLogin = kind === 'too-long' && (verb === 'AUTH' || this._nextHandler !== false);
    const why = isLongLogin ? LOGIN_TOO_LONG : refusal('helo', 500, '5.5.2', BAD_LINE[kind]);
    this._nextHandler = false;
    if (kind === 'too-long' || ++this.#badLines >= MAX_BAD_LINES) return this.#refuseAndClose(why);
    return this.#reply(why);
  }

  async #reply(why: Refusal, who: Who = {}): Promise<void> {
    await this.#record(why, who);
    this.send(why.code, why.text, why.status);
    if (why.close === true) this.close();
  }

  async #refuseAndClose(why: Refusal, who: Who = {}): Promise<void> {
    await this.#reply({ ...why, close: true }, who);
  }

  #record(why: Refusal, who: Who = {}): Promise<void> {
    return this.#context.recordRefusal(
      {
        listener: this.#context.name,
        clientAddress: addressText(this.#address),
        ...(who.identity === undefined ? {} : { identity: who.identity }),
        ...(who.sender === undefined ? {} : { sender: who.sender }),
        ...(who.recipient === undefined ? {} : { recipient: who.recipient }),
      },
      why,
    );
  }
}

/** Runs a handler of smtp-server, which calls back when the next command may be read. */
function within(handler: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => handler(resolve));
}
