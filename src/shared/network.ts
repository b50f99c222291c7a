import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
export interface Network {
  readonly address: IpAddress;
  readonly prefix: number;
}

/** Said of networks that would make an open relay. */
export const TOO_WIDE =
  'takes in too much of the Internet; whoever is in it may send mail. Name the networks of your own servers';

/** The most of the public Internet that networks may take in together: an IPv4 /8, and an IPv6 /32. */
const MOST = { ipv4: 2n ** 24n, ipv6: 2n ** 96n } as const;

/** Ranges that are nobody's on the Internet (RFC 1918, 1122, 3927, 6598; RFC 4193, 4291). */
const LOCAL: readonly Network[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
].map((text) => {
  const [address, prefix] = ipaddr.parseCIDR(text);
  return { address, prefix };
});

/** `64:ff9b::/96` */
const NAT64 = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
/** `2002::/16` */
const SIX_TO_FOUR = [0x20, 0x02];

/** Reads an address or a network such as `10.1.0.0/16`; IPv4-mapped IPv6 becomes IPv4. Undefined when it is neither. */
export function readNetwork(text: string): Network | undefined {
  const [host = '', bits, ...more] = text.split('/');
  const kind = isIP(host);
  if (kind === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits ?? '0')) return undefined;
  const longest = kind === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  if (prefix > longest) return undefined;
  const address = ipaddr.parse(host);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
    return { address: address.toIPv4Address(), prefix: Math.max(0, prefix - 96) };
  return { address, prefix };
}

/** Whether networks together take in so much of the public Internet that the relay would be open. */
export function tooWide(networks: readonly Network[]): boolean {
  const open = networks.filter((one) => !LOCAL.some((local) => covers(local, one)));
  // Two networks are apart, or one lies within the other: what none other covers adds up.
  const apart = open.filter(
    (one, i) => !open.some((other, j) => i !== j && covers(other, one) && (j < i || !covers(one, other))),
  );
  let ipv4 = 0n;
  let ipv6 = 0n;
  for (const { address, prefix } of apart) {
    if (address instanceof ipaddr.IPv4) ipv4 += 2n ** BigInt(32 - prefix);
    else ipv6 += 2n ** BigInt(128 - prefix);
  }
  return ipv4 > MOST.ipv4 || ipv6 > MOST.ipv6;
}

export function inNetworks(networks: readonly Network[], address: IpAddress): boolean {
  return networks.some((network) => matches(network, address));
}

/** Whether any address is in both. */
export function overlaps(one: Network, other: Network): boolean {
  return covers(one, other) || covers(other, one);
}

/** The IPv6 networks in which an IPv4 network appears by translation: NAT64 (RFC 6052 2.1) and 6to4 (RFC 3056 2). */
export function translated({ address, prefix }: Network): readonly Network[] {
  if (!(address instanceof ipaddr.IPv4)) return [];
  const bytes = address.toByteArray();
  return [
    { address: new ipaddr.IPv6([...NAT64, ...bytes]), prefix: 96 + prefix },
    {
      address: new ipaddr.IPv6([...SIX_TO_FOUR, ...bytes, ...Array<number>(10).fill(0)]),
      prefix: 16 + prefix,
    },
  ];
}

function covers(outer: Network, inner: Network): boolean {
  return outer.prefix <= inner.prefix && matches(outer, inner.address);
}

function matches(network: Network, address: IpAddress): boolean {
  if (network.address instanceof ipaddr.IPv4)
    return address instanceof ipaddr.IPv4 && address.match(network.address, network.prefix);
  return address instanceof ipaddr.IPv6 && address.match(network.address, network.prefix);
}
