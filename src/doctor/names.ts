import { dkimInventory, dkimRecordFor, matchesPublished } from '../keys/dkim/index.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';
import { readDmarc } from './dmarc.js';
import { type Check, type DoctorContext, type Finding, ok, problem, warning } from './finding.js';
import { spfResult } from './spf.js';

const CHECK = 'dns';
/** RFC 5737. */
const NOBODYS_ADDRESS = '192.0.2.1';

/** The records that `init` says to publish: address and its name, SPF, DKIM, DMARC. */
export const checkNames: Check = async (context) => {
  const { config } = context.loaded;
  const addresses = await context.dns.addresses(config.hostname);
  const findings: Finding[] = [];
  if (addresses.kind === 'failed')
    return [
      problem(
        CHECK,
        `DNS gives no answer for ${config.hostname} (${addresses.reason})`,
        'see to the resolver, or name others under `dns.servers`; then run this again',
      ),
    ];
  if (addresses.kind !== 'found')
    findings.push(
      problem(CHECK, `${config.hostname} has no address`, 'publish an A or AAAA record for `hostname`'),
    );
  const own = addresses.kind === 'found' ? addresses.records : [];
  for (const address of own) findings.push(await reverse(context, address));
  // A smarthost's addresses are what receivers see.
  const direct = !config.delivery.routes.some((route) => route.domains.includes('*'));
  for (const domain of config.organisation.domains) {
    if (direct && own.length === 0) findings.push(...(await spfWithoutAddress(context, domain)));
    if (direct) for (const address of own) findings.push(await spf(context, domain, address));
    findings.push(await dmarc(context, domain));
  }
  return [...findings, ...(await dkim(context))];
};

async function reverse({ dns, loaded }: DoctorContext, address: string): Promise<Finding> {
  const { hostname } = loaded.config;
  const names = await dns.reverse(address);
  if (names.kind === 'failed') return notLookedUp(`the name of ${address} (PTR record)`, names.reason);
  const found = names.kind === 'found' ? names.records.map((one) => one.toLowerCase()) : [];
  if (found.includes(hostname)) return ok(CHECK, `${address} is ${hostname}, both ways`);
  return warning(
    CHECK,
    found.length === 0
      ? `${address} has no name (PTR record); many servers take no mail from such`
      : `${address} has another name than ${hostname} (PTR record); some servers take no mail from such`,
    `ask whoever gave you the address to publish the PTR record ${hostname}`,
  );
}

/** What is wrong with a record whatever the relay's address will be. */
async function spfWithoutAddress(context: DoctorContext, domain: string): Promise<readonly Finding[]> {
  const result = await spfResult(context.dns, domain, NOBODYS_ADDRESS);
  if (result !== 'none' && result !== 'permerror' && result !== 'temperror') return [];
  return [await spf(context, domain, NOBODYS_ADDRESS)];
}

function notLookedUp(what: string, reason: string): Finding {
  return warning(CHECK, `${what} could not be looked up (${reason})`, 'try again later');
}

async function spf({ dns, loaded }: DoctorContext, domain: string, address: string): Promise<Finding> {
  const result = await spfResult(dns, domain, address);
  switch (result) {
    case 'pass':
      return ok(CHECK, `SPF of ${domain} lets ${address} send`);
    case 'depends':
      return warning(
        CHECK,
        `SPF of ${domain} has macros, which cannot be judged beforehand`,
        'look at the Received-SPF of a test mail',
      );
    case 'none':
      return problem(
        CHECK,
        `${domain} has no SPF record`,
        `publish: ${domain}. IN TXT "v=spf1 a:${loaded.config.hostname} mx ~all"`,
      );
    case 'temperror':
      return warning(CHECK, `SPF of ${domain} could not be looked up`, 'try again later');
    case 'permerror':
      return problem(
        CHECK,
        `SPF of ${domain} is broken: two records, more than ten look-ups, or something that is no SPF`,
        'leave one TXT record that begins with v=spf1, with few `include`',
      );
    case 'fail':
    case 'softfail':
    case 'neutral':
      return problem(
        CHECK,
        `SPF of ${domain} does not let ${address} send (${result})`,
        `add a:${loaded.config.hostname} to its SPF record`,
      );
  }
}

async function dmarc({ dns }: DoctorContext, domain: string): Promise<Finding> {
  const name = `_dmarc.${domain}`;
  const answer = await dns.txt(name);
  if (answer.kind === 'failed') return notLookedUp(name, answer.reason);
  const texts = answer.kind === 'found' ? answer.records.map((one) => one.join('')) : [];
  const [record, ...more] = texts.map(readDmarc).filter((one) => one !== undefined);
  if (record === undefined)
    return warning(
      CHECK,
      `${domain} has no DMARC record`,
      `publish: ${name}. IN TXT "v=DMARC1; p=none; rua=mailto:…"`,
    );
  if (more.length > 0)
    return warning(
      CHECK,
      `${domain} has several DMARC records, so none counts`,
      `leave one TXT record at ${name} that begins with v=DMARC1`,
    );
  return record.policy === undefined
    ? warning(
        CHECK,
        `the DMARC record of ${domain} names no policy, so it does not count`,
        `write p=none, p=quarantine or p=reject behind v=DMARC1 at ${name}`,
      )
    : ok(CHECK, `${domain} has a DMARC record (p=${record.policy})`);
}

/** Keys that sign must be published, or what they sign is worth nothing. */
async function dkim(context: DoctorContext): Promise<readonly Finding[]> {
  const { config, dataDir } = context.loaded;
  const unsigned = config.organisation.domains
    .filter(
      (domain) => !config.dkim.some((one) => domain === one.domain || domain.endsWith(`.${one.domain}`)),
    )
    .map((domain) =>
      warning(
        CHECK,
        `nothing that the relay changes or makes is signed for ${domain}`,
        `sallyport keys dkim ${domain}, publish its record, and name it under \`dkim\``,
      ),
    );
  if (config.dkim.length === 0 || !databaseExists(dataDir)) return unsigned;
  const own = openReadOnly(dataDir, (store) => store.ownKeys());
  const states = await dkimInventory(context.loaded, own);
  const findings: Finding[] = [];
  for (const state of states) {
    const { domain, selector, key, problem: why } = state;
    if (state.signs === undefined) continue;
    if (key === undefined || why !== undefined) {
      findings.push(
        problem(
          CHECK,
          `the DKIM key ${selector} of ${domain} can't sign: ${why ?? 'it is missing'}`,
          'make it with `sallyport keys dkim`, or mend its file',
        ),
      );
      continue;
    }
    const record = dkimRecordFor({ domain, selector, spki: key.spki });
    const answer = await context.dns.txt(record.name);
    if (answer.kind === 'failed') {
      findings.push(notLookedUp(record.name, answer.reason));
      continue;
    }
    const published = matchesPublished(record, answer.kind === 'found' ? answer.records : []);
    findings.push(
      published.matches
        ? ok(CHECK, `the DKIM key ${record.name} is published`)
        : problem(CHECK, published.reason, `publish: ${record.name}. IN TXT "${record.value}"`),
    );
  }
  return [...unsigned, ...findings];
}
