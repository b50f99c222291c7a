import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOOP_FIELD, loopToken, readLoopToken } from '../../../src/shared/loop-token.js';
import {
  dialPlain,
  EHR,
  HEADER,
  LOOP_KEY,
  loadedOf,
  OPEN_LISTENER,
  startWorld,
  submit,
  type World,
} from './harness.js';

const ID = '01jcr3qz8abcdefghjkmnp';
const OTHER = Buffer.alloc(32, 8);

describe('a loop token', () => {
  it('names the message that it was made for, also when it was folded on the way', () => {
    const token = loopToken(LOOP_KEY, ID);
    expect(readLoopToken(LOOP_KEY, token)).toBe(ID);
    expect(readLoopToken(LOOP_KEY, `${token.slice(0, 30)}\r\n\t${token.slice(30)} `)).toBe(ID);
    expect(token).toMatch(/^[\x21-\x7e]{1,70}$/);
  });

  it.each([
    ['of another relay', loopToken(OTHER, ID)],
    ['for another message', loopToken(LOOP_KEY, ID).replace(ID, ID.replace('0', '1'))],
    ['cut short', loopToken(LOOP_KEY, ID).slice(0, -1)],
    ['without its code', ID],
    ['with nothing', ''],
    ['with another alphabet', loopToken(LOOP_KEY, ID).replace(/\..*/, `.${'='.repeat(22)}`)],
    ['of great length', 'a'.repeat(100_000)],
  ])('%s is none', (_, value) => {
    expect(readLoopToken(LOOP_KEY, value)).toBeUndefined();
  });
});

describe('mail with our loop field', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(loadedOf({ listeners: [OPEN_LISTENER], identities: [EHR] }));
  });
  afterAll(() => world.close());
  beforeEach(() => {
    world.messages.length = 0;
    world.events.length = 0;
    world.logged.length = 0;
    world.sent.clear();
    world.sent.set(ID, ['Someone@lab.example', 'other@lab.example', 'bounced@lab.example']);
    world.now += 3_600_000;
  });

  const send = async (header: string, rcpt: readonly string[] = ['<someone@lab.example>']) => {
    const client = await dialPlain(world.port);
    try {
      return await submit(client, `${header}${HEADER}\r\nx`, { rcpt });
    } finally {
      client.end();
    }
  };
  const ours = (id = ID, key = LOOP_KEY) => `${LOOP_FIELD}: ${loopToken(key, id)}\r\n`;

  it('is refused when it comes back for a recipient that it was sent to, and the refusal names the cause', async () => {
    expect(await send(ours())).toMatch(/^554 5\.4\.6 .*connector or a forwarding rule/);
    expect(
      await send(
        `Received: by x\r\n${ours().toLowerCase().replace(/:.*/s, ours().slice(LOOP_FIELD.length))}`,
      ),
    ).toMatch(/^554 5\.4\.6/);
    expect(await send(ours(), ['<new@lab.example>', '<OTHER@lab.example>'])).toMatch(/^554 5\.4\.6/);
    expect(world.messages).toHaveLength(0);
    expect(world.eventsOf('session.refused')[0]).toMatchObject({
      stage: 'body',
      status: '5.4.6',
      identity: 'ehr',
    });
    expect(world.logged.join('')).toContain(ID);
  });

  it('passes when somebody redirects it to another recipient', async () => {
    expect(await send(ours(), ['<new@lab.example>'])).toMatch(/^250/);
  });

  it('passes to a recipient whom it never reached', async () => {
    expect(await send(ours(), ['<bounced@lab.example>'])).toMatch(/^250/);
  });

  it('passes when the field is of another relay, made up, or of a message that nobody knows', async () => {
    for (const header of [ours(ID, OTHER), `${LOOP_FIELD}: ${ID}\r\n`, ours('01jcr3qz8000000000000a')])
      expect(await send(header)).toMatch(/^250/);
  });

  it('gives nobody a right', async () => {
    const client = await dialPlain(world.port);
    expect(await submit(client, `${ours()}From: eve@lab.example\r\n\r\nx`)).toMatch(/^55[04] 5\.[47]\./);
    expect(
      await submit(client, `${ours()}From: eve@lab.example\r\n\r\nx`, { rcpt: ['<n@lab.example>'] }),
    ).toMatch(/^554|^550 5\.7\.1/);
    client.end();
  });

  it('is refused when it passes for the tenth time, whoever it is for', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => ours(`01jcr3qz8abcdefghjkm${i}0`));
    expect(await send(ids.slice(1).join(''), ['<new@lab.example>'])).toMatch(/^250/);
    expect(await send(ids.join(''), ['<new@lab.example>'])).toMatch(/^554 5\.4\.6 .*too often/);
  });

  it('is not looked at without end', async () => {
    expect(await send(`${LOOP_FIELD}: made-up\r\n`.repeat(3000))).toMatch(/^250/);
  });

  it('is put off while it can not be known whether it came back', async () => {
    world.faults.read = true;
    expect(await send(ours())).toMatch(/^451 4\.3\.0/);
    world.faults.read = false;
    expect(world.openBodies()).toBe(0);
  });
});
