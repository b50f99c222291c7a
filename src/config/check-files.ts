import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorText } from '../shared/errors.js';
import type { LoadedConfig } from './load.js';

/**
 * Reads every file that the configuration names and says what is wrong with it: missing, no certificate, a key of
 * another certificate, expired.
 * @param now epoch milliseconds
 * @returns one line per problem
 */
export async function checkFiles(loaded: LoadedConfig, now: number): Promise<readonly string[]> {
  const { config } = loaded;
  const problems: string[] = [];
  const check = async (key: string, file: string, test: (text: string) => string | undefined) => {
    const path = loaded.path(file);
    try {
      const problem = test(await readFile(path, 'utf8'));
      if (problem !== undefined) problems.push(`${loaded.file}: ${key}: ${path}: ${problem}`);
    } catch (error) {
      problems.push(`${loaded.file}: ${key}: ${path}: ${errorText(error)}`);
    }
  };
  const pair = async (
    key: string,
    files: { readonly certificate?: string | undefined; readonly key?: string | undefined },
  ) => {
    if (files.certificate === undefined || files.key === undefined) return;
    let certificate: X509Certificate | undefined;
    await check(`${key}.certificate`, files.certificate, (text) => {
      certificate = new X509Certificate(text);
      return validity(certificate, now);
    });
    await check(`${key}.key`, files.key, (text) =>
      certificate?.checkPrivateKey(createPrivateKey(text)) === false
        ? 'is not the key of the certificate'
        : undefined,
    );
  };
  for (const [i, listener] of config.listeners.entries()) await pair(`listeners.${i}.tls`, listener.tls);
  if (config.portal !== undefined) await pair('portal', config.portal);
  if (config.review !== undefined) await pair('review', config.review);
  if (config.portal?.sms?.token_file !== undefined) {
    await check('portal.sms.token_file', config.portal.sms.token_file, (text) =>
      text.trim() === '' ? 'is empty' : undefined,
    );
  }
  for (const [i, identity] of config.identities.entries()) {
    for (const [j, rule] of identity.certificates.entries()) {
      await check(`identities.${i}.certificates.${j}.ca`, rule.ca, (text) =>
        validity(new X509Certificate(text), now),
      );
    }
  }
  for (const [i, route] of config.delivery.routes.entries()) {
    await pair(`delivery.routes.${i}`, route);
    if (route.ca !== undefined) {
      await check(`delivery.routes.${i}.ca`, route.ca, (text) => validity(new X509Certificate(text), now));
    }
    if (route.auth !== undefined) {
      await check(`delivery.routes.${i}.auth.password_file`, route.auth.password_file, (text) =>
        text.trim() === '' ? 'is empty' : undefined,
      );
    }
  }
  const bundle = (text: string) => {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
    // An expired one makes what hangs on it unusable, but is no reason not to start.
    for (const one of blocks) new X509Certificate(one);
    return blocks.length === 0 ? 'holds no certificate in PEM form' : undefined;
  };
  for (const [i, anchor] of config.keys.trust_anchors.entries())
    await check(`keys.trust_anchors.${i}.file`, anchor.file, bundle);
  if (config.keys.wkd.ca !== undefined) await check('keys.wkd.ca', config.keys.wkd.ca, bundle);
  for (const [i, server] of config.keys.ldap.entries()) {
    if (server.ca !== undefined) await check(`keys.ldap.${i}.ca`, server.ca, bundle);
    if (server.password_file !== undefined) {
      await check(`keys.ldap.${i}.password_file`, server.password_file, (text) =>
        text.trim() === '' ? 'is empty' : undefined,
      );
    }
  }
  if (config.delivery.ca !== undefined) {
    await check('delivery.ca', config.delivery.ca, (text) => validity(new X509Certificate(text), now));
  }
  return problems;
}

function validity(certificate: X509Certificate, now: number): string | undefined {
  if (Date.parse(certificate.validTo) <= now) return `expired on ${certificate.validTo}`;
  if (Date.parse(certificate.validFrom) > now) return `is not valid before ${certificate.validFrom}`;
  return undefined;
}
