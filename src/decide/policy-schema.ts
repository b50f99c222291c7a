import { z } from 'zod';
import { CLASSIFICATIONS, CONFIDENCES, FINDING_CLASSES, PART_STATUSES } from '../model/inspection.js';
import { DISPOSITIONS, PORTAL_STRENGTHS, SEALED_METHODS, TLS_LEVELS } from '../model/method.js';

/*
 * The shape of a policy file. What needs more than the shape (lists and detectors that are named, patterns, time
 * zones) is checked by compile.ts. The reference page and the editor schema are generated from here.
 */

const text = z.string().min(1, { error: 'must not be empty' });
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item, z.array(item).min(1, { error: 'must name at least one' })]);

/** Days as people write them in a policy. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** What `part_status` may name; `unread` is every status but `read`, `empty` and `no-text`. */
export const PART_STATUS_WORDS = [...PART_STATUSES, 'unread'] as const;
/** Methods that can be preferred over one another; `plain` is what unprotected mail travels by. */
export const PREFERABLE_METHODS = ['smime', 'pgp', 'tls', 'portal'] as const;

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
    .describe('Envelope sender: an address, a domain, `*.domain` for its subdomains, `<>`, or a list.'),
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

const when = z
  .union([z.literal('always'), conditionSchema])
  .describe('The condition: a mapping whose keys must all hold, or `always`.');

const requireSchema = z.union([
  z.enum(['any', 'tls', 'sealed']),
  z
    .array(z.enum(SEALED_METHODS))
    .min(1, { error: 'must name at least one of smime, pgp, portal' })
    .refine((methods) => new Set(methods).size === methods.length, { error: 'names a method twice' }),
]);

const line = (max: number) =>
  z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must be at most ${max} characters` })
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, { error: 'must be one line without control characters' });

export const demandSchema = z.strictObject({
  require: requireSchema
    .default('any')
    .describe(
      '`any`: every method; `tls`: TLS or anything stronger; `sealed`: S/MIME, PGP or the portal; or a list within sealed.',
    ),
  tls: z
    .enum(TLS_LEVELS)
    .optional()
    .describe(
      'The least TLS level that counts: `encrypted` (any certificate) or `verified` (chain and host name). With `require: tls` it is `verified` unless said. `authenticated` is not available in this version.',
    ),
  portal: z
    .enum(PORTAL_STRENGTHS)
    .default('code')
    .describe(
      'What the portal must ask of the recipient. This version offers `code`; where more is demanded, the portal is not used.',
    ),
  disposition: z
    .enum(DISPOSITIONS)
    .default('send')
    .describe('`hold` waits for a person; `reject` returns the message to its sender.'),
  hold_reason: line(200).optional().describe('Why, in words without patient data; shown to reviewers.'),
  reject_text: line(400).optional().describe('What the sender reads (DSN, 5.7.1). Required with `reject`.'),
});

const exception = z.strictObject({
  when,
  owner: line(120).describe('Who answers for this exception.'),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a date such as 2027-03-31' })
    .describe('Last day (UTC) on which it applies.'),
  reason: line(400).optional().describe('Why it exists.'),
});

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const rule = z.strictObject({
  id: z
    .string()
    .regex(ID, { error: 'must be a short name of a-z, 0-9 and -' })
    .refine((id) => id !== 'default', { error: '`default` is the name of the default demand' })
    .describe('Name of the rule, unique among all files; the audit log and explanations use it.'),
  description: line(400).optional().describe('What the rule is for, in a sentence.'),
  when,
  unless: z
    .array(exception)
    .min(1, { error: 'must hold at least one exception' })
    .optional()
    .describe('Exceptions of this rule. Nothing elsewhere can loosen it.'),
  demand: demandSchema.optional().describe('What the rule demands when it matches.'),
  tags: z
    .array(z.string().regex(ID, { error: 'must be a short name of a-z, 0-9 and -' }))
    .optional()
    .describe('Labels recorded with the decision.'),
  notices: z
    .array(line(400))
    .optional()
    .describe('Sentences recorded with the decision, for those who read the explanation.'),
});

const prefer = z
  .array(z.enum(PREFERABLE_METHODS))
  .min(1, { error: 'must name at least one method' })
  .refine((methods) => new Set(methods).size === methods.length, { error: 'names a method twice' });

const list = z.union([
  z.array(text),
  z.strictObject({
    file: z
      .string()
      .regex(/^[A-Za-z0-9_][\w.-]*$/, { error: 'must be the name of a file beside this one' })
      .describe('Text file beside this one, one entry a line; `#` begins a comment.'),
  }),
]);

export const policyFileSchema = z.strictObject({
  version: z
    .literal(1, { error: 'must be 1, the version of this format' })
    .describe('Version of the format: 1.'),
  description: text.optional().describe('What this file is for.'),
  prefer: prefer
    .optional()
    .describe(
      'Order in which allowed methods are tried; a method left out is not used. In one file only. Default: smime, pgp, tls, portal.',
    ),
  prefer_by_domain: z
    .record(z.string(), prefer)
    .optional()
    .describe('The same for single recipient domains.'),
  default: demandSchema.optional().describe('Demand for every recipient of every message. In one file only.'),
  lists: z
    .record(z.string(), list)
    .optional()
    .describe('Named lists of addresses, domains and `*.domain`; every file can use them.'),
  rules: z.array(rule).optional().describe('The rules. All that match count, and the strictest demand wins.'),
});

export type PolicyFile = z.output<typeof policyFileSchema>;
export type ConditionSource = z.output<typeof conditionSchema>;
export type WhenSource = 'always' | ConditionSource;
export type PartySource = z.output<typeof party>;
export type TextMatchSource = z.output<typeof textMatch>;
export type DemandSource = z.output<typeof demandSchema>;
export type RuleSource = z.output<typeof rule>;
export type Weekday = (typeof WEEKDAYS)[number];
