import * as openpgp from 'openpgp';

/**
 * Opens a PGP/MIME message (RFC 3156 4) with its recipient's key.
 * @returns the sealed entity
 * @throws when it holds no OpenPGP message, or not one for this key
 */
export async function openPgpMail(message: Buffer, decryptionKey: openpgp.PrivateKey): Promise<Buffer> {
  const text = message.toString('latin1');
  const armoured = /^-----BEGIN PGP MESSAGE-----$[\s\S]*^-----END PGP MESSAGE-----$/m.exec(
    text.replaceAll('\r\n', '\n'),
  )?.[0];
  if (armoured === undefined) throw new Error('there is no OpenPGP message in it');
  const { data } = await openpgp.decrypt({
    message: await openpgp.readMessage({ armoredMessage: armoured }),
    decryptionKeys: decryptionKey,
    format: 'binary',
  });
  return Buffer.from(data);
}
