import { connect, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';

/** How a client reaches a relay. */
export interface WireTarget {
  readonly port: number;
  /** Over STARTTLS, judged by this CA and name. */
  readonly tls?: { readonly ca: string; readonly name: string };
  readonly login?: { readonly name: string; readonly password: string };
}

/** One connection, ready for mail. */
export interface WireClient {
  /** Sends one message (lines end in CR LF); resolves at its 250. Gives when its last byte was written. */
  send(recipients: readonly string[], message: Buffer): Promise<{ readonly writtenAt: number }>;
  quit(): Promise<void>;
}

export const SENDER = 'ward@clinic.example';

const END = Buffer.from('.\r\n');

/** @throws when anything is answered but as it should be */
export async function openClient(target: WireTarget): Promise<WireClient> {
  let wire = dialogue(connect({ port: target.port, host: '127.0.0.1', noDelay: true }));
  await wire.expect(220);
  const hello = () => wire.ask('EHLO client.clinic.example', 250);
  await hello();
  if (target.tls !== undefined) {
    await wire.ask('STARTTLS', 220);
    const { ca, name } = target.tls;
    const { socket } = wire;
    socket.removeAllListeners('data');
    const session = sessions.get(target.port);
    const secured = connectTls({
      ...{ socket, secureContext: contextFor(ca), servername: name },
      ...(session === undefined ? {} : { session }),
    });
    secured.on('session', (given: Buffer) => sessions.set(target.port, given));
    wire = dialogue(secured);
    await new Promise<void>((done, fail) => secured.once('secureConnect', done).once('error', fail));
    await hello();
  }
  if (target.login !== undefined) {
    const { name, password } = target.login;
    await wire.ask(`AUTH PLAIN ${Buffer.from(`\0${name}\0${password}`).toString('base64')}`, 235);
  }
  return {
    async send(recipients, message) {
      await wire.ask(`MAIL FROM:<${SENDER}>`, 250);
      for (const one of recipients) await wire.ask(`RCPT TO:<${one}>`, 250);
      await wire.ask('DATA', 354);
      const { socket } = wire;
      const taken = wire.expect(250);
      socket.cork();
      socket.write(message);
      socket.write(END);
      socket.uncork();
      const writtenAt = performance.now();
      await taken;
      return { writtenAt };
    },
    async quit() {
      await wire.ask('QUIT', 221);
      wire.socket.destroy();
    },
  };
}

/** Carries so many messages over so many connections; resolves when all are accepted. */
export async function sendLoad(
  target: WireTarget,
  load: {
    readonly connections: number;
    readonly messages: number;
    readonly fresh: boolean;
    readonly recipients: readonly string[];
    readonly message: Buffer;
  },
): Promise<void> {
  let left = load.messages;
  const one = async () => {
    let client: WireClient | undefined;
    while (left-- > 0) {
      client ??= await openClient(target);
      await client.send(load.recipients, load.message);
      if (!load.fresh) continue;
      await client.quit();
      client = undefined;
    }
    await client?.quit();
  };
  await Promise.all(Array.from({ length: load.connections }, one));
}

/** The last TLS session of each server, to be taken up again as mail programs do; a server need not offer that. */
const sessions = new Map<number, Buffer>();

let known: { readonly ca: string; readonly context: SecureContext } | undefined;

/** Kept, as a mail program keeps its own: to make one costs more than a handshake. */
function contextFor(ca: string): SecureContext {
  if (known?.ca !== ca) known = { ca, context: createSecureContext({ ca }) };
  return known.context;
}

const LF = 0x0a;
const DASH = 0x2d;

function dialogue(socket: Socket) {
  let came: Buffer | undefined;
  let failure: Error | undefined;
  let waiting: (() => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    came = came === undefined ? chunk : Buffer.concat([came, chunk]);
    waiting?.();
  });
  const fail = (error: Error) => {
    failure ??= error;
    waiting?.();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the relay closed the connection')));
  /** The next reply whole, with all its lines. */
  const reply = (): Buffer | undefined => {
    if (came === undefined) return undefined;
    for (let line = 0; line < came.length; ) {
      const end = came.indexOf(LF, line) + 1;
      if (end === 0) return undefined;
      if (came[line + 3] !== DASH) {
        const whole = came.subarray(0, end);
        came = end === came.length ? undefined : came.subarray(end);
        return whole;
      }
      line = end;
    }
    return undefined;
  };
  const expect = (code: number): Promise<void> =>
    new Promise((done, refuse) => {
      const look = () => {
        const said = reply();
        if (said === undefined && failure === undefined) return;
        waiting = undefined;
        if (said !== undefined && Number(said.toString('latin1', 0, 3)) === code) done();
        else refuse(new Error(`instead of ${code}: ${said?.toString('latin1').trim() ?? failure?.message}`));
      };
      waiting = look;
      look();
    });
  const ask = (line: string, code: number): Promise<void> => {
    const answered = expect(code);
    socket.write(`${line}\r\n`, 'latin1');
    return answered;
  };
  return { socket, expect, ask };
}
