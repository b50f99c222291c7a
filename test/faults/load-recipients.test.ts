import { expect, it } from 'vitest';
import { LAB_RESULT } from '../support/submit.js';
import { LOAD_TIMEOUT, many } from './harness/load.js';
import { GONE } from './harness/mail.js';
import { makeWorld } from './harness/world.js';
import { judgeRun } from './oracle/judge.js';

/*
 * One message for a thousand recipients: by TLS, to a server without it (a thousandth of them in the portal), and to people
 * who are gone. Each reaches an end of its own.
 */

/** No listener takes more than 10,000. */
const RECIPIENTS = Math.min(10_000, many(1000));

it(`a message for ${RECIPIENTS} recipients: each has a decision and an end, once`, {
  timeout: LOAD_TIMEOUT,
}, async () => {
  const world = await makeWorld({ name: 'many', listener: { max_recipients: RECIPIENTS } });
  try {
    const relay = await world.start();
    const domainOf = (i: number) =>
      i % 10 === 0 ? GONE : i % 100 === 1 ? 'oldhost.example' : 'hospital.example';
    const recipients = Array.from({ length: RECIPIENTS }, (_, i) => `r${i}@${domainOf(i)}`);
    const messageId = '<many@client.example>';
    world.put({
      sender: 'ward3@clinic.example',
      recipients,
      messageId,
      content:
        `From: ward3@clinic.example\r\nSubject: Zqcanary, result\r\nMessage-ID: ${messageId}\r\n\r\n` +
        `Patient: Zqcanary, Jane\r\n${LAB_RESULT.replaceAll('\n', '\r\n')}`,
    });
    // Mail of others meanwhile.
    world.write(14);
    await world.send(relay, 2);
    await world.settle();
    await expect(relay.kill('SIGTERM')).resolves.toBe(0);
    await world.ended('stopped');
    const run = world.run();
    expect(judgeRun(run)).toEqual([]);
    expect(run.accepted).toHaveLength(15);

    const ofIt = run.copies.filter((one) => one.mail.includes('ward3@') && one.content.includes(messageId));
    const taken = ofIt.flatMap((one) => one.rcpts).map((line) => /<(.*)>/.exec(line)?.[1]);
    const byTls = recipients.filter((one) => one.endsWith('@hospital.example'));
    expect([...taken].sort()).toEqual([...byTls].sort());
    expect(ofIt.every((one) => one.tls !== undefined)).toBe(true);
    // They share transactions.
    expect(ofIt.length).toBeLessThan(RECIPIENTS / 10);
  } finally {
    await world.close();
  }
});
