import { expect, it } from 'vitest';
import { carry } from '../../../src/deliver/carry.js';
import type { Shipment, Shipped } from '../../../src/deliver/shipment.js';
import type { SmtpSession } from '../../../src/deliver/smtp-session.js';
import type { StoredRecipient } from '../../../src/model/message.js';
import type { ReachedTlsLevel } from '../../../src/model/method.js';

it('says nothing over a connection below the TLS level that was seen while it was asked who is left', async () => {
  const said: string[] = [];
  const session = {
    host: 'mx.peer.test',
    server: { maxSize: 0, eightBitMime: true, smtpUtf8: true, pipelining: true, dsn: false },
    facts: { level: 'none' },
    wire: { destroy: () => said.push('destroyed'), post: () => said.push('said') },
  } as unknown as SmtpSession;
  const recipient = { address: 'a@peer.test' } as StoredRecipient;
  let least: ReachedTlsLevel = 'none';
  let asked = 0;
  const shipment = {
    message: { sender: 'ward3@clinic.example' },
    recipients: [recipient],
    copy: { size: 9, eightBitMime: false, smtpUtf8: false },
    least: async () => least,
    overtaken() {
      asked += 1;
      if (asked > 1) return undefined;
      least = 'verified';
      return Promise.resolve([]);
    },
  } as unknown as Shipment;
  const outcomes = new Map<StoredRecipient, Shipped>();
  await expect(carry(session, false, shipment, () => [recipient], outcomes, [])).rejects.toMatchObject({
    kind: 'tls-temporary',
  });
  expect(said).toEqual(['destroyed']);
  expect(outcomes.size).toBe(0);
});
