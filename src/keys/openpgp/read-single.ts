import { BOUNDS } from './bounds.js';
import { MalformedKey } from './malformed.js';
import { scanPackets, TAG } from './packets.js';
import { readTransferable, splitKeys, type Transferable } from './transferable.js';

/**
 * Reads binary material that must be one public key and nothing else.
 * @throws MalformedKey
 */
export function readSingle(material: Uint8Array): Transferable {
  if (material.length > BOUNDS.key) throw new MalformedKey(`it is larger than ${BOUNDS.key} bytes`);
  const { packets, problem } = scanPackets(material, BOUNDS.packets);
  if (problem !== undefined) throw new MalformedKey(problem);
  const { before, keys } = splitKeys(packets);
  const [key, ...others] = keys;
  if (key === undefined) throw new MalformedKey('there is no key in it');
  if (others.length > 0) throw new MalformedKey('there is more than one key in it');
  if (before.some(({ tag }) => tag !== TAG.marker && tag !== TAG.padding))
    throw new MalformedKey('something stands before the key');
  if (key[0]?.tag !== TAG.publicKey) throw new MalformedKey('it is a secret key');
  return readTransferable(key);
}
