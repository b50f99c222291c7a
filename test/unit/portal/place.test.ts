import { describe, expect, it } from 'vitest';
import type { LoadedConfig } from '../../../src/config/load.js';
import type { StoredRecipient } from '../../../src/model/message.js';
import { createPlaceInPortal, revoke } from '../../../src/portal/index.js';
import { secretHash } from '../../../src/portal/secrets.js';
import {
  bodies,
  loadedConfig,
  MemoryPortal,
  mailText,
  ORIGIN,
  ownMail,
  SECRET_SUBJECT,
  START,
  storedMessage,
} from './harness.js';

const recipient: StoredRecipient = {
  messageId: 'm1',
  index: 3,
  address: 'patient@mail.test',
  domain: 'mail.test',
  state: 'pending',
  attempts: 1,
};

describe('placing in the portal', () => {
  const place = createPlaceInPortal({ loaded: () => loadedConfig(), bodies, ownMail });

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
    const broken = createPlaceInPortal({ loaded: () => change(loadedConfig()), bodies, ownMail });
    await expect(broken(storedMessage('m1'), recipient, START)).rejects.toThrow(/portal/);
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
