import { readFile } from 'node:fs/promises';
import ipaddr from 'ipaddr.js';
import type { PortalConfig } from '../../config/schema.js';
import { UserError } from '../../shared/errors.js';

export type SmsGateway = NonNullable<PortalConfig['sms']>;

/**
 * Refuses a gateway that codes would reach in the clear. Addresses of private networks are fine: the administrator
 * configured it.
 * @throws UserError (exit status 2)
 */
export function checkSmsGateway(gateway: SmsGateway | undefined): void {
  if (gateway === undefined) return;
  const url = new URL(gateway.url);
  if (url.username !== '' || url.password !== '')
    throw new UserError('`portal.sms.url` must not hold a login; use `portal.sms.token_file`', {
      exitStatus: 2,
    });
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const loopback =
    host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
  if (url.protocol !== 'https:' && !loopback)
    throw new UserError(
      '`portal.sms.url` is plain http, over which codes could be read; use https, or a gateway on this machine',
      { exitStatus: 2 },
    );
}

/** `unknown`: the gateway knows no number; `failed`: with the reason for the audit log, which holds nothing of the answer. */
export type SmsResult =
  | { readonly kind: 'sent' | 'unknown' }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Asks the organisation's gateway to send a code: one POST, never repeated, never redirected, and nothing of the
 * answer is read but its status.
 * @param tokenFile file of the bearer token, as an absolute path; read at each call, so that it can be changed
 */
export async function sendSms(
  gateway: SmsGateway,
  tokenFile: string | undefined,
  message: { readonly recipient: string; readonly code: string; readonly language: string },
): Promise<SmsResult> {
  let token: string | undefined;
  try {
    token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim();
  } catch {
    // Not sent: without its token the gateway would refuse it, or take it from anybody.
    return { kind: 'failed', reason: 'the file `portal.sms.token_file` cannot be read' };
  }
  if (token !== undefined && !/^[\x21-\x7e]{1,4096}$/.test(token))
    return { kind: 'failed', reason: 'the file `portal.sms.token_file` holds no bearer token' };
  const { recipient, code, language } = message;
  try {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ recipient, code, language }),
      redirect: 'manual',
      signal: AbortSignal.timeout(gateway.timeout),
    });
    await response.body?.cancel();
    if (response.ok) return { kind: 'sent' };
    if (response.status === 404) return { kind: 'unknown' };
    return { kind: 'failed', reason: `the gateway answered ${response.status}` };
  } catch (cause) {
    // Nobody got the code, so nothing is weaker; the visitor is told, and the log has why.
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    return {
      kind: 'failed',
      reason: late ? 'the gateway did not answer in time' : 'the gateway could not be reached',
    };
  }
}
