import { type Network, readNetwork } from '../shared/network.js';

/** A mail service that sends for all its customers from the same addresses, with the same certificates. */
interface SharedCloud {
  readonly provider: 'microsoft-365' | 'google-workspace';
  readonly words: string;
  readonly networks: readonly Network[];
  /** A certificate name in one of these domains, or the domain itself, is the provider's. */
  readonly domains: readonly string[];
}

/**
 * Where the mail of all customers of a provider comes from.
 *
 * Microsoft: endpoint set 10 of "Office 365 URLs and IP address ranges"
 * (https://learn.microsoft.com/en-us/microsoft-365/enterprise/urls-and-ip-address-ranges), the worldwide service.
 * Google: the TXT records that "Google IP address ranges for outbound mail servers"
 * (https://support.google.com/a/answer/60764) tells to read from `_spf.google.com`, and the ranges that it names itself for
 * unverified forwarding. Both change, so that a network that is not here is not thereby anybody's own.
 */
export const SHARED_CLOUDS: readonly SharedCloud[] = [
  {
    provider: 'microsoft-365',
    words: 'Microsoft 365',
    networks: networks(
      '40.92.0.0/15',
      '40.107.0.0/16',
      '52.100.0.0/14',
      '52.238.78.88/32',
      '104.47.0.0/17',
      '2a01:111:f400::/48',
      '2a01:111:f403::/48',
    ),
    domains: [
      'outlook.com',
      'mx.microsoft',
      'office365.com',
      'office.com',
      'outlook.cn',
      'office365.us',
      'outlook.de',
      'outlook.us',
      'microsoft.com',
      'hotmail.com',
      'live.com',
    ],
  },
  {
    provider: 'google-workspace',
    words: 'Google',
    networks: networks(
      '35.190.247.0/24',
      '35.191.0.0/16',
      '64.233.160.0/19',
      '66.102.0.0/20',
      '66.249.80.0/20',
      '72.14.192.0/18',
      '74.125.0.0/16',
      '108.177.8.0/21',
      '108.177.16.0/23',
      '108.177.96.0/19',
      '130.211.0.0/22',
      '142.250.220.0/23',
      '172.217.0.0/19',
      '172.217.32.0/20',
      '172.217.128.0/19',
      '172.217.160.0/20',
      '172.217.192.0/19',
      '172.253.56.0/21',
      '172.253.112.0/20',
      '173.194.0.0/16',
      '209.85.128.0/17',
      '216.58.192.0/19',
      '216.239.32.0/19',
      '2001:4860:4000::/36',
      '2404:6800:4000::/36',
      '2600:1901:101::/48',
      '2607:f8b0:4000::/36',
      '2800:3f0:4000::/36',
      '2a00:1450:4000::/36',
      '2c0f:fb50:4000::/36',
    ),
    domains: ['google.com', 'gmail.com', 'googlemail.com', '1e100.net'],
  },
];

function networks(...texts: readonly string[]): readonly Network[] {
  return texts.map((text) => {
    const network = readNetwork(text);
    if (network === undefined) throw new Error(`${text} is no network`);
    return network;
  });
}
