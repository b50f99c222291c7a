import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { checkClock } from '../../../src/doctor/clock.js';

/** A time server that is so many seconds ahead of our clock. */
async function timeServer(ahead: number, answer: (reply: Buffer) => Buffer = (reply) => reply) {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const reply = Buffer.alloc(48);
    reply[0] = 0x24;
    reply[1] = 2;
    question.copy(reply, 24, 40, 48);
    const seconds = NOW / 1000 + 2_208_988_800 + ahead;
    for (const at of [32, 40]) {
      reply.writeUInt32BE(Math.floor(seconds), at);
      reply.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
    }
    socket.send(answer(reply), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: socket.address().port, close: () => socket.close() };
}

const NOW = Date.UTC(2026, 10, 3, 12);
const context = { now: () => NOW, timeout: 2000 };

describe('the clock', () => {
  it.each([
    [0, 'ok', /agrees/],
    [0.4, 'ok', /agrees/],
    [5, 'warning', /5\.0 s behind/],
    [-5, 'warning', /5\.0 s ahead of/],
    [3600, 'problem', /3600\.0 s behind/],
  ])('%s s off is %s', async (ahead, level, what) => {
    const server = await timeServer(ahead);
    const [finding] = await checkClock(context, server);
    server.close();
    expect(finding).toMatchObject({ level });
    expect(finding?.what).toMatch(what);
  });

  it.each<[string, (reply: Buffer) => Buffer]>([
    ['is cut short', (reply) => reply.subarray(0, 20)],
    [
      'says that its clock is wrong',
      (reply) => Buffer.concat([reply.subarray(0, 1), Buffer.from([0]), reply.subarray(2)]),
    ],
    ['is a question', (reply) => Buffer.concat([Buffer.from([0x23]), reply.subarray(1)])],
  ])('is not judged by an answer that %s', async (_, answer) => {
    const server = await timeServer(0, answer);
    const [finding] = await checkClock(context, server);
    server.close();
    expect(finding).toMatchObject({ level: 'warning', what: expect.stringMatching(/did not answer/) });
  });
});
