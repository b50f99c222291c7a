import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WAITS_FOR_AN_HOUR, withFaultPoints } from '../faults/points/names.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { beginData, loggedInDialog, openDialog } from '../support/smtp-dialog.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * SIGTERM: what was begun is finished, nothing new is begun, and nothing that was accepted is lost or sent twice.
 */

const HEADER = 'From: ward3@clinic.example\r\nSubject: drain\r\n\r\n';

let home: RelayHome;
let sink: Sink | undefined;
let port: number;

beforeEach(async () => {
  port = await freePort();
  home = await relayHome({
    delivery: {
      routes: [{ name: 'sink', domains: ['*'], host: '127.0.0.1', port, kind: 'recipient-server' }],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
});

afterEach(async () => {
  await home?.remove();
  await sink?.close();
  sink = undefined;
});

describe('SIGTERM in the middle of a message', () => {
  it('lets it come to its 250, takes no other, ends with status 0, and delivers it after the next start', async () => {
    const first = await startPatiently();
    const writing = await loggedInDialog(first);
    const idle = await loggedInDialog(first);
    const begun = await loggedInDialog(first);
    await beginData(writing, ['one@shop.example']);
    writing.write(`${HEADER}The first half,\r\n`);
    expect(await begun.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^250/);

    const ended = first.kill('SIGTERM');
    await first.until(/stopping/);
    // Who was idle is told so and cut; who had begun a transaction may finish it.
    expect(await idle.reply()).toMatch(/^421 4\.3\.2/);
    await idle.closed();
    expect(await isRefused(first.port('submission'))).toBe(true);
    expect(await isRefused(first.port('submissions'))).toBe(true);
    const health = await fetch(`http://127.0.0.1:${first.adminPort}/healthz`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ ok: false, state: 'draining' });

    expect(await begun.say('RCPT TO:<two@shop.example>')).toMatch(/^250/);
    expect(await begun.say('DATA')).toMatch(/^354/);
    const second = idOf(await begun.say(`${HEADER}Begun before the signal.\r\n.`));
    expect(await begun.reply()).toMatch(/^421 4\.3\.2/);
    const id = idOf(await writing.say('and the second.\r\n.'));
    expect(await writing.reply()).toMatch(/^421 4\.3\.2/);
    await writing.closed();
    await expect(ended).resolves.toBe(0);

    sink = await startSink({ port });
    await startPatiently();
    await untilState(home, id, 'one@shop.example', 'delivered');
    await untilState(home, second, 'two@shop.example', 'delivered');
    const texts = sink.messages.map((one) => one.text);
    expect(texts).toHaveLength(2);
    expect(texts.find((text) => text.includes(id))).toContain('The first half,\r\nand the second.\r\n');
    const stopped = await home.run(['audit', 'search', '--type', 'relay.stopped', '--json']);
    expect(JSON.parse(stopped.stdout)).toMatchObject([{ data: { reason: 'SIGTERM' } }]);
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });

  it('a client that goes away instead leaves nothing behind, and the relay ends at once', async () => {
    const relay = await startPatiently();
    const writing = await loggedInDialog(relay);
    await beginData(writing, ['one@shop.example']);
    writing.write(`${HEADER}The first half,\r\n`);
    const ended = relay.kill('SIGTERM');
    await relay.until(/stopping/);
    writing.end();
    await expect(ended).resolves.toBe(0);
    expect((await home.run(['queue', 'list', '--json'])).stdout).toBe('[]\n');
  });
});

describe('SIGTERM while mail waits for its next attempt', () => {
  it('begins none of them, however long a client takes to hand over its message', async () => {
    const first = await startPatiently();
    const waiting = await submit(first, { to: ['one@shop.example'] });
    await untilState(home, waiting, 'one@shop.example', 'pending');
    const writing = await loggedInDialog(first);
    await beginData(writing, ['two@shop.example']);
    writing.write(`${HEADER}The first half,\r\n`);
    // None is under way in that moment: one that had begun would be finished.
    const failed = first.output().match(/"outcome":"deferred"/g)?.length ?? 0;
    await first.until(new RegExp(`(?:"outcome":"deferred"[^]*){${failed + 1}}`));
    const ended = first.kill('SIGTERM');
    await first.until(/stopping/);
    sink = await startSink({ port });
    // Some times as long as an attempt is put off.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const second = idOf(await writing.say('and the second.\r\n.'));
    await expect(ended).resolves.toBe(0);
    expect(sink.messages).toEqual([]);
    await startPatiently();
    await untilState(home, waiting, 'one@shop.example', 'delivered');
    await untilState(home, second, 'two@shop.example', 'delivered');
  });
});

describe('SIGTERM while a delivery is in flight', () => {
  it('waits for its answer and records it: the message arrives once', async () => {
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let reached: () => void = () => undefined;
    const inFlight = new Promise<void>((resolve) => {
      reached = resolve;
    });
    sink = await startSink({
      port,
      beforeAnswer: () => {
        reached();
        return gate;
      },
    });
    const first = await startPatiently();
    const id = await submit(first, { to: ['one@shop.example'], text: 'Only once.' });
    await inFlight;
    const ended = first.kill('SIGTERM');
    await first.until(/stopping/);
    // Only now does the recipients' server take the message.
    answer();
    await expect(ended).resolves.toBe(0);
    await untilState(home, id, 'one@shop.example', 'delivered');

    const second = await startPatiently();
    const other = await submit(second, { to: ['two@shop.example'] }, first.account);
    await untilState(home, other, 'two@shop.example', 'delivered');
    expect(sink.messages.filter((one) => one.text.includes('Only once.'))).toHaveLength(1);
    await expect(second.kill('SIGINT')).resolves.toBe(0);
  });

  it('what was accepted and not yet tried is delivered by the next start, each once', async () => {
    const first = await startPatiently();
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        submit(first, { to: [`r${i}@shop.example`], text: `Number ${i}.` }),
      ),
    );
    await expect(first.kill('SIGTERM')).resolves.toBe(0);
    sink = await startSink({ port });
    await startPatiently();
    for (const [i, id] of ids.entries()) await untilState(home, id, `r${i}@shop.example`, 'delivered');
    expect(sink.messages.flatMap((one) => one.recipients).sort()).toEqual(
      ids.map((_, i) => `r${i}@shop.example`).sort(),
    );
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

describe('SIGTERM with nothing to do', () => {
  it('ends at once although a client is connected and silent', async () => {
    const relay = await startPatiently();
    const dialog = await openDialog(relay.port('submission'));
    expect(await dialog.reply()).toMatch(/^220/);
    const ended = relay.kill('SIGTERM');
    expect(await dialog.reply()).toMatch(/^421 4\.3\.2/);
    await expect(ended).resolves.toBe(0);
  });
});

/** A relay that is left its time, so that what ends at once is seen not to have waited. */
function startPatiently(): Promise<RunningRelay> {
  return home.start(withFaultPoints(undefined, WAITS_FOR_AN_HOUR));
}

function idOf(reply: string): string {
  const id = /^250 2\.0\.0 .*queued as (\S+)/.exec(reply)?.[1];
  if (id === undefined) throw new Error(`not accepted: ${reply}`);
  return id;
}

async function isRefused(to: number): Promise<boolean> {
  const socket = connect(to, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
