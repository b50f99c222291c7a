import { z } from 'zod';
import { PORTAL_LANGUAGES } from '../model/portal-language.js';
import { certificateFiles, domain, mailbox, network, socketAddress } from './fields.js';
import { bytes, duration } from './units.js';

const language = z.string().refine((tag) => PORTAL_LANGUAGES.includes(tag), {
  error: `must be one of ${PORTAL_LANGUAGES.join(', ')}`,
});

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, { error: 'must be a colour such as #0b5394' });

const line = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(200, { error: 'must be at most 200 characters' })
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, { error: 'must be one line without control characters' });

/** A duration, or nothing. */
const durationOrOff = z.union([z.literal('off').transform(() => undefined), duration()]);

/** Recipients' domains are canonical, so that whatever is looked up by one must be, too. */
function byCanonicalDomain<T>(
  written: Readonly<Record<string, T>>,
  context: z.RefinementCtx,
): Readonly<Record<string, T>> {
  const entries = Object.entries(written).flatMap(([key, value]): [string, T][] => {
    const parsed = domain.safeParse(key);
    if (parsed.success) return [[parsed.data, value]];
    for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', path: [key], message });
    return [];
  });
  return Object.fromEntries(entries);
}

/** How the portal looks and speaks for one organisation. */
const portalOrganisation = z.strictObject({
  domains: z.array(domain).min(1).describe('Sender domains that it is for.'),
  name: line.describe('Its name, as recipients know it.'),
  contact: line.describe('Where recipients get help: a telephone number, an address, opening hours.'),
  postmaster: mailbox.optional().describe('Contact for mail questions; left out: `organisation.postmaster`.'),
  logo: z.string().optional().describe('PNG or SVG file, at most 200 kB.'),
  colour: colour
    .optional()
    .describe('Colour of buttons and links on a light page; contrast with white must be at least 4.5:1.'),
  colour_dark: colour
    .optional()
    .describe('The same on a dark page; contrast with #14171a must be at least 4.5:1.'),
  texts: z
    .strictObject({
      welcome: line.optional().describe('A sentence on the first page.'),
      footer: line.optional().describe('A sentence below every page.'),
    })
    .prefault({})
    .describe('Texts of its own; shown as they are in every language.'),
});

export const portalSchema = z
  .strictObject({
    address: socketAddress.prefault('127.0.0.1:8443'),
    url: z
      .url({ protocol: /^https?$/ })
      .describe('Address that recipients use, e.g. https://pickup.clinic.example.'),
    ...certificateFiles,
    behind_proxy: z
      .boolean()
      .default(false)
      .describe('TLS ends at a reverse proxy on this machine; only loopback may be listened on.'),
    trusted_proxies: z.array(network).default([]),
    sender: mailbox.describe('From address of notices and codes.'),
    item_lifetime: duration().prefault('14d').describe('How long a message stays.'),
    retention_after_pickup: duration()
      .optional()
      .describe(
        'A message ends this long after it was first read, where that is earlier. Left out: it stays its whole lifetime.',
      ),
    code_lifetime: duration().prefault('15m'),
    code_tries: z.int().min(1).max(20).default(5),
    codes_per_hour: z
      .int()
      .min(1)
      .max(20)
      .default(5)
      .describe('Codes for one message and, four times as many, for one recipient.'),
    session_lifetime: duration().prefault('30m'),
    remember_device: duration()
      .optional()
      .describe(
        'A browser may be remembered for so long: it needs no code for messages that demand no more than one. Left out: it can not.',
      ),
    language: z
      .enum(PORTAL_LANGUAGES)
      .default('en')
      .describe('Language of notices and pages where the recipient’s is not known.'),
    language_by_domain: z
      .record(z.string(), language)
      .default({})
      .transform(byCanonicalDomain)
      .describe('The same for single recipient domains.'),
    sms: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .describe(
            'Called by POST with JSON `{"recipient", "code", "language"}`; 2xx means sent, 404 that no number is known. Plain http on loopback only.',
          ),
        token_file: z.string().optional().describe('File with a bearer token for it.'),
        timeout: duration().prefault('10s'),
      })
      .optional()
      .describe(
        'One-time codes by a gateway of the organisation, such as SMS: a second factor beside the mailbox.',
      ),
    quota: z
      .strictObject({
        items_per_recipient: z.int().min(1).max(100_000).default(500),
        bytes_per_recipient: bytes().prefault('2GB'),
      })
      .prefault({})
      .describe('What may wait for one recipient. Beyond it messages are held for a person.'),
    reply: z
      .strictObject({
        enabled: z.boolean().default(true),
        max_size: bytes().prefault('25MB').describe('Text and attachments together.'),
        max_attachments: z.int().min(0).max(100).default(20),
        per_hour: z.int().min(1).max(1000).default(20).describe('Replies of one recipient in an hour.'),
      })
      .prefault({}),
    reminders: z
      .strictObject({
        recipient_after: z
          .array(duration())
          .max(5)
          .prefault(['3d'])
          .describe('A message that was not picked up is brought to mind after these times.'),
        sender_after: durationOrOff.prefault('5d').describe('Its sender is told; or `off`.'),
        before_expiry: durationOrOff
          .prefault('2d')
          .describe('The recipient is told so long before its end; or `off`.'),
      })
      .prefault({}),
    receipts: z
      .boolean()
      .default(true)
      .describe('Senders who ask for a receipt (Disposition-Notification-To) get one at the first reading.'),
    recall: z
      .enum(['off', 'unread', 'always'])
      .default('unread')
      .describe(
        'Senders may take messages back by mail to `portal.sender`: not at all, those that were not read yet, or all.',
      ),
    organisations: z
      .array(portalOrganisation)
      .default([])
      .describe('Looks of the portal by sender domain; without one, `organisation` counts.'),
    code_over_plain: z
      .enum(['allow', 'hold'])
      .default('hold')
      .describe('Codes to domains never seen with TLS: send them, or hold the code until a person looks.'),
  })
  .optional()
  .describe('The pickup site. Left out: the method `portal` is not available.');

export type PortalOrganisationConfig = z.output<typeof portalOrganisation>;
