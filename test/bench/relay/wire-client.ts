import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

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

/** @throws when anything is answered but as it should be */
export async function openClient(target: WireTarget): Promise<WireClient> {
  let wire = dialogue(connect({ port: target.port, host: '127.0.0.1', noDelay: true }));
  await wire.expect('220');
  const hello = () => wire.ask('EHLO client.clinic.example', '250');
  await hello();
  if (target.tls !== undefined) {
    await wire.ask('STARTTLS', '220');
    const { ca, name } = target.tls;
    const { socket } = wire;
    socket.removeAllListeners('data');
    const secured = connectTls({ socket, ca, servername: name });
    wire = dialogue(secured);
    await new Promise<void>((done, fail) => secured.once('secureConnect', done).once('error', fail));
    await hello();
  }
  if (target.login !== undefined) {
    const { name, password } = target.login;
    await wire.ask(`AUTH PLAIN ${Buffer.from(`\0${name}\0${password}`).toString('base64')}`, '235');
  }
  return {
    async send(recipients, message) {
      await wire.ask(`MAIL FROM:<${SENDER}>`, '250');
      for (const one of recipients) await wire.ask(`RCPT TO:<${one}>`, '250');
      await wire.ask('DATA', '354');
      wire.socket.write(message);
      const writtenAt = performance.now();
      await wire.ask('.', '250');
      return { writtenAt };
    },
    async quit() {
      await wire.ask('QUIT', '221');
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

function dialogue(socket: Socket) {
  let text = '';
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake?.();
  });
  const fail = (error: Error) => {
    failure ??= error;
    wake?.();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the relay closed the connection')));
  const reply = (): string | undefined => {
    const end = /^\d{3}(?: .*)?\r\n/m.exec(text);
    if (end === null) return undefined;
    const whole = text.slice(0, end.index + end[0].length);
    text = text.slice(whole.length);
    return whole;
  };
  const expect = (code: string): Promise<void> =>
    new Promise((done, refuse) => {
      const look = () => {
        const said = reply();
        if (said === undefined && failure === undefined) return;
        wake = undefined;
        if (said?.startsWith(code) === true) done();
        else refuse(new Error(`instead of ${code}: ${said?.trim() ?? failure?.message}`));
      };
      wake = look;
      look();
    });
  const ask = (line: string, code: string): Promise<void> => {
    const answered = expect(code);
    socket.write(`${line}\r\n`);
    return answered;
  };
  return { socket, expect, ask };
}
