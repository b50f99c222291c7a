import { join } from 'node:path';
import type { LoadedConfig } from '../config/load.js';
import type { ActName } from '../ops/acts/index.js';
import type { Json } from '../shared/canonical-json.js';
import type { Answers } from './answers.js';
import { SECRET_HEADER } from './config-text.js';
import { dnsRecords } from './dns-records.js';
import { makeDkimKeys } from './make-dkim-keys.js';
import { makeKeys } from './make-keys.js';
import { writeNew, writeSetup } from './write-setup.js';

export interface SetUpDeps {
  readonly perform: (loaded: LoadedConfig, name: ActName, input: Json) => Promise<Json>;
  readonly newPassword: () => string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Writes everything that a relay needs to start, into a folder: configuration, policies, secrets, unit, keys, the first
 * account and the DNS records.
 * @returns what to tell the person; it holds the first account's password, which nothing keeps
 * @throws UserError when something is there already or can't be written
 */
export async function setUp(
  answers: Answers,
  folder: string,
  { perform, newPassword, now }: SetUpDeps,
): Promise<{ readonly loaded: LoadedConfig; readonly lines: readonly string[] }> {
  const { loaded, unitFile, secretFiles } = await writeSetup(answers, folder);
  const fingerprint = await makeKeys(loaded, now);
  const records = dnsRecords(answers, await makeDkimKeys(answers, loaded, perform));
  const recordFile = join(folder, 'dns-records.txt');
  await writeNew(recordFile, records, 0o644);
  const lines = [
    `Configuration    ${loaded.file}`,
    `Policies         ${loaded.policyDir}`,
    `Data, keys       ${loaded.dataDir} (keep a copy of master.key elsewhere)`,
    `systemd unit     ${unitFile}`,
    `DNS records      ${recordFile}`,
  ];
  if (answers.certificate === 'self-signed')
    lines.push(`Certificate      self-signed for now, SHA-256 ${fingerprint}`);
  for (const { kind, ...more } of answers.upstream) {
    if (kind !== 'mail-clients' || !('account' in more)) continue;
    const password = newPassword();
    await perform(loaded, 'users add', {
      name: more.account,
      password,
      senders: [...answers.organisation.domains],
    });
    lines.push('', `First account    ${more.account}`, `Its password     ${password} (shown this once)`);
  }
  for (const file of secretFiles)
    lines.push('', `Let a rule of your tenant add the header ${SECRET_HEADER} with the value in ${file}`);
  const owned = [loaded.dataDir, ...secretFiles].join(' ');
  lines.push(
    '',
    'The unit runs it as the user sallyport: useradd --system --shell /usr/sbin/nologin sallyport',
    `                                       chown -R sallyport: ${owned}`,
  );
  lines.push('', 'DNS records to publish:', '', records.trimEnd());
  if (answers.enforcement === 'shadow')
    lines.push(
      '',
      'SHADOW MODE: nothing is enforced yet. After some days: sallyport audit report --shadow, then `enforcement: enforce`.',
    );
  return { loaded, lines };
}
