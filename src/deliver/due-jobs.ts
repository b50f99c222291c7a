import type { Config } from '../config/schema.js';
import type { StoredRecipient } from '../model/message.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import type { DueFilter } from '../store/ports.js';
import type { Job } from './job.js';
import { destinationOf } from './routes.js';

/**
 * Asks for mail of one stream, without destinations that have enough waiting (`full`); undefined when there is nobody left
 * to ask for.
 */
export function filterFor(
  config: Config,
  full: ReadonlySet<string>,
  stream: string = DEFAULT_STREAM,
): DueFilter | undefined {
  if (full.size === 0) return { stream };
  const { routes } = config.delivery;
  const named = routes.flatMap((route) => route.domains.filter((domain) => domain !== '*'));
  const exceptDomains = named.filter((domain) => full.has(destinationOf(config, domain, stream)));
  for (const name of full) if (name.startsWith('mx:')) exceptDomains.push(name.slice('mx:'.length));
  // Where every domain goes that no route names: one destination, or one by MX for each.
  const elsewhere = destinationOf(config, '', stream);
  if (elsewhere.startsWith('mx:') || !full.has(elsewhere)) return { stream, exceptDomains };
  const onlyDomains = named.filter((domain) => !exceptDomains.includes(domain));
  return onlyDomains.length === 0 ? undefined : { stream, onlyDomains };
}

/**
 * Rows of one message with one destination, method and demand of TLS travel together; but sealed copies of their own
 * are made for each recipient, so that no copy tells of another's key.
 */
export function jobsOf(rows: readonly StoredRecipient[], config: Config): readonly Job[] {
  const groups = new Map<string, { readonly destination: string; readonly rows: StoredRecipient[] }>();
  for (const row of rows) {
    const destination = destinationOf(config, row.domain, row.stream);
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
