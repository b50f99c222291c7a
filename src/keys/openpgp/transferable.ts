import { BOUNDS } from './bounds.js';
import { MalformedKey } from './malformed.js';
import { type Packet, TAG } from './packets.js';
import { type PublicKey, readPublicKey, type UnsupportedKey } from './public-key.js';

/** A packet and the signature packets that follow it. */
export interface Component {
  readonly body: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

/** One transferable key, its packets in their places and nothing verified (RFC 9580 10.1, 10.2). */
export interface Transferable {
  readonly secret: boolean;
  readonly primary: PublicKey | UnsupportedKey;
  /** Directly on the primary key. */
  readonly signatures: readonly Uint8Array[];
  readonly userIds: readonly Component[];
  readonly subkeys: readonly (Component & { readonly key: PublicKey | UnsupportedKey })[];
  /** Of a secret key: the packets as they came. */
  readonly packets: readonly Packet[];
}

/** Splits the packets of a file into keys; what stands before the first key comes as `before`. */
export function splitKeys(packets: readonly Packet[]): {
  readonly before: readonly Packet[];
  readonly keys: readonly (readonly Packet[])[];
} {
  const before: Packet[] = [];
  const keys: Packet[][] = [];
  for (const packet of packets) {
    if (packet.tag === TAG.publicKey || packet.tag === TAG.secretKey) keys.push([packet]);
    else (keys[keys.length - 1] ?? before).push(packet);
  }
  return { before, keys };
}

/**
 * Puts the packets of one key in their places. User attributes (photographs) and what follows them are dropped.
 * @throws MalformedKey
 */
export function readTransferable(packets: readonly Packet[]): Transferable {
  const [first, ...rest] = packets;
  if (first === undefined) throw new MalformedKey('it is empty');
  if (packets.reduce((size, { body }) => size + body.length, 0) > BOUNDS.key)
    throw new MalformedKey(`it is larger than ${BOUNDS.key} bytes`);
  if (packets.length > BOUNDS.packets) throw new MalformedKey(`it has more than ${BOUNDS.packets} packets`);
  const secret = first.tag === TAG.secretKey;
  const signatures: Uint8Array[] = [];
  const userIds: (Component & { readonly signatures: Uint8Array[] })[] = [];
  const subkeys: (Transferable['subkeys'][number] & { readonly signatures: Uint8Array[] })[] = [];
  let current: Uint8Array[] | undefined = signatures;
  for (const { tag, body } of rest) {
    switch (tag) {
      case TAG.signature:
        current?.push(body);
        break;
      case TAG.userId:
        current = [];
        userIds.push({ body, signatures: current });
        break;
      case secret ? TAG.secretSubkey : TAG.publicSubkey:
        current = [];
        subkeys.push({ body, key: readSubkey(body, secret), signatures: current });
        break;
      case TAG.userAttribute:
        current = undefined;
        break;
      case TAG.marker:
      case TAG.trust:
      case TAG.padding:
        break;
      default:
        // 4.3: unknown packets up to 39 are critical; and no known one but the above belongs into a key.
        if (tag < 40) throw new MalformedKey('a packet in it does not belong into a key');
    }
  }
  if (userIds.length > BOUNDS.userIds) throw new MalformedKey(`it has more than ${BOUNDS.userIds} user IDs`);
  if (subkeys.length > BOUNDS.subkeys) throw new MalformedKey(`it has more than ${BOUNDS.subkeys} subkeys`);
  const primary = readPublicKey(first.body, secret);
  return { secret, primary, signatures, userIds, subkeys, packets: secret ? packets : [] };
}

/** A subkey that can't be read is one that isn't used; the others may be. */
function readSubkey(body: Uint8Array, secret: boolean): PublicKey | UnsupportedKey {
  try {
    return readPublicKey(body, secret);
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return { unsupported: 'a subkey of it is malformed' };
    throw thrown;
  }
}
