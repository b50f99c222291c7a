import type { TlsFacts } from '../model/tls-facts.js';

/** A time for people: `2026-11-21 14:03:11 UTC`. One that no clock shows, from a damaged file, is said to be such. */
export function timeWords(at: number): string {
  if (Number.isNaN(new Date(at).getTime())) return 'at no possible time';
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 time`, `3 times`. */
export function countWords(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What a connection's protection was, in words. */
export function tlsWords(tls: TlsFacts): string {
  const facts = [tls.protocol, tls.cipher].filter((fact) => fact !== undefined).join(', ');
  const certificate = tls.fingerprint === undefined ? '' : `, certificate ${tls.fingerprint}`;
  const shortfall = tls.shortfall === undefined ? '' : `; no better because: ${tls.shortfall}`;
  switch (tls.level) {
    case 'none':
      return `in clear text, without TLS${shortfall}`;
    case 'encrypted':
      return `encrypted by TLS, but the server's certificate was not verified (${facts}${certificate})${shortfall}`;
    case 'verified':
      return `over verified TLS (${facts}${certificate})${shortfall}`;
    case 'authenticated':
      return `over authenticated TLS (${facts}${certificate})`;
  }
}

/** A method as a person would name it. */
export function methodWords(method: string): string {
  switch (method) {
    case 'plain':
      return 'ordinary mail (TLS if the server offers it)';
    case 'tls':
      return 'mail over enforced TLS';
    case 'pgp':
      return 'PGP encryption';
    case 'smime':
      return 'S/MIME encryption';
    case 'portal':
      return 'the pickup portal';
    default:
      return method;
  }
}
