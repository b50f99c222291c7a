import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RunningRelay } from './relay-process.js';

/** An SMTP client that speaks by hand: every byte is the test's, every reply is seen as it came. */
export interface SmtpDialog {
  /** The next whole reply, its lines joined by `\n`; `''` when the connection ended. */
  reply(): Promise<string>;
  write(bytes: string | Buffer): void;
  /** Sends bytes in a packet of their own, as far as that can be had; resolves when they are on their way. */
  writeAlone(bytes: string | Buffer): Promise<void>;
  /** Sends a line with CRLF and gives the reply. */
  say(line: string | Buffer): Promise<string>;
  /** The handshake, after the 220 to STARTTLS was read. */
  handshake(): Promise<void>;
  /** Resolves when the connection ended. */
  closed(): Promise<void>;
  end(): void;
}

/** Connects, from an address on loopback; the greeting is the first reply. */
export async function openDialog(port: number, from = '127.0.0.1'): Promise<SmtpDialog> {
  let lines: string[] = [];
  let partial = '';
  let ended = false;
  let wake: () => void = () => undefined;
  const changed = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const listen = (to: Socket) => {
    to.on('data', (chunk: Buffer) => {
      const parts = (partial + chunk.toString('latin1')).split('\r\n');
      partial = parts.pop() ?? '';
      lines.push(...parts);
      wake();
    });
    to.on('error', () => undefined);
    to.on('close', () => {
      ended = true;
      wake();
    });
  };
  let socket: Socket = connect({ port, host: '127.0.0.1', localAddress: from });
  listen(socket);
  const dialog: SmtpDialog = {
    async reply() {
      for (;;) {
        const last = lines.findIndex((line) => /^\d{3}(?: |$)/.test(line));
        if (last >= 0) {
          const reply = lines.slice(0, last + 1).join('\n');
          lines = lines.slice(last + 1);
          return reply;
        }
        if (ended) return '';
        await changed();
      }
    },
    write: (bytes) => {
      socket.write(bytes);
    },
    async writeAlone(bytes) {
      socket.setNoDelay(true);
      await new Promise<void>((resolve) => socket.write(bytes, () => setImmediate(resolve)));
    },
    say(line) {
      dialog.write(Buffer.concat([Buffer.from(line), Buffer.from('\r\n')]));
      return dialog.reply();
    },
    async handshake() {
      socket.removeAllListeners('data');
      socket.removeAllListeners('close');
      const secure = connectTls({ socket, rejectUnauthorized: false });
      socket = secure;
      listen(secure);
      await once(secure, 'secureConnect');
    },
    async closed() {
      while (!ended) await changed();
    },
    end: () => {
      socket.destroy();
    },
  };
  return dialog;
}

/** Connects, reads the greeting and takes TLS, as a mail client does before it logs in. */
export async function secureDialog(relay: RunningRelay, listener = 'submission'): Promise<SmtpDialog> {
  const dialog = await openDialog(relay.port(listener));
  await expectReply(dialog.reply(), 220);
  await expectReply(dialog.say('EHLO client.example'), 250);
  await expectReply(dialog.say('STARTTLS'), 220);
  await dialog.handshake();
  await expectReply(dialog.say('EHLO client.example'), 250);
  return dialog;
}

/** A dialog that is logged in and may begin a transaction. */
export async function loggedInDialog(relay: RunningRelay, account = relay.account): Promise<SmtpDialog> {
  if (account === undefined) throw new Error('the relay printed no account');
  const dialog = await secureDialog(relay);
  await expectReply(dialog.say(authPlain(account.name, account.password)), 235);
  return dialog;
}

export function authPlain(name: string, password: string): string {
  return `AUTH PLAIN ${Buffer.from(`\0${name}\0${password}`).toString('base64')}`;
}

/** MAIL, RCPT and DATA, each of which must succeed; then the client may send its message. */
export async function beginData(
  dialog: SmtpDialog,
  recipients: readonly string[],
  sender = 'ward3@clinic.example',
): Promise<void> {
  await expectReply(dialog.say(`MAIL FROM:<${sender}>`), 250);
  for (const recipient of recipients) await expectReply(dialog.say(`RCPT TO:<${recipient}>`), 250);
  await expectReply(dialog.say('DATA'), 354);
}

async function expectReply(reply: Promise<string>, code: number): Promise<void> {
  const text = await reply;
  if (!text.startsWith(String(code))) throw new Error(`wanted ${code}, but the relay said: ${text}`);
}
