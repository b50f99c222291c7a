import type { StoredMessage } from '../model/message.js';
import { headerSection, headerValues } from '../shared/header-section.js';
import type { BodyStore } from '../store/ports.js';

/** Header fields of the original that a DSN may show: these and no others. */
export interface OriginalHeaders {
  readonly date?: string;
  /** Only of a message without findings whose parts were all read, to recipients for whom no rule asked for protection. */
  readonly subject?: string;
}

/**
 * Date, and Subject where it may be shown, of a stored message. Gives nothing rather than failing: a DSN without
 * them is still a DSN, and content that can't be read can't be shown.
 */
export async function originalHeaders(
  message: StoredMessage,
  bodies: Pick<BodyStore, 'open'>,
  may: { readonly subject: boolean },
): Promise<OriginalHeaders> {
  if (message.body === undefined || message.origin !== 'submitted') return {};
  let header: string;
  try {
    header = await headerSection(bodies.open(message.body));
  } catch {
    return {};
  }
  const date = dateIn(field(header, 'date'));
  const subject = may.subject && message.subjectShowable ? field(header, 'subject') : undefined;
  return {
    ...(date === undefined ? {} : { date }),
    ...(subject === undefined ? {} : { subject }),
  };
}

const DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ?)?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{2,4} \d{1,2}:\d\d(?::\d\d)? (?:[+-]\d{4}|[A-Z]{1,4})(?= |$)/;

/** A date (RFC 5322 3.3), without the comment behind it: whatever else a sender wrote there is not shown. */
function dateIn(value: string | undefined): string | undefined {
  return value === undefined ? undefined : DATE.exec(value.replace(/ +/g, ' '))?.[0];
}

/** The only field of that name, unfolded; undefined when absent, repeated, too long or not printable ASCII. */
function field(header: string, name: string): string | undefined {
  const values = headerValues(header, name);
  const [text] = values;
  if (values.length !== 1 || text === undefined) return undefined;
  return text.length > 0 && text.length <= 900 && /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}
