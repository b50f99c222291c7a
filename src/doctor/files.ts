import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../shared/errors.js';
import { type Check, type Finding, ok, problem } from './finding.js';

const CHECK = 'files';

/** Secrets and data must be their owner's alone, and what says how the relay works must not be for everybody to change. */
export const checkFileModes: Check = async ({ loaded }) => {
  const { config, dataDir, policyDir, file } = loaded;
  const secrets = [
    ...('file' in config.master_key ? [join(dataDir, config.master_key.file)] : []),
    join(dataDir, 'relay.db'),
    join(dataDir, 'audit'),
    join(dataDir, 'bodies'),
    join(dataDir, 'tls', 'key.pem'),
    ...[
      ...config.listeners.map((one) => one.tls.key),
      config.portal?.key,
      config.portal?.sms?.token_file,
      ...config.delivery.routes.map((one) => one.auth?.password_file),
      ...config.keys.ldap.map((one) => one.password_file),
      ...config.identities.map((one) => one.tenant?.secret_file),
      ...config.dkim.map((one) => one.key),
    ]
      .filter((one) => one !== undefined)
      .map((one) => loaded.path(one)),
  ];
  const own = process.getuid?.();
  const findings: Finding[] = [];
  for (const path of [dataDir, ...new Set(secrets)]) {
    const found = await statOf(path);
    // What is missing is said by the check of the configuration, or made at the first start.
    if (found === undefined) continue;
    if ((found.mode & 0o077) !== 0) {
      const mode = found.isDirectory() ? '700' : '600';
      findings.push(problem(CHECK, `${path} is open to others than its owner`, `chmod ${mode} ${path}`));
    }
    if (own !== undefined && own !== 0 && found.uid !== own)
      findings.push(
        problem(
          CHECK,
          `${path} belongs to another user than this one`,
          `run the relay as its owner, or chown ${path}`,
        ),
      );
  }
  for (const path of [file, policyDir]) {
    const found = await statOf(path);
    if (found !== undefined && (found.mode & 0o002) !== 0)
      findings.push(
        problem(CHECK, `${path} can be changed by everybody on this machine`, `chmod o-w ${path}`),
      );
  }
  return findings.length > 0 ? findings : [ok(CHECK, 'secrets and data are their owner’s alone')];
};

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
