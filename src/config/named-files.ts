import type { LoadedConfig } from './load.js';
import type { Config } from './schema.js';

/**
 * Every file that the configuration names beside its policies and the master key: certificates, their private keys, trust
 * anchors, DKIM keys, secrets and logos; absolute, each once, sorted.
 */
export function namedFiles({ config, path }: Pick<LoadedConfig, 'config' | 'path'>): readonly string[] {
  const names = [...intake(config), ...delivery(config), ...keys(config), ...pages(config)];
  return [...new Set(names.filter((one) => one !== undefined).map(path))].sort();
}

type Names = readonly (string | undefined)[];

function intake({ listeners, identities }: Config): Names {
  return [
    ...listeners.flatMap(({ tls }) => [tls.certificate, tls.key]),
    ...identities.flatMap(({ certificates, tenant }) => [
      ...certificates.map(({ ca }) => ca),
      tenant?.secret_file,
    ]),
  ];
}

function delivery({ delivery: { ca, routes }, dkim }: Config): Names {
  return [
    ca,
    ...routes.flatMap((route) => [route.ca, route.certificate, route.key, route.auth?.password_file]),
    ...dkim.map(({ key }) => key),
  ];
}

function keys({ keys: { trust_anchors, wkd, ldap } }: Config): Names {
  return [
    ...trust_anchors.map(({ file }) => file),
    wkd.ca,
    ...ldap.flatMap(({ ca, password_file }) => [ca, password_file]),
  ];
}

function pages({ portal, review }: Config): Names {
  return [
    portal?.certificate,
    portal?.key,
    portal?.sms?.token_file,
    ...(portal?.organisations.map(({ logo }) => logo) ?? []),
    review?.certificate,
    review?.key,
  ];
}
