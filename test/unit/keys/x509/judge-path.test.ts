import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeWithTools } from '../../../support/tools.js';
import { pemOf, TEST_NOW } from '../../../support/x509-authority.js';
import { shortVerdict, verdictOn } from './judging.js';
import { PATH_ROWS } from './path-rows.js';

describe('the path from a certificate to a trust anchor', () => {
  it.each(PATH_ROWS)('$name', ({ leaf, chain, anchors, judging, reason }) => {
    expect(shortVerdict(leaf.certificate, { ...judging, chain, anchors })).toBe(reason ?? 'usable');
  });

  it('is given from the leaf to the anchor, with what the anchor says of revocation', () => {
    const row = PATH_ROWS.find((one) => one.name === '4.1 below three CAs');
    if (row === undefined) throw new Error('no such row');
    const verdict = verdictOn(row.leaf.certificate, row);
    expect(verdict).toMatchObject({ usable: true, revocation: 'check' });
    expect(verdict.usable && verdict.path).toEqual(
      [row.leaf, ...row.chain.toReversed(), ...row.anchors].map((one) => one.certificate),
    );
  });
});

describeWithTools(['openssl'], 'paths, as OpenSSL judges them', ({ openssl = '' }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-paths-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const asked = PATH_ROWS.filter((row) => row.notOpenssl === undefined && row.anchors.length > 0);
  it.each(asked)('$name', ({ leaf, chain, anchors, judging, reason }) => {
    const file = (name: string, ders: readonly Uint8Array[]): string => {
      const path = join(folder, name);
      writeFileSync(path, ders.map((der) => pemOf(der)).join(''));
      return path;
    };
    const run = spawnSync(openssl, [
      'verify',
      ...['-attime', String(TEST_NOW / 1000), '-policy', '2.5.29.32.0', '-purpose', 'smimeencrypt'],
      ...['-verify_email', judging?.address ?? 'alice@clinic.example'],
      ...[
        '-CAfile',
        file(
          'anchors.pem',
          anchors.map((one) => one.certificate),
        ),
      ],
      ...(chain.length === 0
        ? []
        : [
            '-untrusted',
            file(
              'chain.pem',
              chain.map((one) => one.certificate),
            ),
          ]),
      file('leaf.pem', [leaf.certificate]),
    ]);
    expect(run.status === 0 ? 'usable' : 'refused', run.stderr.toString()).toBe(
      reason === undefined ? 'usable' : 'refused',
    );
  });
});
