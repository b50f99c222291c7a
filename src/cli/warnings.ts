import { HIPAA_MONTHS } from '../config/retention.js';
import type { Config } from '../config/schema.js';
import { domainOf } from '../shared/domain-of.js';
import { isOwnDomain } from '../shared/own-domain.js';

/** Said by `check` and at each start. */
export const PRIVATE_TARGETS =
  '`dns.allow_private_targets` is on: whoever controls a recipient domain can have mail delivered into this network. For tests only';

/** Said by `check`, `doctor` and at each start. */
export const NOT_INSPECTED =
  'mail is NOT INSPECTED (`inspect.enabled: false`): nobody looks for patient data in it, and policies decide without its content';

/** A log that is kept for less than HIPAA asks of documentation. */
export function retentionWarnings({ audit: { retention } }: Config): readonly string[] {
  if (retention === 'forever' || retention >= HIPAA_MONTHS) return [];
  return [
    `\`audit.retention\` is ${retention} months, less than the six years that HIPAA asks of documentation (45 CFR 164.316(b)(2)(i)): make sure that your policy says so`,
  ];
}

/** Addresses that must be the organisation's own, and are not: a misspelt one is a stranger's. */
export function ownAddressWarnings({
  organisation,
  portal,
}: Pick<Config, 'organisation' | 'portal'>): readonly string[] {
  const outside = (address: string) => !isOwnDomain(organisation.domains, domainOf(address).toLowerCase());
  return [
    ...organisation.reviewers.map((address) => ({
      key: 'organisation.reviewers',
      address,
      so: 'hold notices, which name senders and recipients, leave the organisation',
    })),
    {
      key: 'organisation.postmaster',
      address: organisation.postmaster,
      so: 'questions about bounces and notices go there, which come in its name',
    },
    ...(portal === undefined
      ? []
      : [
          {
            key: 'portal.sender',
            address: portal.sender,
            so: 'pickup notices come in its name, and no key of the organisation signs them',
          },
        ]),
  ]
    .filter(({ address }) => outside(address))
    .map(({ key, address, so }) => `\`${key}\`: ${address} is not under \`organisation.domains\`: ${so}`);
}
