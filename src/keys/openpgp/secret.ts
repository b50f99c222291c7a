import * as openpgp from 'openpgp';
import { UserError } from '../../shared/errors.js';
import type { ReadSecretKey } from '../types.js';
import { libraryConfig } from './library.js';
import type { OpenPgpSecret } from './read.js';

/**
 * Takes the passphrase off a secret key, and makes sure that its secret numbers belong to its public ones.
 * @param passphrase absent for a key without
 * @throws UserError
 */
export async function openOpenPgpSecret(secret: OpenPgpSecret, passphrase?: string): Promise<ReadSecretKey> {
  const config = { ...libraryConfig({ minRsaBits: 1024 }), ignoreUnsupportedPackets: true };
  const { key } = secret;
  const name = `the secret key ${key.fingerprint}`;
  let locked: openpgp.PrivateKey;
  try {
    locked = await openpgp.readPrivateKey({ binaryKey: secret.protectedSecret, config });
  } catch (cause) {
    throw new UserError(`${name} cannot be read`, { cause });
  }
  if (locked.getFingerprint().toUpperCase() !== key.fingerprint)
    throw new UserError(`${name} cannot be read: its fingerprint is ambiguous`);
  const present = secretPackets(locked);
  if (present.length === 0) throw new UserError(`${name} holds no secrets: they are on a card or elsewhere`);
  let open = locked;
  if (present.some((packet) => packet.isDecrypted() !== true)) {
    if (passphrase === undefined || passphrase === '')
      throw new UserError(`${name} is protected by a passphrase: give it`);
    try {
      open = await openpgp.decryptKey({ privateKey: locked, passphrase, config });
    } catch (cause) {
      throw new UserError(
        `${name} cannot be opened: the passphrase is wrong, or its protection is not supported`,
        { cause },
      );
    }
  }
  try {
    for (const packet of secretPackets(open)) await packet.validate();
  } catch (cause) {
    throw new UserError(`${name} is damaged: its secret and public parts do not belong together`, { cause });
  }
  return { ...key, secret: open.write() };
}

function secretPackets(key: openpgp.PrivateKey) {
  return key
    .getKeys()
    .map(({ keyPacket }) => keyPacket)
    .filter(
      (packet) => packet instanceof openpgp.SecretKeyPacket || packet instanceof openpgp.SecretSubkeyPacket,
    )
    .filter((packet) => !packet.isMissingSecretKeyMaterial());
}
