import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.js';
import { NO_DEMAND } from '../../../src/decide/lattice.js';
import { holdDecided } from '../../../src/deliver/index.js';
import type { Decision, Demand } from '../../../src/model/decision.js';
import type { StoredMessage, StoredRecipient } from '../../../src/model/message.js';
import { createMemoryStore } from '../../support/memory-store.js';

const NOW = 1_800_000_000_000;

const decision = (
  holdReason: string,
  more: Partial<Demand> = {},
  also: Partial<Decision> = {},
): Decision => ({
  recipient: 'sam@lab.example',
  demand: { ...NO_DEMAND, disposition: 'hold', ...more },
  protected: false,
  order: [],
  rules: [],
  considered: [{ method: 'tls', verdict: 'refused', reason: 'possible, but the message is held' }],
  tags: [],
  holdReason,
  policyHash: 'f00d',
  enforcement: 'enforce',
  ...also,
});

const message: StoredMessage = {
  id: 'm1',
  origin: 'submitted',
  receivedAt: NOW - 1000,
  identity: 'clinic',
  sender: 'ward3@clinic.example',
  headerMessageId: '<1@clinic.example>',
  smtpUtf8: false,
  eightBitMime: false,
  dsn: {},
  listener: 'submission',
  clientAddress: '127.0.0.1',
  state: 'received',
  inspectAttempts: 1,
  subjectShowable: false,
};
const recipient = (more: Partial<StoredRecipient> = {}): StoredRecipient => ({
  messageId: 'm1',
  index: 0,
  address: 'sam@lab.example',
  domain: 'lab.example',
  state: 'received',
  attempts: 0,
  ...more,
});

async function hold(before: Partial<StoredRecipient>, after: Decision) {
  const loaded = await loadConfig('config.example.yaml');
  const store = createMemoryStore();
  const { change } = await holdDecided({
    loaded,
    bodies: store.bodies,
    message,
    held: [{ recipient: recipient(before), decision: after }],
    now: NOW,
  });
  const text = (change.create ?? []).map(({ message: { body } }) =>
    body.content.kind === 'inline' ? Buffer.from(body.content.bytes).toString() : '',
  );
  return { expiresAt: change.recipients?.[0]?.set.expiresAt, notices: text, loaded };
}

describe('what is held again after it was decided again', () => {
  it('keeps the end of its hold, and nobody is told a second time of the same reason', async () => {
    const before = { decision: decision('figures'), expiresAt: NOW + 5000 };
    const again = await hold(before, decision('figures'));
    expect(again).toMatchObject({ expiresAt: NOW + 5000, notices: [] });
  });

  it('is told of where the reason is another one, or it takes two people now', async () => {
    const before = { decision: decision('figures'), expiresAt: NOW + 5000 };
    for (const after of [decision('names'), decision('figures', { release: 'two-person' })]) {
      const again = await hold(before, after);
      expect(again.expiresAt).toBe(NOW + 5000);
      expect(again.notices.length).toBeGreaterThan(0);
    }
  });

  it('has the usual time when it was never held', async () => {
    const first = await hold({}, decision('figures'));
    expect(first.expiresAt).toBe(NOW + first.loaded.config.delivery.hold_lifetime);
    expect(first.notices.length).toBeGreaterThan(0);
  });
});

describe('the notice to reviewers', () => {
  it.each<[string, Decision, boolean, boolean]>([
    ['what may be released', decision('figures'), true, false],
    ['what two must release', decision('figures', { release: 'two-person' }), true, true],
    ['what cannot be rewritten', decision('redact', {}, { cannotRewrite: 'it is signed' }), false, false],
    ['what no method is left for', decision('rules meet', { methods: [] }), false, false],
    ['what could not be decided', decision('an error', {}, { considered: [] }), false, false],
  ])('names the commands that can help: %s', async (_, held, release, two) => {
    const { notices } = await hold({}, held);
    const review = notices.find((text) => text.includes('sallyport held reject')) ?? '';
    expect(review).toContain('sallyport held show m1');
    expect(review.includes('sallyport held release m1')).toBe(release);
    expect(review.includes('Two operators must release it')).toBe(two);
    expect(notices.filter((text) => text !== review).join()).not.toContain('sallyport held');
  });
});
