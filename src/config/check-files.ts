import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorCode, errorText } from '../shared/errors.js';
import type { LoadedConfig } from './load.js';

/** What is wrong with a file that the configuration names, once however often it is named. */
export interface FileProblem {
  /** The keys that name it, such as `listeners.0.tls.certificate`. */
  readonly keys: readonly string[];
  readonly path: string;
  readonly what: string;
  /** What to do. */
  readonly fix: string;
}

type Wrong = Pick<FileProblem, 'what' | 'fix'>;

const CERTIFICATE_FIX = 'put the certificate there in PEM form (-----BEGIN CERTIFICATE-----)';
const KEY_FIX = 'put the private key there in PEM form, without a passphrase';
const SECRET_FIX = 'write the password or token into it';

/**
 * Reads every file that the configuration names and says what is wrong with it: missing, no certificate, a key of
 * another certificate, expired.
 * @param now epoch milliseconds
 */
export async function checkFiles(loaded: LoadedConfig, now: number): Promise<readonly FileProblem[]> {
  const { config } = loaded;
  const problems = new Map<string, FileProblem>();
  const add = (key: string, path: string, { what, fix }: Wrong) => {
    const id = JSON.stringify([path, what]);
    const keys = problems.get(id)?.keys ?? [];
    problems.set(id, { keys: [...keys, key], path, what, fix });
  };
  const check = async (
    key: string,
    file: string,
    test: (text: string) => Wrong | undefined,
    fix = CERTIFICATE_FIX,
  ) => {
    const path = loaded.path(file);
    try {
      const wrong = test(await readFile(path, 'utf8'));
      if (wrong !== undefined) add(key, path, wrong);
    } catch (error) {
      add(key, path, notReadable(error, path) ?? { what: errorText(error), fix });
    }
  };
  const secret = (key: string, file: string) =>
    check(
      key,
      file,
      (text) => (text.trim() === '' ? { what: 'is empty', fix: SECRET_FIX } : undefined),
      SECRET_FIX,
    );
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
    await check(
      `${key}.key`,
      files.key,
      (text) =>
        certificate?.checkPrivateKey(createPrivateKey(text)) === false
          ? {
              what: 'is not the key of the certificate',
              fix: 'put the key there that the certificate was made with, or have a certificate made for this key',
            }
          : undefined,
      KEY_FIX,
    );
  };
  for (const [i, listener] of config.listeners.entries()) await pair(`listeners.${i}.tls`, listener.tls);
  if (config.portal !== undefined) await pair('portal', config.portal);
  if (config.review !== undefined) await pair('review', config.review);
  if (config.portal?.sms?.token_file !== undefined) {
    await secret('portal.sms.token_file', config.portal.sms.token_file);
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
      await secret(`delivery.routes.${i}.auth.password_file`, route.auth.password_file);
    }
  }
  const bundle = (text: string) => {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
    // An expired one makes what hangs on it unusable, but is no reason not to start.
    for (const one of blocks) new X509Certificate(one);
    return blocks.length === 0
      ? { what: 'holds no certificate in PEM form', fix: CERTIFICATE_FIX }
      : undefined;
  };
  for (const [i, anchor] of config.keys.trust_anchors.entries())
    await check(`keys.trust_anchors.${i}.file`, anchor.file, bundle);
  if (config.keys.wkd.ca !== undefined) await check('keys.wkd.ca', config.keys.wkd.ca, bundle);
  for (const [i, server] of config.keys.ldap.entries()) {
    if (server.ca !== undefined) await check(`keys.ldap.${i}.ca`, server.ca, bundle);
    if (server.password_file !== undefined) {
      await secret(`keys.ldap.${i}.password_file`, server.password_file);
    }
  }
  if (config.delivery.ca !== undefined) {
    await check('delivery.ca', config.delivery.ca, (text) => validity(new X509Certificate(text), now));
  }
  return [...problems.values()];
}

function validity(certificate: X509Certificate, now: number): Wrong | undefined {
  if (Date.parse(certificate.validTo) <= now)
    return { what: `expired on ${certificate.validTo}`, fix: 'renew it, and put the new one there' };
  if (Date.parse(certificate.validFrom) > now)
    return {
      what: `is not valid before ${certificate.validFrom}`,
      fix: 'see to the clock of this machine, or wait',
    };
  return undefined;
}

/** What is wrong where a file can't be opened. */
function notReadable(error: unknown, path: string): Wrong | undefined {
  switch (errorCode(error)) {
    case 'ENOENT':
      return { what: 'is not there', fix: 'put the file there, or correct its path in the configuration' };
    case 'EACCES':
    case 'EPERM':
      return {
        what: 'may not be read by the user who runs this',
        fix: `let the relay’s user read it: chown sallyport ${path} && chmod 600 ${path}`,
      };
    default:
      return undefined;
  }
}
