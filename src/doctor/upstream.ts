import { countWords } from '../audit/words.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';
import type { Check, Finding } from './finding.js';
import { ok, problem, warning } from './finding.js';

const CHECK = 'upstream';
const LATEST = 2_000;
const DAY_MS = 86_400_000;
const QUIET_DAYS = 7;

/** Whether somebody can submit, and whether each identity has done so lately. */
export const checkUpstream: Check = async ({ loaded, now }) => {
  const { config, dataDir } = loaded;
  if (!databaseExists(dataDir))
    return [
      problem(CHECK, 'the relay was never started here', 'sallyport start, or systemctl start sallyport'),
    ];
  const { accounts, messages } = openReadOnly(dataDir, (store) => ({
    accounts: store.accounts().filter((one) => !one.disabled),
    messages: store.list({ limit: LATEST }).map((one) => one.message),
  }));
  const findings: Finding[] = [];
  const takesAccounts = config.listeners.some((one) => one.accounts);
  if (takesAccounts && accounts.length === 0)
    findings.push(
      problem(
        CHECK,
        'listeners take accounts, but there is none',
        'sallyport users add NAME --senders DOMAIN',
      ),
    );
  else if (takesAccounts)
    findings.push(ok(CHECK, `${countWords(accounts.length, 'account', 'accounts')} may log in`));
  for (const { name } of config.identities) {
    const where = config.listeners
      .filter((one) => one.identities.includes(name))
      .map((one) => `${config.hostname}:${one.address.port}`);
    if (where.length === 0) {
      findings.push(
        problem(
          CHECK,
          `no listener admits the identity ${name}`,
          'name it under `identities` of a listener, or remove it',
        ),
      );
      continue;
    }
    const latest = messages.find((one) => one.identity === name)?.receivedAt;
    if (latest === undefined)
      findings.push(
        warning(
          CHECK,
          `no mail came from ${name} yet`,
          `point it at ${where.join(' or ')}; what it was refused stands in the log: sallyport audit search --type session.refused`,
        ),
      );
    else if (now() - latest > QUIET_DAYS * DAY_MS)
      findings.push(
        warning(
          CHECK,
          `the last mail from ${name} came ${countWords(Math.floor((now() - latest) / DAY_MS), 'day', 'days')} ago`,
          'see whether it still sends here',
        ),
      );
    else
      findings.push(
        ok(CHECK, `${name} submits; the last mail came ${new Date(latest).toISOString().slice(0, 16)}Z`),
      );
  }
  return findings;
};
