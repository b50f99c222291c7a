import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.js';
import { issueCertificate } from '../../../src/keys/certificates.js';
import { type CertificateWatch, watchCertificate } from '../../../src/ops/certificate-watch.js';
import { createMetrics } from '../../../src/ops/metrics.js';

const DAY = 86_400_000;

async function pair() {
  const { certificatePem, keyPem } = await issueCertificate({
    commonName: 'relay.clinic.example',
    names: ['relay.clinic.example'],
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
  });
  return { cert: certificatePem, key: keyPem };
}

it('takes nothing into use that was still to be recorded when other files took the place of these', async () => {
  const [inUse, renewed] = [await pair(), await pair()];
  const used: string[] = [];
  const recorded: AuditEvent[] = [];
  const watch: CertificateWatch = watchCertificate({
    part: 'listener submission',
    files: [],
    inUse,
    read: async () => renewed,
    use: ({ cert }) => used.push(cert),
    record: async (events) => {
      recorded.push(...events);
      watch.close();
    },
    clock: { now: () => Date.now() },
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
  });
  await watch.look();
  expect(used).toEqual([]);
  // What is on record as changed is on record as not used.
  expect(recorded).toMatchObject([
    { type: 'certificate.changed', data: { part: 'listener submission' } },
    {
      type: 'certificate.rejected',
      data: { part: 'listener submission', error: expect.stringContaining('not taken into use') },
    },
  ]);
});
