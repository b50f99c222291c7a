import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address found in DNS may be dialled: global unicast only. Loopback, private, link-local, CGNAT,
 * multicast, documentation, benchmarking and reserved ranges are not, nor are IPv6 forms that carry an IPv4 address
 * inside (mapped, compatible, 6to4, Teredo, NAT64), because whoever controls a zone could reach into our network.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv4') return true;
  return (
    IPV6_GLOBAL.some((network) => inside(address, network)) &&
    !IPV6_SPECIAL.some((network) => inside(address, network))
  );
}

/** 2000::/3 is what IANA has given out as global unicast. */
const IPV6_GLOBAL = ['2000::/3'];
/** Teredo, documentation, benchmarking and 6to4 within it. */
const IPV6_SPECIAL = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

function inside(address: ipaddr.IPv4 | ipaddr.IPv6, network: string): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  return address.kind() === base.kind() && address.match(base, bits);
}
