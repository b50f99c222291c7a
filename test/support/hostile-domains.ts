import type { CertificateAndKey } from '../../src/keys/certificates.js';
import { type DnsServer, startDnsServer, type Zone } from './dns-server.js';
import type { Sunk } from './sink.js';
import { type PeerBehaviour, type PeerMessage, type SmtpPeer, startPeer } from './smtp-peer.js';

/** A mail server of a recipients' domain. */
export interface DomainPeer {
  readonly certificate?: CertificateAndKey;
  readonly behaviour?: PeerBehaviour | ((connection: number) => PeerBehaviour);
}

/** Recipients' domains with mail servers of their own, found by MX through a DNS server of the test's. */
export interface Domains {
  readonly dns: DnsServer;
  /** All servers listen on this port, on addresses of their own. */
  readonly port: number;
  /** A domain's server; `nth` where it has several, by preference. */
  peer(domain: string, nth?: number): SmtpPeer;
  close(): Promise<void>;
}

/**
 * Starts the servers of each domain: `mx1.DOMAIN` with preference 10, `mx2.DOMAIN` with 20, and so on, from 127.0.0.21
 * up. Certificates are for those names, or wrong, as the test wants.
 */
export async function startDomains(table: Readonly<Record<string, readonly DomainPeer[]>>): Promise<Domains> {
  const peers = new Map<string, SmtpPeer>();
  const zone: Record<string, Zone[string]> = {};
  let last = 20;
  let port: number | undefined;
  for (const [domain, servers] of Object.entries(table)) {
    const mx: { preference: number; exchange: string }[] = [];
    for (const [i, server] of servers.entries()) {
      last += 1;
      const host = `127.0.0.${last}`;
      const exchange = `mx${i + 1}.${domain}`;
      const peer = await startPeer({ ...server, host, ...(port === undefined ? {} : { port }) });
      port = peer.port;
      peers.set(exchange, peer);
      mx.push({ preference: 10 * (i + 1), exchange });
      zone[exchange] = { a: [host] };
    }
    zone[domain] = { mx };
  }
  const dns = await startDnsServer(zone);
  return {
    dns,
    port: port ?? 0,
    peer: (domain, nth = 1) => {
      const peer = peers.get(`mx${nth}.${domain}`);
      if (peer === undefined) throw new Error(`no server ${nth} for ${domain}`);
      return peer;
    },
    close: async () => {
      await Promise.all([...[...peers.values()].map((peer) => peer.close()), dns.close()]);
    },
  };
}

/** A message as a mail program would get it, from what came over the wire. */
export function received(message: PeerMessage): Sunk {
  const text = message.content.replace(/\.\r\n$/, '').replace(/^\.(?=.)/gm, '');
  const address = (command: string) => /<([^>]*)>/.exec(command)?.[1] ?? '';
  return {
    sender: address(message.mail),
    recipients: message.rcpts.map(address),
    tls: message.tls,
    text,
  };
}
