import { unzipSync } from 'fflate';
import { afterEach, describe, expect, it } from 'vitest';
import type { AttachedFile } from '../../../../src/portal/renderer.js';
import { DAMAGED, plainBody, SAMPLE, signInTo, startWorld, type World } from '../harness.js';

/* Attachments that stand in one piece in their message are read from there, behind the same gates as all content. */

const CONTENT = Buffer.from('placed-canary '.repeat(5000));
const ENCODED = (CONTENT.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
const PLAIN = 'second-canary';
const MESSAGE = Buffer.from(`Subject: x\r\n\r\n${ENCODED}\r\n\r\n${PLAIN}\r\n`);
const placed = (index: number, fileName: string, text: string, size: number, encoding: 'base64' | 'none') => {
  const start = MESSAGE.indexOf(text);
  const place = { start, end: start + text.length, encoding };
  return { index, fileName, mediaType: 'application/pdf', size, previewable: true, place };
};
const FILES: readonly AttachedFile[] = [
  placed(0, 'first.pdf', ENCODED, CONTENT.length, 'base64'),
  placed(1, 'second.pdf', PLAIN, PLAIN.length, 'none'),
];
const PATH = '/inbox/item1';

let open: World | undefined;
afterEach(() => open?.portal.close());

/** Somebody who is signed in to a message with these files; reading it whole fails. */
async function reader(files = FILES) {
  const world = await startWorld();
  open = world;
  world.store.add(1);
  world.rendered = { ...SAMPLE, attachments: files };
  world.attachment = new Error('the whole message was read');
  const browser = await signInTo(world, 1);
  const setBody = (body: typeof DAMAGED) =>
    world.store.items.set('item1', { ...world.store.items.get('item1')!, body });
  setBody(plainBody(MESSAGE));
  return { world, browser, setBody };
}

const readEvents = (world: World) =>
  world.store.events.filter((event) => event.type === 'portal.attachment-read').length;

describe('a file that stands in one piece', () => {
  it('is sent from its place with its length, name and fence, and is on record', async () => {
    const { world, browser } = await reader();
    const file = await browser.get(`${PATH}/attachments/0`);
    expect([file.status, file.body]).toEqual([200, CONTENT.toString()]);
    expect(file.headers['content-length']).toBe(String(CONTENT.length));
    expect(file.headers['content-type']).toBe('application/pdf');
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename="first.pdf"/);
    expect(file.headers['content-security-policy']).toMatch(/^sandbox;default-src 'none'/);
    expect(file.headers['x-content-type-options']).toBe('nosniff');
    expect(readEvents(world)).toBe(1);
    expect((await browser.get(`${PATH}/attachments/2`)).status).toBe(404);
    expect(readEvents(world)).toBe(1);
  });

  it('is one of the archive, in its order', async () => {
    const { world, browser } = await reader();
    const zip = await download(world, browser.cookies, `${PATH}/attachments.zip`);
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(['first.pdf', 'second.pdf']);
    expect(Buffer.from(files['first.pdf'] ?? []).equals(CONTENT)).toBe(true);
    expect(Buffer.from(files['second.pdf'] ?? []).toString()).toBe(PLAIN);
    expect(readEvents(world)).toBe(2);
  });

  it('gives nothing once the message is revoked, though its place is still known', async () => {
    const { world, browser } = await reader();
    expect((await browser.get(`${PATH}/attachments/1`)).body).toBe(PLAIN);
    world.store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] });
    for (const what of ['attachments/0', 'attachments.zip', 'attachments/0/preview/1']) {
      const late = await browser.get(`${PATH}/${what}`);
      expect([late.status, late.body.includes('canary')]).toEqual([404, false]);
    }
    expect(readEvents(world)).toBe(1);
  });

  it('gives nothing when the read cannot be recorded', async () => {
    const { world, browser } = await reader();
    expect((await browser.get(PATH)).status).toBe(200);
    world.store.broken = true;
    for (const what of ['attachments/0', 'attachments.zip']) {
      const refused = await browser.get(`${PATH}/${what}`);
      expect([refused.status >= 500, refused.body.includes('canary')]).toEqual([true, false]);
    }
    world.store.broken = false;
  });

  it('gives a page when its content is damaged', async () => {
    const { browser, setBody } = await reader();
    expect((await browser.get(PATH)).status).toBe(200);
    setBody(DAMAGED);
    const file = await browser.get(`${PATH}/attachments/0`);
    expect([file.status, file.headers['content-disposition']]).toEqual([500, undefined]);
  });

  it('breaks off rather than end where it is not as large as it was', async () => {
    const { browser } = await reader([placed(0, 'a.pdf', ENCODED, CONTENT.length + 1, 'base64')]);
    await expect(browser.get(`${PATH}/attachments/0`)).rejects.toThrow();
  });

  it('is drawn without the whole message', async () => {
    const { world, browser } = await reader();
    const picture = { status: 'drawn', png: Buffer.from('png'), width: 10, height: 10, pages: 1 } as const;
    world.preview = picture;
    const page = await browser.get(`${PATH}/attachments/0/preview/1`);
    expect(page.status).toBe(200);
    expect(page.body).toContain(picture.png.toString('base64'));
  });
});

describe('one that does not', () => {
  it('is read from the whole message, as is the archive it belongs to', async () => {
    const { place: _, ...unplaced } = placed(1, 'second.pdf', PLAIN, PLAIN.length, 'none');
    const { world, browser } = await reader([...FILES.slice(0, 1), unplaced]);
    world.attachment = {
      bytes: Buffer.from('from the whole'),
      fileName: 'second.pdf',
      mediaType: 'image/png',
    };
    const file = await browser.get(`${PATH}/attachments/1`);
    expect([file.body, file.headers['content-type']]).toEqual(['from the whole', 'image/png']);
    const zip = unzipSync(await download(world, browser.cookies, `${PATH}/attachments.zip`));
    expect(Buffer.from(zip['second.pdf'] ?? []).toString()).toBe('from the whole');
  });
});

async function download(
  world: World,
  cookies: ReadonlyMap<string, string>,
  path: string,
): Promise<Uint8Array> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(`http://127.0.0.1:${world.portal.port}${path}`, { headers: { cookie } });
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
}
