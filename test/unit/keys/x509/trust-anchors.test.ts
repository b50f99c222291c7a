import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTrustAnchors } from '../../../../src/keys/x509/index.js';
import { UserError } from '../../../../src/shared/errors.js';
import { extension, keyUsage, makeAuthority, pemOf } from '../../../support/x509-authority.js';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-anchors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string | Uint8Array): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.pem`);
  writeFileSync(path, content);
  return path;
}

const root = makeAuthority();
const other = makeAuthority({ name: 'Other Root' });

describe('the trust anchors of the configuration', () => {
  it('are read from files with several certificates', async () => {
    const anchors = await loadTrustAnchors([
      { file: file(`Example Root\n${root.pem}${root.pem}`), revocation: 'check' },
      { file: file(other.pem), revocation: 'not-published' },
    ]);
    expect(anchors).toEqual([
      { certificate: root.certificate, revocation: 'check' },
      { certificate: other.certificate, revocation: 'not-published' },
    ]);
  });

  it('may be none', async () => {
    expect(await loadTrustAnchors([])).toEqual([]);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['nothing', '', /has no certificate in PEM form; if it is DER, convert it: openssl x509/],
    ['DER', root.certificate, /has no certificate in PEM form/],
    ['the certificate of a person', root.issue().pem, /CN=Alice Example is not a CA's .* `keys trust`/],
    [
      'a CA that may not sign',
      makeAuthority({ extensions: [keyUsage(['cRLSign'])] }).pem,
      /may not sign certificates/,
    ],
    [
      'a private key',
      `${root.pem}${pemOf(Buffer.from('x'), 'PRIVATE KEY')}`,
      /holds a private key; keep only/,
    ],
    ['a bundle', pemOf(Buffer.from('x'), 'PKCS7'), /has a PEM block that is not a certificate/],
    [
      'a broken certificate',
      root.pem.replace(/\n[^-\n]+\n-----END/, '\n-----END'),
      /has a certificate that is cut off; ask the CA/,
    ],
    [
      'a critical extension',
      makeAuthority({ extensions: [extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), true)] }).pem,
      /critical extension that is not supported/,
    ],
  ])('are refused: %s', async (_, content, message) => {
    const path = file(content);
    const failure = await loadTrustAnchors([{ file: path, revocation: 'check' }]).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).toBeInstanceOf(UserError);
    expect(failure).toMatchObject({ exitStatus: 2, message: expect.stringMatching(message) });
    expect(String(failure)).toContain(path);
  });

  it('are refused where the file is missing', async () => {
    const path = join(folder, 'missing.pem');
    await expect(loadTrustAnchors([{ file: path, revocation: 'check' }])).rejects.toThrow(
      `${path} can't be read (ENOENT): give the PEM file of the CA in keys.trust_anchors`,
    );
  });

  it('are refused where one is listed in two ways', async () => {
    const path = file(root.pem);
    await expect(
      loadTrustAnchors([
        { file: path, revocation: 'check' },
        { file: path, revocation: 'not-published' },
      ]),
    ).rejects.toThrow(/with another `revocation`; list it once/);
  });
});
