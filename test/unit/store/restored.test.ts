import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../src/store/migrations.js';
import { openPortalSession, putDevice } from '../../../src/store/operations/portal-people.js';
import { device, session } from '../../../src/store/operations/portal-reads.js';
import { openRelayDb } from '../../../src/store/relay-db.js';
import { markRestored } from '../../../src/store/restored.js';
import { temporaryFolder } from './fixtures.js';

const RECIPIENT = 'patient@mail.test';

describe('a restored database', () => {
  it('lets nobody into the portal by what was signed out of or forgotten since the backup', () => {
    const file = join(temporaryFolder(), 'relay.db');
    const db = openRelayDb(file);
    migrate(db, file);
    const times = { createdAt: 1000, expiresAt: 9000 };
    openPortalSession(db, {
      tokenHash: Buffer.of(1),
      recipient: RECIPIENT,
      proofs: ['mailbox'],
      passphraseItems: [],
      ...times,
    });
    const remembered = { tokenHash: Buffer.of(2), recipient: RECIPIENT, client: 'Firefox', ...times };
    expect(putDevice(db, { device: remembered, session: Buffer.of(1) })).toBe(true);
    db.close();

    markRestored(file, { madeAt: 2000, restoredAt: 3000, manifestHash: '00', resumed: true });

    const restored = openRelayDb(file);
    try {
      expect(session(restored, { tokenHash: Buffer.of(1), now: 3000 })).toBeUndefined();
      expect(device(restored, { tokenHash: Buffer.of(2), now: 3000 })).toBeUndefined();
    } finally {
      restored.close();
    }
  });
});
