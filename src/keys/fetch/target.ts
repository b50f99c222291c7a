import { isIP } from 'node:net';
import { canonicalDomain } from '../../shared/address.js';
import { SourceFailed } from '../types.js';

/** Where one request goes; every part of it is checked but the address, which only resolving brings. */
export interface Target {
  readonly secure: boolean;
  /** A host name as A-labels, or an IP address without brackets. */
  readonly host: string;
  readonly isAddress: boolean;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** As the Host header says it: with brackets, and with the port where it isn't the default one. */
  readonly authority: string;
}

export interface TargetRules {
  readonly allowHttp: boolean;
  /** 443 for https and 80 for http only: other ports of public hosts are nobody's directory, CRL or responder. */
  readonly anyPort: boolean;
}

/** No sensible URL in a certificate or of a directory is longer. */
const LONGEST_URL = 2048;

/**
 * Reads a URL that a certificate, an address or a redirect gave.
 * @param base what a relative one counts from (redirects)
 * @throws SourceFailed when it isn't one that may be asked
 */
export function parseTarget(text: string, rules: TargetRules, base?: Target): Target {
  if (text.length > LONGEST_URL) throw new SourceFailed(`the URL is longer than ${LONGEST_URL} characters`);
  // URL drops tabs and line ends and trims spaces; another program would not, so such text is refused.
  if (!/^[\x21-\x7e]+$/.test(text)) throw new SourceFailed('the URL is not valid');
  const from =
    base === undefined ? undefined : `${base.secure ? 'https' : 'http'}://${base.authority}${base.path}`;
  if (!URL.canParse(text, from)) throw new SourceFailed('the URL is not valid');
  const url = new URL(text, from);
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:') throw new SourceFailed('the URL is neither https nor http');
  if (!secure && !rules.allowHttp) throw new SourceFailed('the URL is not https');
  if (!secure && base?.secure === true) throw new SourceFailed('the server redirects from https to http');
  if (url.username !== '' || url.password !== '') throw new SourceFailed('the URL holds credentials');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  if (!rules.anyPort && port !== (secure ? 443 : 80))
    throw new SourceFailed('the URL names a port other than 443 for https or 80 for http');
  const bare = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isAddress = isIP(bare) !== 0;
  const host = isAddress ? bare : canonicalDomain(bare);
  if (host === undefined) throw new SourceFailed('the URL names no valid host of two or more labels');
  return { secure, host, isAddress, port, path: `${url.pathname}${url.search}`, authority: url.host };
}
