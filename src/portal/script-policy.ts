import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/**
 * Lets a page run the one script of ours that it names with the nonce, and no other: not even one of the same site,
 * because attachments come from there, too. Everything else stays forbidden as before.
 * @param more `connect`: it may send requests, to this site alone
 * @returns the nonce for the page
 */
export function allowScript(reply: FastifyReply, more: { readonly connect?: true } = {}): string {
  const nonce = randomBytes(18).toString('base64');
  const policy = reply.getHeader('content-security-policy');
  if (typeof policy !== 'string') throw new Error('the page has no content security policy');
  const connect = more.connect === true ? ";connect-src 'self'" : '';
  reply.header('content-security-policy', `${policy};script-src 'nonce-${nonce}'${connect}`);
  return nonce;
}
