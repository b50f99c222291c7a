import { EventEmitter, once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../../src/ops/log.js';
import type { AttachedFile } from '../../../../src/portal/renderer.js';
import { createShowing } from '../../../../src/portal/showing.js';
import { secretHash } from '../../../../src/web/secrets.js';
import {
  type Browser,
  bodies,
  formToken,
  MemoryPortal,
  plainBody,
  SAMPLE,
  START,
  signInTo,
  startWorld,
  type World,
} from '../harness.js';

/* Whoever takes content slowly has it no longer than session and item last. */

const FILE: AttachedFile = {
  index: 0,
  fileName: 'first.bin',
  mediaType: 'application/octet-stream',
  size: 100_000,
  previewable: false,
  place: { start: 0, end: 100_000, encoding: 'none' },
};
const PATH = '/inbox/item1';
const DOWNLOADS = ['message.eml', 'attachments/0', 'attachments.zip'] as const;

let open: World | undefined;
afterEach(() => open?.portal.close());

/** Somebody signed in to a message whose content doesn't come to its end by itself. */
async function slowReader() {
  const streams: Readable[] = [];
  let slow = false;
  const world = await startWorld(
    {},
    {
      bodies: {
        ...bodies,
        open: (body, range) => {
          if (!slow) return bodies.open(body, range);
          let piece = Buffer.from('canary '.repeat(1000));
          const stream = new Readable({
            read() {
              setTimeout(() => {
                if (!this.destroyed) this.push(piece);
                piece = Buffer.from('.');
              }, 10);
            },
          });
          streams.push(stream);
          return stream;
        },
      },
    },
  );
  open = world;
  world.store.add(1);
  world.store.items.set('item1', {
    ...world.store.items.get('item1')!,
    body: plainBody(Buffer.alloc(FILE.size)),
  });
  world.rendered = { ...SAMPLE, attachments: [FILE, { ...FILE, index: 1 }] };
  const browser = await signInTo(world, 1);
  // From now on it is known what attachments there are.
  await browser.get(PATH);
  slow = true;
  return { world, browser, streams };
}

/** An answer whose first bytes have arrived. */
async function begin(world: World, { cookies }: Browser, path: string): Promise<IncomingMessage> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const asked = request({
    host: '127.0.0.1',
    port: world.portal.port,
    path,
    agent: false,
    headers: { cookie },
  }).end();
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  if (answer === undefined) throw new Error('there was no answer');
  answer.on('error', () => undefined);
  await once(answer, 'data');
  return answer;
}

const cutEvents = (world: World) =>
  world.store.events.flatMap((event) => (event.type === 'portal.download-cut' ? [event.data] : []));

/** Resolves when the connection broke, and the answer wasn't complete. */
async function broken(answer: IncomingMessage): Promise<boolean> {
  answer.resume();
  if (!answer.closed) await new Promise((closed) => answer.once('close', closed));
  return !answer.complete;
}

describe('a download that has begun', () => {
  const ENDS: readonly (readonly [string, string, (world: World, browser: Browser) => Promise<unknown>])[] = [
    [
      'the message is revoked',
      'the item is revoked',
      async ({ store }) => store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] }),
    ],
    [
      'the message expires',
      'the item is past its time',
      async (world) => {
        const item = world.store.items.get('item1')!;
        world.store.items.set('item1', { ...item, expiresAt: world.clock.time });
      },
    ],
    [
      'the reader signs out elsewhere',
      'the session has ended',
      async (_world, browser) => {
        const account = await browser.get('/account');
        await browser.post('/sign-out', { token: formToken(account, 'sign-out') });
      },
    ],
    [
      'all sessions of the reader end',
      'the session has ended',
      ({ store }) => store.portal.closeSessionsOf('patient1@mail.test', []),
    ],
  ];

  for (const [what, reason, end] of ENDS)
    for (const path of DOWNLOADS)
      it(`${path} ends within moments when ${what}, and that is on record`, async () => {
        const { world, browser, streams } = await slowReader();
        const answer = await begin(world, browser, `${PATH}/${path}`);
        await end(world, browser);
        expect(await broken(answer)).toBe(true);
        await expect
          .poll(() => cutEvents(world))
          .toMatchObject([
            {
              item: 'item1',
              recipient: 'patient1@mail.test',
              clientAddress: '127.0.0.1',
              view: {
                'message.eml': 'original',
                'attachments/0': 'attachment',
                'attachments.zip': 'archive',
              }[path],
              reason,
            },
          ]);
        await expect.poll(() => streams.every(({ destroyed }) => destroyed)).toBe(true);
      });

  it('goes on when its session gets another token, and ends with that', async () => {
    const store = new MemoryPortal();
    const item = store.add(1);
    const session = (name: string) => ({
      tokenHash: secretHash(name.padEnd(43, 'A')) ?? Buffer.alloc(0),
      recipient: item.recipient,
      proofs: ['mailbox' as const],
      passphraseItems: [],
      createdAt: START,
      expiresAt: START + 3_600_000,
    });
    const [first, second] = [session('first'), session('second')];
    await store.portal.openSession(first, []);
    const asked = new EventEmitter();
    const portal = {
      ...store.portal,
      session: async (...given: Parameters<typeof store.portal.session>) => {
        const found = await store.portal.session(...given);
        asked.emit(found === undefined ? 'ended' : 'alive');
        return found;
      },
    };
    const response = new PassThrough();
    const showing = createShowing(
      {
        portal,
        queue: store.queue,
        clock: { now: () => START },
        log: createLog({ level: 'error', addresses: 'full' }),
      },
      5,
    );
    const { body = plainBody(Buffer.alloc(0)) } = item;
    const shown = { session: first, item, body, client: '127.0.0.1', view: 'original', response };
    expect(showing.enter(shown).begin()).toBe(true);
    showing.follow(first.tokenHash, second.tokenHash);
    await store.portal.raiseSession(first.tokenHash, second, []);
    await once(asked, 'ended');
    await once(asked, 'alive');
    await once(asked, 'alive');
    expect(response.destroyed).toBe(false);
    await store.portal.closeSession(second.tokenHash, []);
    await once(response, 'close');
    showing.close();
  });

  it('is over before the content is destroyed', async () => {
    const { world, browser, streams } = await slowReader();
    const answer = await begin(world, browser, `${PATH}/message.eml`);
    world.store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] });
    const { messageId } = world.store.items.get('item1')!;
    const seen = await world.portal.whileUnread({ messageId, item: 'item1' }, async () => ({
      closed: streams.every((stream) => stream.closed),
      events: cutEvents(world).length,
    }));
    expect(seen).toEqual({ closed: true, events: 1 });
    expect(await broken(answer)).toBe(true);
  });

  it('counts as one of six, the original too', async () => {
    const { world, browser } = await slowReader();
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await begin(world, browser, `${PATH}/message.eml`));
    expect((await browser.get(`${PATH}/message.eml`)).status).toBe(429);
    for (const answer of answers) answer.destroy();
  });
});

it('has one spelling of its path', async () => {
  const { browser } = await slowReader();
  expect((await browser.get(`${PATH}/attachments/00`)).status).toBe(404);
  expect((await browser.get(`${PATH}/attachments/0/preview/01`)).status).toBe(404);
});
