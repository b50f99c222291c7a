import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UserError } from '../shared/errors.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
export interface Network {
  readonly address: IpAddress;
  readonly prefix: number;
}

/** The address of a socket's peer; IPv4-mapped IPv6 (`::ffff:192.0.2.1`) becomes IPv4. Undefined when it has gone. */
export function clientAddress(remote: string | undefined): IpAddress | undefined {
  if (remote === undefined || isIP(remote) === 0) return undefined;
  return ipaddr.process(remote);
}

/** One text for one client, as logs and audit events show it. */
export function addressText(address: IpAddress): string {
  return address.toString();
}

/** Whom limits count together: one IPv4 address, or one /64, which a single IPv6 host owns whole. */
export function limitKey(address: IpAddress): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/**
 * Reads a network of the configuration.
 * @param where what to name in the error
 * @throws UserError for one that admits much of the Internet, which would make an open relay
 */
export function parseNetwork(text: string, where: string): Network {
  const [host = '', bits] = text.split('/');
  const kind = isIP(host);
  const length = bits === undefined ? (kind === 4 ? 32 : 128) : Number(bits);
  const wide = () =>
    new UserError(
      `${where}: the network ${text} takes in too much of the Internet; whoever is in it may send mail. Name the networks of your own servers`,
      { exitStatus: 2 },
    );
  if (kind === 0 || !/^\d{1,3}$/.test(bits ?? '0') || length > (kind === 4 ? 32 : 128))
    throw new UserError(`${where}: ${text} is not an IP address or a network such as 10.1.0.0/16`, {
      exitStatus: 2,
    });
  const address = ipaddr.parse(host);
  if (address instanceof ipaddr.IPv6) {
    if (address.isIPv4MappedAddress()) {
      if (length < 96 + 8) throw wide();
      return { address: address.toIPv4Address(), prefix: length - 96 };
    }
    const range = address.range();
    const local = (range === 'uniqueLocal' && length >= 7) || (range === 'linkLocal' && length >= 10);
    if (length < 32 && !local) throw wide();
    return { address, prefix: length };
  }
  if (length < 8) throw wide();
  return { address, prefix: length };
}

export function inNetworks(networks: readonly Network[], address: IpAddress): boolean {
  return networks.some((network) => {
    if (network.address instanceof ipaddr.IPv4)
      return address instanceof ipaddr.IPv4 && address.match(network.address, network.prefix);
    return address instanceof ipaddr.IPv6 && address.match(network.address, network.prefix);
  });
}
