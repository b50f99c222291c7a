import { z } from 'zod';
import { senderEntry } from '../config/schema.js';
import { RELEASES } from '../model/decision.js';
import { CLASSIFICATIONS, CONFIDENCES, FINDING_CLASSES, PART_STATUSES } from '../model/inspection.js';
import { DISPOSITIONS, METHODS, TLS_LEVELS } from '../model/method.js';

/* The shape of a policy test file (`*.test.yaml`). */

const text = z.string().min(1, { error: 'must not be empty' });

const finding = z.strictObject({
  detector: text.describe('Name of the detector.'),
  class: z.enum(FINDING_CLASSES).default('identifier'),
  confidence: z.enum(CONFIDENCES).default('high').describe('Confidence of all of its values.'),
  distinct: z.int().min(1).default(1).describe('How many distinct values it found.'),
});

const part = z.strictObject({
  type: text.default('application/octet-stream').describe('Media type.'),
  name: text.optional().describe('File name.'),
  status: z.enum(PART_STATUSES).default('read'),
});

const message = z.strictObject({
  sender: z.string().default('sender@clinic.example').describe('Envelope sender; empty for the null sender.'),
  identity: text.default('test').describe('Who submitted it.'),
  received: z
    .string()
    .optional()
    .describe('When it was accepted, e.g. `2026-11-02T10:00:00Z`. Default: the time of the test.'),
  subject: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional().describe('Further header fields.'),
  size: text.optional().describe('Size, e.g. `12KB`. Facts only.'),
  findings: z.array(finding).optional().describe('What detectors found. Facts only.'),
  classifications: z.array(z.enum(CLASSIFICATIONS)).optional().describe('Classifications. Facts only.'),
  parts: z.array(part).optional().describe('Attachments and other parts. Facts only.'),
  ambiguities: z.array(text).optional().describe('Names of (material) ambiguities. Facts only.'),
  inspection: z
    .enum(['timed-out', 'crashed'])
    .optional()
    .describe('The inspection failed this way. Facts only.'),
  text: z.string().optional().describe('Text of a message that is really inspected.'),
  eml: text.optional().describe('File beside this one with a whole message that is really inspected.'),
});

const expected = z.strictObject({
  method: z
    .enum([...METHODS, 'none'])
    .optional()
    .describe('Method that is tried first; `none` when nothing is sent.'),
  order: z.array(z.enum(METHODS)).optional().describe('All methods, in the order in which they are tried.'),
  disposition: z.enum(DISPOSITIONS).optional(),
  tls: z.enum(TLS_LEVELS).optional().describe('Least TLS level.'),
  allowed: z.array(z.enum(METHODS)).optional().describe('Methods that the rules allow.'),
  redact: z
    .array(text)
    .optional()
    .describe('Findings of exactly these detectors are to be masked, in any order.'),
  canonicalise: z.boolean().optional().describe('Whether the message is to be rebuilt.'),
  release: z.enum(RELEASES).optional().describe('How many people must release it where it is held.'),
  rules: z.array(text).optional().describe('Exactly these rules matched, in any order.'),
  tags: z.array(text).optional().describe('Exactly these tags, in any order.'),
});

const recipient = z.strictObject({
  to: text.describe('Address of the recipient.'),
  available: z
    .array(z.enum(METHODS))
    .optional()
    .describe('Methods that the recipient can receive by; default: those of the file.'),
  expect: expected,
});

export const policyTestFileSchema = z.strictObject({
  version: z
    .literal(1, { error: 'must be 1, the version of this format' })
    .describe('Version of the format: 1.'),
  description: text.optional(),
  internal_domains: z
    .array(text)
    .default(['clinic.example'])
    .describe('Domains of the organisation in these tests.'),
  health_senders: z
    .array(senderEntry)
    .default([])
    .describe(
      'Senders whose mail is health context by itself, as `inspect.health_senders` of the configuration.',
    ),
  available: z
    .array(z.enum(METHODS))
    .default(['plain', 'tls', 'portal'])
    .describe('Methods that recipients can receive by, unless said otherwise.'),
  tests: z
    .array(
      z.strictObject({
        name: text.describe('What the test shows, in a sentence.'),
        message: message.prefault({}),
        recipients: z.array(recipient).min(1, { error: 'must name at least one' }),
      }),
    )
    .min(1, { error: 'must hold at least one test' }),
});

export type PolicyTestFile = z.output<typeof policyTestFileSchema>;
export type PolicyTest = PolicyTestFile['tests'][number];
export type PolicyTestMessage = PolicyTest['message'];
export type PolicyTestExpectation = z.output<typeof expected>;
