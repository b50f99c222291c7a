import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Clients that take connections and send nothing, or next to nothing. */
export interface Crowd {
  /** Those still connected. */
  open(): number;
  /** The last line that the relay said to each, in the order in which they came. */
  lastLines(): readonly string[];
  leave(): void;
}

/** Opens connections from addresses in 127.1.0.0/16, a hundred from each; resolves when all are greeted. */
export async function idleCrowd(port: number, count: number): Promise<Crowd> {
  return crowd(port, count, 1, () => undefined);
}

/**
 * The same, but each goes on sending byte by byte, so that it never falls silent: half of them in the middle of a message,
 * half in the middle of a command.
 * @param everyMs how often each sends a byte
 */
export async function drippingCrowd(port: number, count: number, everyMs: number): Promise<Crowd> {
  return crowd(port, count, 2, (socket, i) => {
    const drip = () => {
      const timer = setInterval(() => socket.write('N'), everyMs);
      socket.on('close', () => clearInterval(timer));
    };
    if (i % 2 === 1) return drip();
    const envelope = 'MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<slow@shop.example>\r\nDATA\r\n';
    socket.write('EHLO slow.example\r\n');
    socket.once('data', () => socket.write(envelope));
    socket.on('data', (chunk: Buffer) => {
      if (chunk.includes('354 ')) drip();
    });
  });
}

async function crowd(
  port: number,
  count: number,
  net: number,
  begin: (socket: Socket, i: number) => void,
): Promise<Crowd> {
  const sockets: Socket[] = [];
  const lines: string[] = [];
  const leave = () => {
    for (const socket of sockets) socket.destroy();
  };
  try {
    // As many at a time as the relay's queue of connections takes without losing any.
    for (let from = 0; from < count; from += 50) {
      const group = Array.from({ length: Math.min(50, count - from) }, (_, k) => from + k);
      await Promise.all(
        group.map(async (i) => {
          const client = Math.floor(i / 100);
          const localAddress = `127.${net}.${client >> 8}.${client & 255}`;
          const socket = connect({ port, host: '127.0.0.1', localAddress });
          sockets.push(socket);
          socket.on('error', () => socket.destroy());
          socket.on('data', (chunk: Buffer) => {
            lines[i] = chunk.toString('latin1').trimEnd().split('\r\n').at(-1) ?? '';
          });
          await once(socket, 'data');
          begin(socket, i);
        }),
      );
    }
  } catch (error) {
    leave();
    throw error;
  }
  return { open: () => sockets.filter((one) => !one.destroyed).length, lastLines: () => lines, leave };
}
