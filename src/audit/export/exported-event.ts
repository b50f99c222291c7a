import type { Json } from '../../shared/canonical-json.js';
import { describeEvent } from '../describe.js';
import { eventLabel } from '../event-labels.js';
import { isJsonObject, textMember, toJson } from '../json-value.js';
import type { LoggedEvent } from '../logged-event.js';
import type { Beginnings } from '../report/scan.js';
import { outcomeOf, TERM_KINDS, termsOf } from '../terms.js';

/** One event as it leaves for other systems. The names are a contract (`audit export --format jsonl`). */
export interface ExportedEvent {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: string;
  /** The type in words. */
  readonly label: string;
  readonly level: EventLevel;
  readonly messageId?: string;
  /** Also for events that name none: the sender of the message they are about. */
  readonly sender?: string;
  readonly recipient?: string;
  readonly outcome?: string;
  readonly method?: string;
  readonly clientAddress?: string;
  readonly actor?: string;
  readonly reason?: string;
  /** The whole event in words. */
  readonly summary: string;
  /** What the type records, without masked values and fingerprints. */
  readonly data: Json;
  readonly hash: string;
}

/** `warning`: somebody should look; `notice`: a person changed something, or mail did not arrive. */
export type EventLevel = 'warning' | 'notice' | 'info';

/** @param beginnings whose mail an event is about; an accepted message is remembered here */
export function exportedEvent(event: LoggedEvent, beginnings: Beginnings): ExportedEvent {
  const data = toJson(event.data);
  const messageId = textMember(data, 'messageId');
  const own = textMember(data, 'sender');
  if (event.type === 'message.accepted' && messageId !== undefined && own !== undefined)
    beginnings.remember(messageId, { sender: own });
  const method = termsOf(event.type, event.at, data).find(({ kind }) => kind === TERM_KINDS.method)?.value;
  return {
    seq: event.seq,
    time: new Date(event.at).toISOString(),
    type: event.type,
    label: eventLabel(event.type),
    level: levelOf(event.type),
    ...present({
      messageId,
      sender: own ?? (messageId === undefined ? undefined : beginnings.of(messageId).sender),
      recipient: textMember(data, 'recipient'),
      outcome: outcomeOf(event.type),
      method,
      clientAddress: textMember(data, 'clientAddress'),
      actor: textMember(data, 'actor'),
      reason: textMember(data, 'reason'),
    }),
    summary: describeEvent(event),
    data: withoutValues(data),
    hash: event.hash,
  };
}

const WARNINGS =
  /^(?:login\.failed|session\.refused|config\.rejected|policy\.rejected|certificate\.rejected|key\.pending|operator\.(?:refused|login-failed|added)|portal\.(?:account-locked|passphrase-locked|proof-refused)|audit\.(?:pruned|exported)|legal-hold\.removed|store\.restored)$/;
const NOTICES =
  /^(?:relay|config|policy|account|own-key|roster|tls-memory|operator|suppression|legal-hold|dkim-key|backup|master-key)\.|^key\.(?:imported|trusted|rejected|removed)$|^held\.|^recipient\.(?:held|released|ended|bounced|expired)$|^queue\.retried$|^portal\.(?:revoked|unlocked|account-changed)$/;

function levelOf(type: string): EventLevel {
  if (WARNINGS.test(type)) return 'warning';
  return NOTICES.test(type) ? 'notice' : 'info';
}

/** Values as they were found leave in no form, not even masked or keyed. */
const VALUES: ReadonlySet<string> = new Set(['masked', 'fingerprints', 'subjectFingerprint']);

function withoutValues(data: Json): Json {
  if (Array.isArray(data)) return data.map(withoutValues);
  if (!isJsonObject(data)) return data;
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]): [string, Json][] =>
      value === undefined || VALUES.has(key) ? [] : [[key, withoutValues(value)]],
    ),
  );
}

function present<K extends string>(row: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const key in row) {
    const value = row[key];
    if (value !== undefined) found[key] = value;
  }
  return found;
}
