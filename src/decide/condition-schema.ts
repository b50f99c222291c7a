import { z } from 'zod';
import { CLASSIFICATIONS, CONFIDENCES, FINDING_CLASSES, PART_STATUSES } from '../model/inspection.js';

/* The shape of a condition, as `when` and exceptions hold it. */

const text = z.string().min(1, { error: 'must not be empty' });
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item, z.array(item).min(1, { error: 'must name at least one' })]);

/** Days as people write them in a policy. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** What `part_status` may name; `unread` is every status but `read`, `empty` and `no-text`. */
const PART_STATUS_WORDS = [...PART_STATUSES, 'unread'] as const;

const party = z.union([
  text,
  z.array(text).min(1, { error: 'must name at least one' }),
  z.strictObject({ list: oneOrMore(text).describe('Name of a list under `lists`, or several.') }),
]);

const textMatch = z.strictObject({
  contains: oneOrMore(text).optional().describe('Text that it contains; upper and lower case are the same.'),
  equals: oneOrMore(text).optional().describe('Text that it is; upper and lower case are the same.'),
  pattern: oneOrMore(text)
    .optional()
    .describe(
      'Regular expression (Rust syntax, linear time: no look-around, no back-references). `(?i)` ignores case.',
    ),
});

const header = z.strictObject({
  name: z
    .string()
    .regex(/^[\x21-\x39\x3b-\x7e]+$/, { error: 'must be a header name, such as Sensitivity' })
    .describe('Name of the header field, in any case.'),
  ...textMatch.shape,
  exists: z.boolean().optional().describe('Whether the header is there at all.'),
});

const size = z.strictObject({
  over: text.optional().describe('Message is larger than this, e.g. `25MB`.'),
  under: text.optional().describe('Message is smaller than this, e.g. `10KB`.'),
});

const attachment = z.strictObject({
  name: oneOrMore(text)
    .optional()
    .describe('File name, with `*` for any run of characters and `?` for one; case is ignored.'),
  type: oneOrMore(text).optional().describe('Declared media type, with `*` and `?`, e.g. `application/*`.'),
});

const findings = z.strictObject({
  detector: oneOrMore(text).optional().describe('Name of a detector, or several: what any of them found.'),
  class: oneOrMore(z.enum(FINDING_CLASSES)).optional().describe('What every detector of this class found.'),
  classification: oneOrMore(z.enum(CLASSIFICATIONS))
    .optional()
    .describe('A classification of the whole message, e.g. `phi`.'),
  confidence: z.enum(CONFIDENCES).default('low').describe('Counts findings of this confidence and higher.'),
  at_least: z
    .int()
    .min(1, { error: 'must be at least 1' })
    .default(1)
    .describe(
      'How many distinct values, added over the detectors. With `classification`: distinct identifiers behind it; words of health context are not counted.',
    ),
});

const time = z.strictObject({
  zone: text.describe('Time zone of the IANA database, e.g. `America/New_York` or `UTC`.'),
  days: oneOrMore(z.enum(WEEKDAYS)).optional().describe('Days of the week on which it holds.'),
  hours: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, {
      error: 'must be hours such as 08:00-18:00 (22:00-06:00 spans midnight)',
    })
    .optional()
    .describe(
      'From (inclusive) to (exclusive), e.g. `08:00-18:00`; `22:00-06:00` spans midnight and belongs to the day on which it began.',
    ),
});

/** A condition: every key that is given must hold. */
export const conditionSchema = z.strictObject({
  get all() {
    return z
      .array(conditionSchema)
      .min(1, { error: 'must hold at least one condition' })
      .optional()
      .describe('Every one of these conditions holds.');
  },
  get any() {
    return z
      .array(conditionSchema)
      .min(1, { error: 'must hold at least one condition' })
      .optional()
      .describe('At least one of these conditions holds.');
  },
  get not() {
    return conditionSchema.optional().describe('This condition does not hold.');
  },
  identity: oneOrMore(text)
    .optional()
    .describe('Who submitted the message: name of an account or of an identity of the configuration.'),
  sender: party
    .optional()
    .describe(
      'Envelope sender, and who else wrote it (docs/identities.md): an address, a domain, `*.domain` for its subdomains, `<>`, or a list.',
    ),
  recipient: party
    .optional()
    .describe(
      'This recipient: `internal`, `external`, an address, a domain, `*.domain` for its subdomains, or a list.',
    ),
  subject: z
    .union([text, z.array(text).min(1, { error: 'must name at least one' }), textMatch])
    .optional()
    .describe('Subject: text that it contains (case is ignored), or `contains`, `equals`, `pattern`.'),
  header: header.optional().describe('Any header field of this name.'),
  size: size.optional().describe('Size of the whole message.'),
  attachment: attachment
    .optional()
    .describe('One part that is an attachment, has a file name, or is not text, and fits all keys.'),
  part_status: oneOrMore(z.enum(PART_STATUS_WORDS))
    .optional()
    .describe('Some part has this status; `unread` stands for all of those that could not be read.'),
  ambiguity: oneOrMore(text)
    .optional()
    .describe(
      'The message can be read in more than one way: `any`, `material` (it changes what is read), or the name of an ambiguity.',
    ),
  findings: findings.optional().describe('What the detectors found.'),
  time: time.optional().describe('When the message was accepted.'),
});

// Names it in the generated editor schema, where conditions refer to themselves.
z.globalRegistry.add(conditionSchema, { id: 'condition' });

export type ConditionSource = z.output<typeof conditionSchema>;
export type PartySource = z.output<typeof party>;
export type TextMatchSource = z.output<typeof textMatch>;
export type Weekday = (typeof WEEKDAYS)[number];
