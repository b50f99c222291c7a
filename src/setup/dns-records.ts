import { isIP } from 'node:net';
import { zoneLine } from '../keys/dkim/index.js';
import type { DkimRecord } from '../keys/dkim/record.js';
import type { Answers } from './answers.js';
import { postmasterOf } from './config-text.js';

/**
 * The DNS records to publish, as lines of a zone file with remarks: addresses, SPF (RFC 7208), DKIM (RFC 6376), DMARC
 * (RFC 7489), TLS reporting (RFC 8460), and what MTA-STS (RFC 8461) will want.
 */
export function dnsRecords(answers: Answers, dkim: readonly DkimRecord[]): string {
  const { hostname, organisation, downstream, portal } = answers;
  const postmaster = postmasterOf(answers);
  const direct = downstream.kind === 'mx';
  const lines = [
    '; DNS records to publish. Put the addresses of your own in place of 192.0.2.1, and keep what your zones already',
    '; say: a name has one SPF and one DMARC record, so add to the one that is there.',
    '',
    '; The relay, as mail clients and servers call it. Its address needs a PTR record with the same name.',
    `${hostname}. IN A 192.0.2.1`,
  ];
  if (portal !== 'none') {
    const host = new URL(portal.url).hostname;
    const isAddress = isIP(host.replace(/^\[|\]$/g, '')) !== 0;
    if (host !== hostname && !isAddress) lines.push(`${host}. IN A 192.0.2.1`);
  }
  lines.push(
    '',
    direct
      ? '; SPF: the relay sends for these domains.'
      : `; SPF: ${downstream.host} sends for these domains; its operator says what to include. Ours, for mail that goes directly.`,
    ...organisation.domains.map((domain) => `${domain}. IN TXT "v=spf1 a:${hostname} mx ~all"`),
    '',
    '; DKIM: what the relay signs with.',
    ...dkim.map(zoneLine),
    '',
    '; DMARC: begin with p=none, read the reports, then quarantine or reject.',
    ...organisation.domains.map(
      (domain) => `_dmarc.${domain}. IN TXT "v=DMARC1; p=none; rua=mailto:${postmaster}"`,
    ),
    '',
    '; MTA-STS and TLS reports are about mail that YOU receive. They want, for each domain: this record, whose id changes',
    '; with the policy; https://mta-sts.DOMAIN/.well-known/mta-sts.txt with "version: STSv1", "mode: testing", the names of',
    '; your MX hosts and "max_age: 86400"; and a certificate that clients trust on that site and on every MX host.',
    ...organisation.domains.flatMap((domain) => [
      `; _mta-sts.${domain}. IN TXT "v=STSv1; id=1;"`,
      `_smtp._tls.${domain}. IN TXT "v=TLSRPTv1; rua=mailto:${postmaster}"`,
    ]),
  );
  return `${lines.join('\n')}\n`;
}
