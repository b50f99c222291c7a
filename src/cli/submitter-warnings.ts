import { join } from 'node:path';
import type { LoadedConfig } from '../config/load.js';
import type { PolicySet } from '../decide/index.js';
import { leafConditions } from '../decide/leaf-conditions.js';
import type { Condition, Rule } from '../decide/policy-set.js';
import { PORTAL_IDENTITY, RELAY_IDENTITY } from '../model/own-identity.js';
import type { AddressMatcher } from '../shared/address-list.js';
import { domainOf } from '../shared/domain-of.js';
import { isOwnDomain } from '../shared/own-domain.js';
import { parseSenderPattern, type SenderPattern } from '../shared/sender-pattern.js';
import { didYouMean } from '../shared/suggest.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';

/** Whom mail can come from. */
export interface Submitters {
  /** Identities and accounts. */
  readonly names: readonly string[];
  /** What they may write as; undefined where strangers are let in as well. */
  readonly senders: readonly string[] | undefined;
}

/**
 * Rules that name a sender or an identity from whom no mail can come, and whoever may write in names outside the organisation.
 * Reads the store, if there is one.
 */
export function submitterWarnings(loaded: LoadedConfig, policy: PolicySet): readonly string[] {
  const { config, dataDir, file, policyDir } = loaded;
  const accounts = databaseExists(dataDir) ? openReadOnly(dataDir, (store) => store.accounts()) : [];
  const first = config.first_account === undefined ? [] : [config.first_account];
  const strangers =
    config.identities.some((one) => one.allow.forwarding !== 'off') ||
    accounts.some((one) => one.allow !== undefined && one.allow.forwarding !== 'off');
  const senders = [
    ...config.organisation.domains,
    ...config.identities.flatMap((one) => [...one.senders, ...one.allow.on_behalf_of]),
    ...[...accounts, ...first].flatMap((one) => one.senders),
    ...accounts.flatMap((one) => one.allow?.onBehalfOf ?? []),
    config.organisation.postmaster,
    ...(config.portal === undefined ? [] : [config.portal.sender]),
  ];
  const fitNone = submittersThatFitNone(policy, {
    names: [...config.identities, ...accounts, ...first].map((one) => one.name),
    senders: strangers ? undefined : senders,
  });
  const outside = sendersOutside(config.organisation.domains, [
    ...config.identities.map((one) => ({ what: `identity \`${one.name}\``, senders: one.senders })),
    ...accounts
      .filter((one) => !one.disabled)
      .map((one) => ({ what: `account \`${one.name}\``, senders: one.senders })),
  ]);
  return [
    ...fitNone.map((warning) => join(policyDir, warning)),
    ...outside.map((warning) => `${file}: ${warning}`),
  ];
}

/** A misspelt domain refuses its mail, and one of strangers lets somebody write in their name. Pure. */
export function sendersOutside(
  own: readonly string[],
  submitters: readonly { readonly what: string; readonly senders: readonly string[] }[],
): readonly string[] {
  return submitters.flatMap(({ what, senders }) => {
    const outside = senders.filter((written) => {
      const pattern = parseSenderPattern(written);
      if (pattern === undefined) return false;
      return !isOwnDomain(own, pattern.kind === 'domain' ? pattern.domain : domainOf(pattern.address));
    });
    return outside.length === 0
      ? []
      : [
          `${what} may write as ${outside.join(', ')}, which is not under \`organisation.domains\`: see that it is meant`,
        ];
  });
}

/** Such a rule protects nothing, and nobody sees it. One line for each, with its place in the policy folder. Pure. */
export function submittersThatFitNone(
  policy: Pick<PolicySet, 'rules'>,
  { names, senders }: Submitters,
): readonly string[] {
  const known = [...names, PORTAL_IDENTITY, RELAY_IDENTITY];
  const patterns = senders?.map(parseSenderPattern).filter((one) => one !== undefined);
  return policy.rules.flatMap((rule) =>
    conditionsOf(rule).flatMap((condition): string[] => {
      const at = `${rule.at}: rule \`${rule.id}\` asks for the`;
      if (condition.kind === 'identity')
        return condition.names
          .filter((name) => !known.includes(name))
          .map(
            (name) =>
              `${at} identity \`${name}\`, and no identity of the configuration and no account has that name: it fits no mail${didYouMean(name, known)}`,
          );
      if (condition.kind === 'sender' && patterns !== undefined)
        return entriesBeyond(condition.party.matcher, patterns).map(
          (entry) =>
            `${at} sender \`${entry}\`, and no identity and no account may write in that name: it fits no mail`,
        );
      return [];
    }),
  );
}

function conditionsOf({ when, unless }: Rule): readonly Condition[] {
  return [when, ...unless.map((one) => one.when)].flatMap(leafConditions);
}

/** What of a set of addresses nobody may write as. */
function entriesBeyond(matcher: AddressMatcher, patterns: readonly SenderPattern[]): readonly string[] {
  const fits = (test: (domain: string, address: string | undefined) => boolean) =>
    patterns.some((one) =>
      one.kind === 'domain' ? test(one.domain, undefined) : test(domainOf(one.address), one.address),
    );
  return [
    ...[...matcher.addresses].filter(
      (entry) =>
        entry !== '' &&
        !fits((domain, address) => (address === undefined ? domain === domainOf(entry) : address === entry)),
    ),
    ...[...matcher.domains].filter((entry) => !fits((domain) => domain === entry)),
    ...[...matcher.parents]
      .filter((entry) => !fits((domain) => domain.endsWith(`.${entry}`)))
      .map((entry) => `*.${entry}`),
  ];
}
