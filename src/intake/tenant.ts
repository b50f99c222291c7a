import { createHash, timingSafeEqual } from 'node:crypto';
import { canonicalDomain } from '../shared/address.js';
import type { HeaderField } from './header-block.js';
import { type Refusal, refusal } from './reply.js';

/** A header that only an administrator's rule in the tenant adds. The secret itself is not kept. */
export interface TenantSecret {
  /** Lower case. */
  readonly header: string;
  /** SHA-256 of the value. */
  readonly digest: Buffer;
}

/** The one customer of a mail service that an identity is for. */
export type Tenant =
  | {
      readonly provider: 'microsoft-365';
      /** Lower case. */
      readonly id: string;
      /** Canonical. */
      readonly domains: ReadonlySet<string>;
      readonly secret?: TenantSecret;
    }
  | { readonly provider: 'google-workspace'; readonly secret: TenantSecret };

const TENANT_ID = 'x-ms-exchange-crosstenant-id';
const ORGANISATION = 'x-originatororg';
/** `TenantId=…;Ip=[…];Helo=[…]`, where the tenant took the message from a server of its own. */
const TAKEN_FROM = 'x-ms-exchange-crosstenant-originalattributedtenantconnectingip';

export function tenantSecret(header: string, secret: string): TenantSecret {
  return { header: header.toLowerCase(), digest: digestOf(secret) };
}

/**
 * Whether a message comes from the tenant. Looks at fields of the message's own header only; each must stand exactly
 * once, because of two nobody knows which one the service wrote.
 *
 * Microsoft 365. What Microsoft says: Exchange Online marks a message with the tenant it belongs to, by GUID, in headers
 * that a recipient outside can read ("Use headers to determine which Exchange Online tenant a message was attributed to",
 * EOP Field Notes, 2019-01-03, https://blogs.technet.microsoft.com/eopfieldnotes/2019/01/03/use-headers-to-determine-which-exchange-online-tenant-a-message-was-attributed-to/),
 * and strips the headers of its organisations (`X-MS-Exchange-Organization-*`) from what comes from elsewhere ("Demystifying
 * and troubleshooting hybrid mail flow", Exchange Team Blog, 2020-05-27,
 * https://techcommunity.microsoft.com/t5/exchange-team-blog/demystifying-and-troubleshooting-hybrid-mail-flow-when-is-a/ba-p/1420838).
 * What is inference: that the same is done with `X-MS-Exchange-CrossTenant-*` and `X-OriginatorOrg`, so that a tenant
 * can't send another's values. Other gateways rely on it ("How to monitor and block EchoSpoofing", Broadcom,
 * https://knowledge.broadcom.com/external/article/375474), but Microsoft promises it nowhere; hence the secret.
 *
 * Google documents no header that names the customer, so that only a secret one tells: a routing rule of the customer's
 * administrator adds it ("Set up routing for your domain", https://support.google.com/a/answer/6297084).
 */
export function judgeTenant(fields: readonly HeaderField[], tenant: Tenant): Refusal | undefined {
  if (tenant.provider === 'microsoft-365') {
    const id = only(fields, TENANT_ID);
    const organisation = only(fields, ORGANISATION);
    if (id === undefined || organisation === undefined)
      return no('The message does not name its tenant once');
    if (id.toLowerCase() !== tenant.id) return no('The message is from a tenant that may not send here');
    const domain = canonicalDomain(organisation);
    if (domain === undefined || !tenant.domains.has(domain))
      return no('The message is from an organisation that may not send here');
    const elsewhere = fields.some(
      (field) => field.name === TAKEN_FROM && takenFrom(field.value) !== tenant.id,
    );
    if (elsewhere) return no('The message names two tenants');
  }
  const { secret } = tenant;
  if (secret === undefined) return undefined;
  const given = only(fields, secret.header);
  if (given === undefined) return no('The message lacks the mark of its tenant');
  return timingSafeEqual(digestOf(given), secret.digest) ? undefined : no('The mark of the tenant is wrong');
}

/** The tenant of the server that the message was taken from, in lower case; undefined where the value names none, or several. */
function takenFrom(value: string): string | undefined {
  if (value.match(/TenantId/gi)?.length !== 1) return undefined;
  return /^TenantId=([^;\s]*)(?:;|$)/i.exec(value)?.[1]?.toLowerCase();
}

/** The value of a field that stands exactly once. */
function only(fields: readonly HeaderField[], name: string): string | undefined {
  const found = fields.filter((field) => field.name === name);
  return found.length === 1 ? found[0]?.value : undefined;
}

function digestOf(value: string): Buffer {
  return createHash('sha256').update(value, 'latin1').digest();
}

function no(text: string): Refusal {
  return refusal('body', 550, '5.7.1', text);
}
