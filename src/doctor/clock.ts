import { createSocket } from 'node:dgram';
import { type DoctorContext, type Finding, ok, problem, warning } from './finding.js';

/** Seconds between 1900, where NTP counts from, and 1970. */
const NTP_EPOCH_S = 2_208_988_800;
const WARN_MS = 2_000;
const BAD_MS = 30_000;
const FIX = 'let the system keep its clock by NTP: systemctl enable --now systemd-timesyncd (or chrony)';

/**
 * Compares this machine's clock with a time server (SNTP, RFC 4330). A wrong clock spoils certificates, one-time codes,
 * expiry times and the audit log.
 * @param server where to ask
 */
export async function checkClock(
  { now, timeout }: Pick<DoctorContext, 'now' | 'timeout'>,
  server: { readonly host: string; readonly port: number },
): Promise<readonly Finding[]> {
  const offset = await offsetTo(server, now, timeout);
  if (offset === undefined)
    return [
      warning(
        'clock',
        `the time server ${server.host} did not answer, so nobody knows whether the clock is right`,
        'name one that does with --time-server, and let UDP port 123 out',
      ),
    ];
  const seen = `the clock is ${(Math.abs(offset) / 1000).toFixed(1)} s ${offset > 0 ? 'behind' : 'ahead of'} ${server.host}`;
  if (Math.abs(offset) >= BAD_MS) return [problem('clock', seen, FIX)];
  if (Math.abs(offset) >= WARN_MS) return [warning('clock', seen, FIX)];
  return [ok('clock', `the clock agrees with ${server.host}`)];
}

/** Milliseconds to add to our clock to get the server's; undefined where nothing of use came. */
function offsetTo(
  { host, port }: { readonly host: string; readonly port: number },
  now: () => number,
  timeout: number,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const sent = now();
    let ended = false;
    const end = (offset: number | undefined) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(offset);
    };
    const timer = setTimeout(() => end(undefined), timeout);
    socket.once('error', () => end(undefined));
    socket.on('message', (answer) => {
      const received = now();
      // Version 3 or 4, mode 4 (server), a stratum that means a clock.
      if (answer.length < 48 || ((answer[0] ?? 0) & 7) !== 4 || answer[1] === 0 || (answer[1] ?? 16) > 15)
        return;
      const theirs = ((timeAt(answer, 32) + timeAt(answer, 40)) / 2) * 1000;
      end(theirs - (sent + received) / 2);
    });
    const question = Buffer.alloc(48);
    question[0] = 0x23;
    socket.send(question, port, host, (error) => {
      if (error !== null) end(undefined);
    });
  });
}

/** Seconds since 1970. */
function timeAt(answer: Buffer, at: number): number {
  return answer.readUInt32BE(at) - NTP_EPOCH_S + answer.readUInt32BE(at + 4) / 2 ** 32;
}
