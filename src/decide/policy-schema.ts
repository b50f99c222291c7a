import { z } from 'zod';
import { RELEASES, REVOCATION_DEMANDS } from '../model/decision.js';
import { KEY_SOURCES } from '../model/key.js';
import { DISPOSITIONS, PORTAL_STRENGTHS, SEALED_METHODS, TLS_LEVELS } from '../model/method.js';
import { type ConditionSource, conditionSchema } from './condition-schema.js';
import { detectorSchema } from './detector-schema.js';

/*
 * The shape of a policy file. What needs more than the shape (lists and detectors that are named, patterns, time
 * zones) is checked by compile.ts. The reference page and the editor schema are generated from here.
 */

const text = z.string().min(1, { error: 'must not be empty' });

/** Methods that can be preferred over one another; `plain` is what unprotected mail travels by. */
const PREFERABLE_METHODS = ['smime', 'pgp', 'tls', 'portal'] as const;

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

const keySources = z
  .array(z.enum(KEY_SOURCES))
  .min(1, { error: 'must name at least one of imported, ldap, wkd' })
  .refine((sources) => new Set(sources).size === sources.length, { error: 'names a source twice' });

const demandSchema = z.strictObject({
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
      'What the portal must ask of the recipient: a `code` to the mailbox; an `account` with a password or passkey; a second factor beside it, so that the mailbox alone never opens the message; or a `shared-secret`, a passphrase that the sender tells the recipient by telephone. Where a passphrase is needed and the sender is outside `organisation.domains`, the message is held.',
    ),
  key_sources: keySources
    .optional()
    .describe(
      'Sources of recipients’ keys that suffice for this demand, of those that the policy set asks (`key_sources` at the top).',
    ),
  revocation: z
    .enum(REVOCATION_DEMANDS)
    .optional()
    .describe(
      '`required`: a certificate whose revocation could not be found out is not used; `if-reachable`: it is. With any `require` but `any` it is `required` unless said.',
    ),
  legacy_display: z
    .boolean()
    .optional()
    .describe(
      'Show the Subject at the beginning of the protected text, for mail clients that do not know RFC 9788. Enough that one rule asks for it.',
    ),
  redact: z
    .array(z.string().min(1, { error: 'must name a detector' }))
    .min(1, { error: 'must name at least one detector' })
    .refine((names) => new Set(names).size === names.length, { error: 'names a detector twice' })
    .optional()
    .describe(
      'Detectors whose findings are masked before the message leaves, in its text, HTML and Subject. What all matching rules name adds up, and rules always see the findings. Where the message cannot be rewritten faithfully it is held. What is no finding stays readable, so a mask does not protect patient data: that is for `require`.',
    ),
  canonicalise: z
    .literal(true, { error: 'must be true, or left out' })
    .optional()
    .describe(
      'Rebuild the message from exactly what was read, instead of holding what two mail readers could read differently. Where that is not possible, as with signed and encrypted mail, it is held.',
    ),
  disposition: z
    .enum(DISPOSITIONS)
    .default('send')
    .describe('`hold` waits for a person; `reject` returns the message to its sender.'),
  release: z
    .enum(RELEASES)
    .optional()
    .describe(
      '`two-person`: where the message is held, for this rule or for another reason, two operators must release it. One rule that asks for it is enough. Default: `one-person`.',
    ),
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
  key_sources: keySources
    .optional()
    .describe(
      'Where recipients’ keys are looked for, in this order; a source left out is neither asked nor used. In one file only. Default: imported.',
    ),
  key_sources_by_domain: z
    .record(z.string(), keySources)
    .optional()
    .describe('The same for single recipient domains.'),
  default: demandSchema.optional().describe('Demand for every recipient of every message. In one file only.'),
  lists: z
    .record(z.string(), list)
    .optional()
    .describe('Named lists of addresses, domains and `*.domain`; every file can use them.'),
  detectors: z
    .array(detectorSchema)
    .optional()
    .describe('Detectors and dictionaries of your own; conditions of every file can name them.'),
  rules: z.array(rule).optional().describe('The rules. All that match count, and the strictest demand wins.'),
});

export type PolicyFile = z.output<typeof policyFileSchema>;
export type WhenSource = 'always' | ConditionSource;
export type DemandSource = z.output<typeof demandSchema>;
export type RuleSource = z.output<typeof rule>;
