import { once } from 'node:events';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askRelay, controlSocketPath, listenForActs } from '../../../src/ops/control-socket.js';
import { CodeNeeded } from '../../../src/ops/operators/credentials.js';
import { UserError } from '../../../src/shared/errors.js';

const folder = () => mkdtempSync(join(tmpdir(), 'sallyport-control-'));

describe('control socket', () => {
  it('carries a command and its answer, and is the owner’s alone', async () => {
    const dir = folder();
    const server = await listenForActs(dir, async (act, input) => ({ act, input: JSON.stringify(input) }));
    expect(statSync(controlSocketPath(dir)).mode & 0o777).toBe(0o600);
    await expect(askRelay(dir, 'queue retry', { id: 'x' })).resolves.toEqual({
      act: 'queue retry',
      input: '{"id":"x"}',
    });
    await server.close();
  });

  it('tells a refusal with its exit status', async () => {
    const dir = folder();
    const server = await listenForActs(dir, async () => {
      throw new UserError('no message has the ID x', { exitStatus: 2 });
    });
    await expect(askRelay(dir, 'queue retry', {})).rejects.toMatchObject({
      message: 'no message has the ID x',
      exitStatus: 2,
    });
    await server.close();
  });

  it('says that a command is too large, and what answer it can’t read', async () => {
    const dir = folder();
    const server = await listenForActs(dir, async () => null);
    await expect(askRelay(dir, 'keys import', { data: 'x'.repeat(5 * 1024 * 1024) })).rejects.toMatchObject({
      exitStatus: 2,
      message: expect.stringContaining('larger than the relay takes'),
    });
    await server.close();
    const other = createServer((socket) => void socket.resume().end('{"ok":"maybe"}\n'));
    other.listen(controlSocketPath(dir));
    await once(other, 'listening');
    await expect(askRelay(dir, 'x', {})).rejects.toThrow('something that this command does not know');
    await new Promise((closed) => other.close(closed));
  });

  it('hangs up on a line that is too long, and goes on', async () => {
    const dir = folder();
    const server = await listenForActs(dir, async () => 'done');
    const endless = connect({ path: controlSocketPath(dir) });
    endless.on('error', () => undefined);
    endless.write('x'.repeat(5 * 1024 * 1024));
    await new Promise((closed) => endless.once('close', closed));
    await expect(askRelay(dir, 'x', {})).resolves.toBe('done');
    await server.close();
  });

  it('says that there is no answer where the relay ends meanwhile', async () => {
    const dir = folder();
    const dying = createServer((socket) => {
      // Some of the command is unread by then: whoever sent it gets a reset.
      socket.once('data', () => socket.destroy());
    });
    dying.listen(controlSocketPath(dir));
    await once(dying, 'listening');
    await expect(askRelay(dir, 'x', { data: 'x'.repeat(1024 * 1024) })).rejects.toThrow(
      'closed the connection without an answer',
    );
    await new Promise((closed) => dying.close(closed));
  });

  it('carries who asks, and that a code is needed', async () => {
    const dir = folder();
    const server = await listenForActs(dir, async (_act, _input, credentials) => {
      if (credentials?.code === undefined) throw new CodeNeeded('a code is needed');
      return credentials.operator;
    });
    const rita = { operator: 'rita', token: 'made-up' };
    await expect(askRelay(dir, 'x', {}, rita)).rejects.toBeInstanceOf(CodeNeeded);
    await expect(askRelay(dir, 'x', {}, { ...rita, code: '123456' })).resolves.toBe('rita');
    await expect(askRelay(dir, 'x', {})).rejects.toThrow('a code is needed');
    await server.close();
  });

  it('says that no relay runs where there is no socket, or one that a dead relay left', async () => {
    const dir = folder();
    await expect(askRelay(dir, 'x', {})).resolves.toBeUndefined();
    writeFileSync(controlSocketPath(dir), '');
    await expect(askRelay(dir, 'x', {})).resolves.toBeUndefined();
  });

  it('closes although somebody holds a connection and says nothing, or has an answer and does not hang up', async () => {
    const dir = folder();
    const server = await listenForActs(dir, async () => 'done');
    const silent = connect({ path: controlSocketPath(dir), allowHalfOpen: true });
    const lingering = connect({ path: controlSocketPath(dir), allowHalfOpen: true });
    await Promise.all([once(silent, 'connect'), once(lingering, 'connect')]);
    lingering.write('{"act":"x","input":{}}\n');
    await once(lingering, 'data');
    await server.close();
    silent.destroy();
    lingering.destroy();
  });

  it('finishes and answers what was begun before it closes', async () => {
    const dir = folder();
    let finish: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const working = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const server = await listenForActs(dir, async () => {
      begun();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return 'released';
    });
    const asked = askRelay(dir, 'held release', {});
    await working;
    let closed = false;
    const closing = server.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    finish();
    await expect(asked).resolves.toBe('released');
    await closing;
  });

  it.each([
    ['not JSON\n', 'the command is no JSON'],
    ['{"act":1}\n', 'act: must be text'],
    ['{"act":"x","input":{},"more":1}\n', 'unknown key `more`'],
    [
      `{"act":"x","input":{},"credentials":{"operator":"rita","token":"${'t'.repeat(2000)}"}}\n`,
      'credentials, token: must have at most 1024 characters',
    ],
    ['\n', 'the command is no JSON'],
  ])('answers %j in words and as wrong usage, and keeps running', async (line, words) => {
    const dir = folder();
    const server = await listenForActs(dir, async () => null);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect({ path: controlSocketPath(dir), allowHalfOpen: true });
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text));
      socket.end(line);
    });
    const told: unknown = JSON.parse(answer);
    expect(told).toEqual({ ok: false, exitStatus: 2, error: expect.stringContaining(words) });
    expect(answer).not.toContain('\\n');
    await expect(askRelay(dir, 'x', {})).resolves.toBeNull();
    await server.close();
  });
});
