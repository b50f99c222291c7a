import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UserError } from '../shared/errors.js';
import { type IpAddress, type Network, readNetwork, TOO_WIDE, tooWide } from '../shared/network.js';

export { type IpAddress, inNetworks, type Network } from '../shared/network.js';

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
  const network = readNetwork(text);
  if (network === undefined)
    throw new UserError(`${where}: ${text} is not an IP address or a network such as 10.1.0.0/16`, {
      exitStatus: 2,
    });
  if (tooWide([network])) throw new UserError(`${where}: the network ${text} ${TOO_WIDE}`, { exitStatus: 2 });
  return network;
}
