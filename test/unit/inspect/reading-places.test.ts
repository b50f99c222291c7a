import { afterAll, expect, it, vi } from 'vitest';
import type { DocumentPool } from '../../../src/inspect/documents/pool.js';
import { createInspector } from '../../../src/inspect/index.js';
import { createLog } from '../../../src/ops/log.js';
import { PATIENT } from '../../support/patience.js';
import { HEADER, LIMITS, mail } from './limits.js';

/** Documents that were asked for and not yet answered. */
const asked: (() => void)[] = [];

vi.mock('../../../src/inspect/documents/pool.js', async (original) => ({
  ...(await original<object>()),
  createDocumentPool: (): DocumentPool => ({
    async read() {
      await new Promise<void>((resolve) => asked.push(resolve));
      const document = {
        path: '',
        mediaType: 'application/pdf',
        status: 'read',
        size: 1,
        texts: [],
        oddities: [],
      } as const;
      return { parts: [document], needsOcr: [], complete: true, elapsedMs: 1 };
    },
    draw: () => Promise.reject(new Error('nothing is drawn')),
    closeOcr: () => undefined,
    close: async () => undefined,
  }),
}));

const inspector = createInspector({
  limits: { ...LIMITS, workers: 1 },
  fingerprintKey: new Uint8Array(32),
  log: createLog({ level: 'info', addresses: 'domains' }, { write: () => undefined }),
});
afterAll(() => inspector.close());

const text = `${HEADER}Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n${Buffer.from('%PDF-1.7\n1 0 obj\n').toString('base64')}\n`;

it('holds what stands in documents of a few small messages at once, and of each in the end', async () => {
  const all = Array.from({ length: 8 }, () => inspector.inspectQuickly(mail(text)));
  const plain = await inspector.inspectQuickly(mail(`${HEADER}\nhello\n`));
  expect(plain).toMatchObject({ subject: 'note' });
  let answered = 0;
  while (answered < all.length) {
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), PATIENT);
    // Those without documents pass, and others had the time to come.
    await inspector.inspectQuickly(mail(`${HEADER}\nhello\n`));
    expect(asked.length).toBeLessThanOrEqual(2);
    for (const answer of asked.splice(0, 1)) answer();
    answered++;
  }
  for (const one of await Promise.all(all))
    expect(one).toMatchObject({ parts: [{}, { path: '1', status: 'read' }] });
});
