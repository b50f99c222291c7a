import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeKey } from '../../../support/openpgp-keys.js';
import { describeWithTools } from '../../../support/tools.js';
import { packetsOf, payloadOf, sealed, sealingKeyOf, signerOf, someBytes } from './sealing.js';

/*
 * The sq of Debian 12 (0.27, sequoia-openpgp 1.12) is older than RFC 9580: it reads neither version 6 nor version 2 of
 * encrypted data, nor the new X25519. Those are opened by openpgp.js.
 */
describeWithTools(['sq'], 'PGP/MIME messages, opened by Sequoia', ({ sq = '' }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sq-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it.each([
    ['rsa3072', false],
    ['curve25519legacy', false],
    ['curve25519legacy', true],
    ['p256', false],
    ['p384', true],
    ['p521', false],
  ] as const)('%s, key IDs hidden: %s', async (type, hiddenKeyIds) => {
    const ada = await makeKey({ userIds: ['Ada Example <ada@keys.example>'], type });
    const gate = await makeKey({ userIds: ['Gate <gate@clinic.test>'], type: 'curve25519legacy' });
    const entity = someBytes(70_000);
    const message = await sealed({
      payload: payloadOf(entity),
      keys: [await sealingKeyOf(ada.publicBinary)],
      hiddenKeyIds,
      signer: signerOf(gate.fingerprint, gate.secretBinary),
    });
    const opened = execFileSync(
      sq,
      [
        'decrypt',
        '--recipient-key',
        file('ada.pgp', ada.secretBinary),
        '--signer-cert',
        file('gate.pgp', gate.publicBinary),
        '--signatures',
        '1',
        file('message.pgp', packetsOf(message)),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    expect(opened.equals(entity)).toBe(true);
  });
});
