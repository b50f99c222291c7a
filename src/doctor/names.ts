import { dkimInventory, dkimRecordFor, matchesPublished } from '../keys/dkim/index.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';
import { type Check, type DoctorContext, type Finding, ok, problem, warning } from './finding.js';
import { spfResult } from './spf.js';

const CHECK = 'dns';

/** The records that `init` says to publish: address and its name, SPF, DKIM, DMARC. */
export const checkNames: Check = async (context) => {
  const { config } = context.loaded;
  const addresses = await context.dns.addresses(config.hostname);
  const findings: Finding[] = [];
  if (addresses.kind === 'failed')
    return [
      problem(
        CHECK,
        `DNS does not answer (${addresses.reason})`,
        'see to the resolver, or name others under `dns.servers`',
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
    if (direct) for (const address of own) findings.push(await spf(context, domain, address));
    findings.push(await dmarc(context, domain));
  }
  return [...findings, ...(await dkim(context))];
};

async function reverse({ dns, loaded }: DoctorContext, address: string): Promise<Finding> {
  const { hostname } = loaded.config;
  const names = await dns.reverse(address);
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
  const answer = await dns.txt(`_dmarc.${domain}`);
  const records = (answer.kind === 'found' ? answer.records : []).filter((one) =>
    /^v=DMARC1\b/i.test(one.join('')),
  );
  return records.length === 1
    ? ok(CHECK, `${domain} has a DMARC record`)
    : warning(
        CHECK,
        records.length === 0
          ? `${domain} has no DMARC record`
          : `${domain} has several DMARC records, so none counts`,
        `publish one: _dmarc.${domain}. IN TXT "v=DMARC1; p=none; rua=mailto:…"`,
      );
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
      findings.push(
        warning(CHECK, `${record.name} could not be looked up (${answer.reason})`, 'try again later'),
      );
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
