import { describe, expect, it } from 'vitest';
import type { LoadedConfig } from '../../../src/config/load.js';
import type { SealedBody, StoredRecipient } from '../../../src/model/message.js';
import { systemDecision } from '../../../src/model/system-decision.js';
import { createPlaceInPortal, revoke } from '../../../src/portal/index.js';
import { secretHash } from '../../../src/web/secrets.js';
import { decision } from '../store/fixtures.js';
import {
  bodies,
  DAMAGED,
  loadedConfig,
  MemoryPortal,
  mailText,
  ORIGIN,
  ownMail,
  plainBody,
  SECRET_SUBJECT,
  START,
  storedMessage,
} from './harness.js';

const DECISION = decision('patient@mail.test');
const recipient: StoredRecipient = {
  messageId: 'm1',
  index: 3,
  address: 'patient@mail.test',
  domain: 'mail.test',
  state: 'pending',
  attempts: 1,
};

/** Places with these settings of `portal`, or a whole configuration; fails the test where the recipient is held. */
function placing(
  portal: Readonly<Record<string, string>> = {},
  store = new MemoryPortal(),
  change: (loaded: LoadedConfig) => LoadedConfig = (loaded) => loaded,
) {
  const place = createPlaceInPortal({
    loaded: () => change(loadedConfig(portal)),
    portal: store.portal,
    bodies,
    ownMail,
    codeKey: new Uint8Array(32).fill(7),
  });
  return async (...input: Parameters<typeof place>) => {
    const placed = await place(...input);
    if (placed.kind === 'hold') throw new Error(`held: ${placed.reason}`);
    return placed;
  };
}

describe('placing in the portal', () => {
  const place = placing();

  it('is one change: the recipient waits, the item exists, the notice is queued', async () => {
    const { change, events } = await place(storedMessage('m1'), recipient, START);
    expect(change.recipients).toEqual([
      {
        key: { messageId: 'm1', index: 3 },
        from: ['pending'],
        set: {
          state: 'in-portal',
          method: 'portal',
          nextAttemptAt: null,
          expiresAt: null,
          tlsFailingSince: null,
        },
      },
    ]);
    const [item] = change.createPortalItems ?? [];
    expect(item).toMatchObject({
      messageId: 'm1',
      recipientIndex: 3,
      recipient: 'patient@mail.test',
      sender: 'doctor@clinic.example',
      createdAt: START,
      expiresAt: START + 14 * 86_400_000,
      state: 'waiting',
    });
    const [notice] = change.create ?? [];
    expect(notice?.message).toMatchObject({
      origin: 'pickup-notice',
      sender: '',
      aboutMessage: 'm1',
      aboutPortalItem: item?.id,
    });
    expect(notice?.recipients[0]?.address).toBe('patient@mail.test');
    expect(events.map((event) => event.type)).toEqual(['portal.item-created', 'notice.queued']);
  });

  it('keeps the link secret in the notice alone', async () => {
    const { change, events } = await place(storedMessage('m1'), recipient, START);
    const text = mailText(change.create?.[0]);
    const secret = new RegExp(`${ORIGIN}/m/([\\w-]{43})\\b`).exec(text)?.[1] ?? '';
    expect(secretHash(secret)).toEqual(change.createPortalItems?.[0]?.linkHash);
    expect(change.createPortalItems?.[0]?.noticeId).toBe(change.create?.[0]?.message.id);
    expect(JSON.stringify([change.createPortalItems, change.recipients, events])).not.toContain(secret);
    const again = await place(storedMessage('m1'), recipient, START);
    expect(again.change.createPortalItems?.[0]?.linkHash).not.toEqual(
      change.createPortalItems?.[0]?.linkHash,
    );
    expect(again.change.createPortalItems?.[0]?.id).not.toBe(change.createPortalItems?.[0]?.id);
  });

  it('writes a notice that says who, how long and how to check, and nothing of the message', async () => {
    const { change } = await place(storedMessage('m1'), recipient, START);
    const text = mailText(change.create?.[0]);
    expect(text).toContain('Protected message from Willow <Clinic>');
    expect(text).toContain('doctor@clinic.example (Willow <Clinic>) sent you a message');
    expect(text).toContain('<p>doctor@clinic.example (Willow &lt;Clinic&gt;) sent you a message');
    expect(text).toMatch(/16 November 2026(?: at|,) 09:00 UTC/);
    expect(text).toContain(`The link must start with ${ORIGIN}/`);
    expect(text).toContain('postmaster@clinic.example');
    expect(text).not.toContain(SECRET_SUBJECT);
    expect(text).not.toMatch(/hello|<img|<script/);
  });

  it('names the organisation when the message has the null sender', async () => {
    const { change } = await place({ ...storedMessage('m1'), sender: '' }, recipient, START);
    expect(mailText(change.create?.[0])).toContain('\nWillow <Clinic> sent you a message');
  });

  it('keeps no sender of redirected mail, whose envelope leads back to a stranger', async () => {
    const redirected = { ...storedMessage('m1'), authors: { addresses: [], unsure: true } };
    const { change } = await place(redirected, recipient, START);
    expect(change.createPortalItems?.map((one) => one.sender)).toEqual(['']);
    expect(mailText(change.create?.[0])).toContain('\nWillow <Clinic> sent you a message');
  });

  it.each([
    [
      'without a portal',
      (loaded: LoadedConfig) => ({ ...loaded, config: { ...loaded.config, portal: undefined } }),
    ],
    [
      'with a path in its address',
      (loaded: LoadedConfig) => ({
        ...loaded,
        config: { ...loaded.config, portal: { ...loaded.config.portal!, url: 'https://x.example/pickup' } },
      }),
    ],
  ])('is refused %s', async (_name, change) => {
    const broken = placing({}, new MemoryPortal(), change);
    await expect(broken(storedMessage('m1'), recipient, START)).rejects.toThrow(/portal/);
  });
});

