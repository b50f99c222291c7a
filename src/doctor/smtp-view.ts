import { connect, type Socket } from 'node:net';
import { createReplyReader, type SmtpReply } from '../deliver/smtp-reply.js';
import type { DoctorContext } from './finding.js';
import { type TlsView, tlsView } from './tls-view.js';

/** What a server says to somebody who connects to one of its listeners. */
export interface SmtpView {
  /** First word of the greeting: the server's name. */
  readonly greeting: string;
  readonly startTls: boolean;
  readonly tls?: TlsView;
}

interface Target {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly implicitTls: boolean;
}

/**
 * Greets a listener as a client does and looks at its TLS; sends no mail.
 * @throws Error when nothing answers, or something that is no mail server
 */
export async function smtpView(
  context: Pick<DoctorContext, 'timeout' | 'trusted'>,
  target: Target,
): Promise<SmtpView> {
  if (target.implicitTls) {
    // Looked at by itself: whatever speaks behind it was asked over TLS.
    const tls = await tlsView(context, target);
    return { greeting: '', startTls: true, tls };
  }
  const socket = await dial(target, context.timeout);
  try {
    const read = replies(socket, context.timeout);
    const greeting = (await read()).lines[0]?.split(' ')[0] ?? '';
    socket.write('EHLO doctor.invalid\r\n');
    const hello = await read();
    const startTls = hello.lines.some((line) => /^STARTTLS$/i.test(line.trim()));
    if (!startTls) {
      socket.write('QUIT\r\n');
      return { greeting, startTls };
    }
    socket.write('STARTTLS\r\n');
    const ready = await read();
    if (ready.code !== 220) return { greeting, startTls: false };
    socket.removeAllListeners('data');
    return { greeting, startTls, tls: await tlsView(context, target, socket) };
  } finally {
    socket.destroy();
  }
}

/** Where something bound to an address can be reached from this machine. */
export function boundAddress(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** @throws Error of the network */
export function dial({ address, port }: Pick<Target, 'address' | 'port'>, timeout: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const timer = setTimeout(() => socket.destroy(new Error('nothing answered in time')), timeout);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Gives one reply after the other; fails when it takes too long, the connection ends or it isn't SMTP. */
function replies(socket: Socket, timeout: number): () => Promise<SmtpReply> {
  const reader = createReplyReader();
  const ready: SmtpReply[] = [];
  let failed: Error | undefined;
  let wake: () => void = () => undefined;
  const fail = (error: Error) => {
    failed ??= error;
    wake();
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      ready.push(...reader.push(chunk));
    } catch {
      fail(new Error('what answers does not speak SMTP'));
    }
    wake();
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  return async () => {
    const timer = setTimeout(() => fail(new Error('nothing was said in time')), timeout);
    try {
      for (;;) {
        const reply = ready.shift();
        if (reply !== undefined) return reply;
        if (failed !== undefined) throw failed;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  };
}
