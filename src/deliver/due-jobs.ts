import type { Config } from '../config/schema.js';
import type { StoredRecipient } from '../model/message.js';
import type { DueFilter } from '../store/ports.js';
import type { Job } from './job.js';
import { destinationOf } from './routes.js';

/** Leaves out destinations that have enough waiting (`full`); undefined when there is nobody left to ask for. */
export function filterFor(config: Config, full: ReadonlySet<string>): DueFilter | undefined {
  if (full.size === 0) return {};
  const { routes } = config.delivery;
  const named = routes.flatMap((route) => route.domains.filter((domain) => domain !== '*'));
  const exceptDomains = named.filter((domain) => full.has(destinationOf(config, domain)));
  for (const name of full) if (name.startsWith('mx:')) exceptDomains.push(name.slice('mx:'.length));
  const everyOther = routes.find((route) => route.domains.includes('*'));
  if (everyOther === undefined || !full.has(`route:${JSON.stringify(everyOther)}`)) return { exceptDomains };
  const onlyDomains = named.filter((domain) => !exceptDomains.includes(domain));
  return onlyDomains.length === 0 ? undefined : { onlyDomains };
}

/**
 * Rows of one message with one destination, method and demand of TLS travel together; but sealed copies of their own
 * are made for each recipient, so that no copy tells of another's key.
 */
export function jobsOf(rows: readonly StoredRecipient[], config: Config): readonly Job[] {
  const groups = new Map<string, { readonly destination: string; readonly rows: StoredRecipient[] }>();
  for (const row of rows) {
    const destination = destinationOf(config, row.domain);
    const key = JSON.stringify([
      destination,
      row.messageId,
      row.method ?? null,
      row.decision?.demand.tls ?? null,
      row.decision?.protected ?? null,
      ownCopy(row, config) ? row.index : null,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { destination, rows: [row] });
    else group.rows.push(row);
  }
  const size = config.delivery.recipients_per_transaction;
  return [...groups.values()].flatMap((group) => {
    const jobs: Job[] = [];
    for (let i = 0; i < group.rows.length; i += size) {
      const recipients = group.rows.slice(i, i + size);
      jobs.push({ messageId: recipients[0]?.messageId ?? '', destination: group.destination, recipients });
    }
    return jobs;
  });
}

function ownCopy({ method }: StoredRecipient, config: Config): boolean {
  return method === 'smime' || (method === 'pgp' && config.protect.pgp.copies === 'separate');
}