describe('the content of an item', () => {
  const text = async (body: SealedBody | undefined) => {
    const chunks: Buffer[] = [];
    for await (const chunk of bodies.open(body!)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it("is a copy of the message's, or of what was made of it for the recipient", async () => {
    const { change } = await placing()(storedMessage('m1'), recipient, START);
    expect(await text(change.createPortalItems?.[0]?.body)).toContain('hello from m1');
    const content = plainBody('Subject: x\r\n\r\nwithout the number');
    const message = { ...storedMessage('m1'), rewritten: [{ copy: 'masked', body: content }] };
    const masked = (copy: string) => ({
      ...recipient,
      decision: {
        ...DECISION,
        demand: { ...DECISION.demand, rewrite: { redact: ['us-ssn'] } },
        rewritten: { copy, places: 1 },
      },
    });
    const other = await placing()(message, masked('masked'), START);
    expect(await text(other.change.createPortalItems?.[0]?.body)).toContain('without the number');
    await expect(placing()(message, masked('another'), START)).rejects.toThrow(/no content/);
    expect(other.change.createPortalItems?.[0]?.body).not.toBe(content);
  });

  it('is not made of damaged or destroyed content', async () => {
    await expect(placing()({ ...storedMessage('m1'), body: DAMAGED }, recipient, START)).rejects.toThrow(
      /damaged/,
    );
    const { body: _, ...destroyed } = storedMessage('m1');
    await expect(placing()(destroyed, recipient, START)).rejects.toThrow(/no content/);
  });
});

describe('quotas', () => {
  const size = storedMessage('m1').body?.size ?? 0;
  it.each([
    ['items', '{ items_per_recipient: 2 }', /keeps 2 messages.*`portal\.quota\.items_per_recipient`/],
    ['bytes', `{ bytes_per_recipient: ${3 * size - 1}B }`, /`portal\.quota\.bytes_per_recipient`/],
  ])('hold what is beyond the %s that may wait for one recipient', async (_name, quota, reason) => {
    const store = new MemoryPortal();
    for (const n of [1, 2]) store.add(n, { recipient: recipient.address });
    store.add(3, { recipient: recipient.address, state: 'expired' });
    store.add(4);
    const place = placing({ quota }, store);
    await expect(place(storedMessage('m1'), recipient, START)).rejects.toThrow(reason);
    store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] });
    await place(storedMessage('m1'), recipient, START);
  });
});

describe('the passphrase', () => {
  const decision = systemDecision(recipient.address);
  const asked: StoredRecipient = {
    ...recipient,
    decision: { ...decision, demand: { ...decision.demand, portal: 'shared-secret' } },
  };

  it('is made where policy demands one, and its mail queued with the item', async () => {
    const { change } = await placing()(storedMessage('m1'), asked, START);
    expect(change.createPortalItems?.[0]?.passphraseHash).toHaveLength(32);
    expect(change.create?.map((mail) => mail.message.origin)).toEqual(['pickup-notice', 'passphrase-notice']);
  });

  it('holds the recipient where nobody could be told', async () => {
    const outside = { ...storedMessage('m1'), sender: 'doctor@elsewhere.example' };
    await expect(placing()(outside, asked, START)).rejects.toThrow(/held:.*outside/);
  });
});

describe('the language', () => {
  it('is that of the account, else that set for the domain, else that of the portal', async () => {
    const store = new MemoryPortal();
    const language = async (settings: Record<string, string>) =>
      (await placing(settings, store)(storedMessage('m1'), recipient, START)).change.createPortalItems?.[0]
        ?.language;
    expect(await language({})).toBe('en');
    expect(await language({ language: 'es' })).toBe('es');
    expect(await language({ language_by_domain: '{ mail.test: es }' })).toBe('es');
    store.accounts.set(recipient.address, {
      recipient: recipient.address,
      language: 'en',
      createdAt: 1,
      changedAt: 1,
      failures: 0,
    });
    expect(await language({ language_by_domain: '{ mail.test: es }' })).toBe('en');
  });
});

describe('revoking', () => {
  it('ends an unread item and its recipient, by name', () => {
    const store = new MemoryPortal();
    const { change, events } = revoke(store.add(1), 'operator ann', 'sent to the wrong person');
    expect(store.change(change)).toEqual([{ messageId: 'm1', index: 0 }]);
    expect(store.items.get('item1')?.state).toBe('revoked');
    expect(store.rows[0]?.state).toBe('ended');
    expect(events).toEqual([
      {
        type: 'portal.revoked',
        data: {
          messageId: 'm1',
          recipient: 'patient1@mail.test',
          item: 'item1',
          actor: 'operator ann',
          reason: 'sent to the wrong person',
        },
      },
      {
        type: 'recipient.ended',
        data: {
          messageId: 'm1',
          recipient: 'patient1@mail.test',
          actor: 'operator ann',
          reason: 'sent to the wrong person',
        },
      },
    ]);
  });

  it('closes an item that was read, and does not unread it', () => {
    const store = new MemoryPortal();
    const { change, events } = revoke(store.add(1, { state: 'picked-up' }), 'operator ann', 'done');
    store.change(change);
    expect(store.items.get('item1')?.state).toBe('revoked');
    expect(store.rows[0]?.state).toBe('picked-up');
    expect(events.map((event) => event.type)).toEqual(['portal.revoked']);
  });

  it.each(['revoked', 'expired', 'undeliverable'] as const)('refuses an item that is %s', (state) => {
    expect(() => revoke(new MemoryPortal().add(1, { state }), 'a', 'b')).toThrow(/closed already/);
  });
});
