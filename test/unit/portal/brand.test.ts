import { describe, expect, it } from 'vitest';
import { brandForRecipient } from '../../../src/portal/brand.js';
import { loadedConfig, MemoryPortal } from './harness.js';

/* Mail about an account carries the name that its owner knows: that of the organisation that wrote last. */

const { config } = loadedConfig({
  organisations: '[{ domains: [clinic.example], name: Elm House, contact: Ward 3 }]',
});

describe('the looks for a recipient', () => {
  it('are those of the newest message, else the organisation’s', async () => {
    const store = new MemoryPortal();
    const item = store.add(1);
    expect((await brandForRecipient(config, store.portal, item.recipient)).name).toBe('Elm House');
    expect((await brandForRecipient(config, store.portal, 'nobody@mail.test')).name).toBe('Willow <Clinic>');
  });
});
