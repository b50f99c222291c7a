import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as openpgp from 'openpgp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  armour,
  judgeOpenPgp,
  mergeOpenPgp,
  openOpenPgpSecret,
  readOpenPgp,
} from '../../../../src/keys/openpgp/index.js';
import { makeKey } from '../../../support/openpgp-keys.js';
import { describeWithTools } from '../../../support/tools.js';

// gpg makes RSA keys at its leisure.

const LIMITS = {
  localPart: 'ignore-case',
  minRsaBits: 2048,
  curves: ['P-256', 'P-384', 'P-521', 'X25519', 'X448'],
} as const;
const DAY = 24 * 60 * 60 * 1000;
const ADDRESS = 'ada@clinic.test';
const USER_ID = 'Ada Example <ada@clinic.test>';
/** After the keys were made. */
const now = Date.now() + DAY;

const judge = (material: Uint8Array, at = now, limits: Parameters<typeof judgeOpenPgp>[2] = LIMITS) =>
  judgeOpenPgp(material, ADDRESS, limits, at);

describeWithTools(['gpg', 'gpgconf'], 'keys of GnuPG', ({ gpg = '', gpgconf = '' }) => {
  const homes: string[] = [];
  const passphrase = 'correct horse of the test stable';

  /** A home of its own for each key, short, because gpg's sockets live in it. */
  function home() {
    const folder = mkdtempSync('/tmp/sp-gpg-');
    homes.push(folder);
    const run = (args: readonly string[], input = ''): Buffer =>
      execFileSync(
        gpg,
        [
          '--homedir',
          folder,
          '--batch',
          '--quiet',
          '--yes',
          '--pinentry-mode',
          'loopback',
          '--passphrase',
          '',
          ...args,
        ],
        { input, stdio: ['pipe', 'pipe', 'pipe'] },
      );
    return { folder, run, export: () => new Uint8Array(run(['--export'])) };
  }

  function fingerprint(run: (args: readonly string[]) => Buffer): string {
    return /^fpr:+([0-9A-F]+):/m.exec(run(['--list-keys', '--with-colons']).toString())?.[1] ?? '';
  }

  /** Primary key for signing and a subkey for encryption. */
  function generate(primary: string, subkey: string, options: readonly string[] = []) {
    const gnupg = home();
    gnupg.run([...options, '--quick-generate-key', USER_ID, primary, 'sign', '2y']);
    const id = fingerprint(gnupg.run);
    if (subkey !== '') gnupg.run([...options, '--quick-add-key', id, subkey, 'encr', '1y']);
    return { ...gnupg, id };
  }

  afterAll(() => {
    for (const folder of homes) {
      execFileSync(gpgconf, ['--homedir', folder, '--kill', 'all']);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['rsa3072', 'rsa3072', 'RSA 3072'],
    ['ed25519', 'cv25519', 'X25519'],
    ['nistp256', 'nistp256', 'P-256'],
    ['nistp384', 'nistp384', 'P-384'],
    ['nistp521', 'nistp521', 'P-521'],
  ])('takes %s with %s until the subkey expires', async (primary, subkey, algorithm) => {
    const { id, run, export: exported } = generate(primary, subkey);
    const material = exported();
    expect(await judge(material)).toMatchObject({
      usable: true,
      algorithm,
      sealing: { fingerprint: id, seipd: 1 },
    });
    expect(await judge(material, now + 400 * DAY)).toMatchObject({
      usable: false,
      reason: expect.stringMatching(/^its encryption subkey expired on \d{4}-\d\d-\d\d$/),
    });
    expect(await judge(material, now + 800 * DAY)).toMatchObject({
      reason: expect.stringMatching(/^expired on /),
    });
    const { publics } = await readOpenPgp(run(['--armor', '--export']));
    expect(publics).toMatchObject([{ fingerprint: id, addresses: [ADDRESS], algorithm }]);
  });

  it('refuses what it must not use', async () => {
    expect(await judge(generate('rsa3072', '').export())).toEqual({
      usable: false,
      reason: 'no part of it may encrypt (sign-only)',
    });
    expect(await judge(generate('rsa3072', 'rsa1024').export())).toEqual({
      usable: false,
      reason: 'RSA 1024 is shorter than 2048 bits (keys.min_rsa_bits)',
    });
    expect(await judge(generate('dsa2048', 'elg2048').export())).toEqual({
      usable: false,
      reason: 'DSA is not accepted',
    });
    expect(await judge(generate('rsa3072', 'elg2048').export())).toEqual({
      usable: false,
      reason: 'Elgamal is not accepted',
    });
    expect(await judge(generate('ed25519', 'brainpoolP256r1').export())).toEqual({
      usable: false,
      reason: 'brainpoolP256r1 is not among the curves of keys.curves',
    });
    expect(await judge(generate('rsa3072', 'rsa3072', ['--cert-digest-algo', 'SHA1']).export())).toEqual({
      usable: false,
      reason: 'the user ID with this address: its self-signature uses SHA-1, which is weak',
    });
  });

  it.each(['ed25519', 'brainpoolP256r1'])(
    'uses Brainpool curves under %s where the configuration has them',
    async (primary) => {
      const limits = { ...LIMITS, curves: ['brainpoolP256r1'] };
      const material = generate(primary, 'brainpoolP256r1').export();
      expect(await judge(material, now, limits)).toMatchObject({
        usable: true,
        algorithm: 'brainpoolP256r1',
      });
      expect((await judge(material)).usable).toBe(false);
    },
  );

  it('sees revocations and new user IDs, and merging keeps them', async () => {
    const { id, run, folder, export: exported } = generate('ed25519', 'cv25519');
    const first = exported();
    run(['--quick-add-uid', id, 'Ada <ada@home.test>']);
    const second = exported();
    expect((await judgeOpenPgp(second, 'ada@home.test', LIMITS, now)).usable).toBe(true);
    run(['--quick-revoke-uid', id, USER_ID]);
    const third = exported();
    expect(await judge(third)).toMatchObject({
      reason: expect.stringMatching(/^the user ID with this address was revoked on /),
    });
    expect((await judgeOpenPgp(third, 'ada@home.test', LIMITS, now)).usable).toBe(true);
    // gpg keeps a revocation certificate, disarmed by a colon.
    const file = readdirSync(join(folder, 'openpgp-revocs.d')).find((name) => name.startsWith(id)) ?? '';
    const certificate = readFileSync(join(folder, 'openpgp-revocs.d', file), 'utf8');
    run(['--import'], certificate.replace(':-----BEGIN', '-----BEGIN'));
    const last = exported();
    for (const material of [last, await mergeOpenPgp(first, last), await mergeOpenPgp(last, first)])
      expect(await judge(material)).toMatchObject({
        reason: expect.stringMatching(/^the key was revoked on /),
      });
    // What we write is a key to gpg too.
    const other = home();
    other.run(['--import'], armour(await mergeOpenPgp(first, last)));
    expect(other.run(['--list-keys', '--with-colons']).toString()).toContain(`\nfpr:::::::::${id}:`);
    expect(other.run(['--list-keys', '--with-colons']).toString()).toMatch(/^pub:r:/m);
  });

  it('sees a revoked subkey', async () => {
    const { id, folder, export: exported } = generate('ed25519', 'cv25519');
    execFileSync(
      gpg,
      [
        '--homedir',
        folder,
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        '',
        '--no-tty',
        '--command-fd',
        '0',
        '--edit-key',
        id,
      ],
      { input: 'key 1\nrevkey\ny\n0\n\ny\nsave\n', stdio: ['pipe', 'pipe', 'pipe'] },
    );
    expect(await judge(exported())).toMatchObject({
      reason: expect.stringMatching(/^its encryption subkey was revoked on /),
    });
  });

  it('ignores what others certify, and reads rings', async () => {
    const { id, run, export: exported } = generate('ed25519', 'cv25519');
    run(['--quick-generate-key', 'Bob <bob@clinic.test>', 'ed25519', 'sign', '2y']);
    run(['--default-key', 'bob@clinic.test', '--quick-sign-key', id]);
    const { publics, refused } = await readOpenPgp(exported());
    expect(refused).toEqual([]);
    expect(publics.map(({ addresses }) => addresses)).toEqual([[ADDRESS], ['bob@clinic.test']]);
    expect((await judge(new Uint8Array(run(['--export', ADDRESS])))).usable).toBe(true);
    expect((await judge(publics[0]!.material)).usable).toBe(true);
  });

  it('opens secret keys, and those whose primary secret is elsewhere', async () => {
    const gnupg = home();
    const secretOptions = ['--passphrase', passphrase];
    gnupg.run([...secretOptions, '--quick-generate-key', USER_ID, 'rsa3072', 'sign', '2y']);
    const id = fingerprint(gnupg.run);
    gnupg.run([...secretOptions, '--quick-add-key', id, 'ed25519', 'sign', '1y']);
    for (const what of ['--export-secret-keys', '--export-secret-subkeys']) {
      const { secrets, refused } = await readOpenPgp(gnupg.run([...secretOptions, '--armor', what]));
      expect(refused).toEqual([]);
      const opened = await openOpenPgpSecret(secrets[0]!, passphrase);
      expect(opened).toMatchObject({ fingerprint: id, addresses: [ADDRESS] });
      await expect(openOpenPgpSecret(secrets[0]!, 'wrong')).rejects.toThrow('the passphrase is wrong');
    }
  });
});

describeWithTools(['sq'], 'keys of Sequoia', ({ sq = '' }) => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync('/tmp/sp-sq-');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: readonly string[]): Buffer =>
    execFileSync(sq, args, { stdio: ['ignore', 'pipe', 'pipe'] });

  it.each([
    ['cv25519', 'X25519'],
    ['rsa3k', 'RSA 3072'],
  ])('takes %s, and not once it is revoked', async (suite, algorithm) => {
    const key = join(folder, `${suite}.key`);
    run('key', 'generate', '--userid', USER_ID, '--cipher-suite', suite, '--export', key);
    const read = await readOpenPgp(run('key', 'extract-cert', key));
    expect(read.refused).toEqual([]);
    expect(read.publics).toMatchObject([{ addresses: [ADDRESS], algorithm }]);
    const { material } = read.publics[0]!;
    expect(await judge(material)).toMatchObject({ usable: true, algorithm });
    const certificate = run('revoke', 'certificate', '--certificate', key, 'superseded', 'a test').toString();
    const { data } = await openpgp.unarmor(certificate);
    if (!(data instanceof Uint8Array)) throw new TypeError('a stream of a string');
    const [revoked] = (await readOpenPgp(Buffer.concat([material, data]))).publics;
    expect(await judge(await mergeOpenPgp(material, revoked!.material))).toMatchObject({
      reason: expect.stringMatching(/^the key was revoked on /),
    });
  });

  it.each(['rsa3072', 'curve25519legacy', 'p256'] as const)(
    'reads our %s armour as the same key',
    async (type) => {
      const { publicBinary, fingerprint } = await makeKey({ userIds: [USER_ID], type });
      const [read] = (await readOpenPgp(publicBinary)).publics;
      const file = join(folder, `${type}.asc`);
      writeFileSync(file, armour(read!.material));
      expect(run('inspect', file).toString()).toContain(fingerprint);
    },
  );
});
