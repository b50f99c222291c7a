import { afterEach, describe, expect, it } from 'vitest';
import { decodeStream } from '../../../../src/inspect/decode-stream.js';
import type { RenderedMessage, Renderer } from '../../../../src/portal/renderer.js';
import { SAMPLE, signInTo, startWorld, type World } from '../harness.js';

/* One message that takes long to read delays nobody but its own reader. */

let open: World | undefined;
afterEach(() => open?.portal.close());

async function world(render: Renderer['render'], preview?: Renderer['preview']) {
  const never = () => Promise.reject(new Error('it is not asked for'));
  const started = await startWorld(
    {},
    {
      renderer: {
        render,
        attachment: never,
        attachments: never,
        summary: async () => ({ subject: 'listed-canary', hasAttachments: false }),
        decode: decodeStream,
        preview: preview ?? never,
      },
    },
  );
  open = started;
  return started;
}

describe('a message that takes long to read', () => {
  it('delays neither other recipients nor its own reader’s list', async () => {
    const slow: ((rendered: RenderedMessage) => void)[] = [];
    const w = await world((bytes) =>
      Buffer.from(bytes).includes('m1')
        ? new Promise((rendered) => slow.push(rendered))
        : Promise.resolve(SAMPLE),
    );
    w.store.add(1);
    w.store.add(2);
    const [first, second] = [await signInTo(w, 1), await signInTo(w, 2)];
    const waiting = Array.from({ length: 6 }, () => first.get('/inbox/item1'));
    await expect.poll(() => slow.length).toBe(1);
    expect((await second.get('/inbox/item2')).status).toBe(200);
    expect((await first.get('/inbox')).body).toContain('listed-canary');
    slow[0]?.(SAMPLE);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(slow).toHaveLength(1);
  });

  it('and fails is not tried again for some minutes', async () => {
    let tries = 0;
    const w = await world(async () => {
      tries += 1;
      throw new Error('it took too long');
    });
    w.store.add(1);
    const browser = await signInTo(w, 1);
    const pages = await Promise.all(
      ['', '', '/text', '/print'].map((view) => browser.get(`/inbox/item1${view}`)),
    );
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 303]);
    expect(pages[0]?.body).toContain('/inbox/item1/message.eml');
    expect((await browser.get('/inbox/item1')).status).toBe(200);
    expect(tries).toBe(1);
    expect((await browser.get('/inbox/item1/message.eml')).status).toBe(200);
  });

  it('has pages that cannot be drawn drawn once', async () => {
    let tries = 0;
    const place = { start: 0, end: 3, encoding: 'none' } as const;
    const file = {
      index: 0,
      fileName: 'a.pdf',
      mediaType: 'application/pdf',
      size: 3,
      previewable: true,
      place,
    };
    const w = await world(
      async () => ({ ...SAMPLE, attachments: [file] }),
      async () => {
        tries += 1;
        return { status: 'late' };
      },
    );
    w.store.add(1);
    const browser = await signInTo(w, 1);
    for (let i = 0; i < 2; i++)
      expect((await browser.get('/inbox/item1/attachments/0/preview/1')).status).toBe(200);
    expect(tries).toBe(1);
  });
});
