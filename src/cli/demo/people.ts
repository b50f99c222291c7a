import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as openpgp from 'openpgp';
import { issueCertificate } from '../../keys/certificates.js';
import { importResult } from '../../ops/acts/key-results.js';
import { askRelay } from '../../ops/control-socket.js';
import { openPgpMail } from './open-pgp.js';
import { openSmimeMail } from './open-smime.js';
import { HAS_PGP_KEY, HAS_SMIME_CERTIFICATE } from './samples.js';

/** A recipient with a key; the secret part stays in the demo's memory, and the relay never sees it. */
export interface Person {
  readonly address: string;
  readonly method: 'pgp' | 'smime';
  /** The public key (binary OpenPGP) or certificate (DER), as `sallyport keys import` gives it to the relay. */
  readonly publicKey: { readonly kind: 'openpgp' | 'x509'; readonly material: Uint8Array };
  /**
   * Opens a message that is sealed for this person.
   * @returns the sealed entity: its header fields and body
   * @throws when it is not one, or another key seals it
   */
  readonly open: (message: Buffer) => Promise<Buffer>;
}

export interface People {
  readonly list: readonly Person[];
  /** PEM of the CA of their certificates, which the relay is told to accept. */
  readonly caPem: string;
}

const DAY_MS = 86_400_000;

/** Makes the keys of the demo's recipients: OpenPGP on Curve25519 for one, RSA 2048 with a certificate for another. */
export async function makePeople(now: number): Promise<People> {
  const validity = { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + 30 * DAY_MS) };
  const ca = await issueCertificate({
    commonName: 'Sallyport demo people CA',
    names: [],
    isCa: true,
    ...validity,
  });
  return {
    list: [await pgpPerson(HAS_PGP_KEY), await smimePerson(HAS_SMIME_CERTIFICATE)],
    caPem: ca.certificatePem,
  };

  async function smimePerson(address: string): Promise<Person> {
    const made = await issueCertificate({
      commonName: 'Dr Moe (made up)',
      names: [],
      mailbox: address,
      issuer: ca,
      ...validity,
    });
    const certificate = new X509Certificate(made.certificatePem);
    const privateKey = createPrivateKey(made.keyPem);
    return {
      address,
      method: 'smime',
      publicKey: { kind: 'x509', material: certificate.raw },
      open: async (message) => openSmimeMail(message, { privateKey, certificate }),
    };
  }
}

async function pgpPerson(address: string): Promise<Person> {
  const { privateKey, publicKey } = await openpgp.generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name: 'Dr Poe (made up)', email: address }],
    format: 'object',
  });
  return {
    address,
    method: 'pgp',
    publicKey: { kind: 'openpgp', material: publicKey.write() },
    open: (message) => openPgpMail(message, privateKey),
  };
}

/**
 * Gives the running relay the public keys, by the same act as `sallyport keys import`.
 * @returns what was taken, in words
 */
export async function importPublicKeys(dataDir: string, people: People): Promise<string> {
  const keys = people.list.map(({ publicKey: { kind, material } }) => ({
    kind,
    material: Buffer.from(material).toString('base64'),
  }));
  const { taken, refused } = importResult.parse(await askRelay(dataDir, 'keys import', { keys }));
  const unusable = [...taken.map((one) => one.note), ...refused.map((one) => one.reason)].find(
    (reason) => reason !== undefined,
  );
  if (unusable !== undefined || taken.length !== people.list.length)
    throw new Error(`the relay did not take the demo's keys: ${unusable ?? 'some are missing'}`);
  return taken
    .map((one) => `${one.address} (${one.kind === 'openpgp' ? 'PGP' : 'S/MIME'}, ${one.algorithm})`)
    .join(', ');
}
