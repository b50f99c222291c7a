import { z } from 'zod';
import { CUSTOM_MASKS } from '../inspect/detect/custom/types.js';
import { CONFIDENCES, FINDING_CLASSES, type SafeHarborCategory } from '../model/inspection.js';

/*
 * The shape of a detector that a policy file defines. Patterns, validators, words and dictionaries are checked by
 * compile-detectors.ts.
 */

const SAFE_HARBOR = [
  'A-names',
  'B-geographic',
  'C-dates',
  'D-telephone',
  'E-fax',
  'F-email',
  'G-ssn',
  'H-medical-record',
  'I-health-plan',
  'J-account',
  'K-certificate-licence',
  'L-vehicle',
  'M-device',
  'N-url',
  'O-ip',
  'P-biometric',
  'Q-photograph',
  'R-other',
] as const satisfies readonly SafeHarborCategory[];

const IDENTIFIES = ['person', 'contact', 'name', 'date', 'professional'] as const;

const LONGEST_PATTERN = 2_000;
const MOST_PATTERNS = 20;
const MOST_WORDS_AROUND = 500;
const MOST_TESTS = 200;
const LONGEST_TEST = 10_000;
const LARGEST_WINDOW = 500;

const oneLine = (max: number) =>
  z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must be at most ${max} characters` })
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, { error: 'must be one line without control characters' });

const pattern = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(LONGEST_PATTERN, { error: `must be at most ${LONGEST_PATTERN} characters` });

const words = z.union([
  z.string(),
  z
    .array(z.string())
    .min(1, { error: 'must name at least one word' })
    .max(MOST_WORDS_AROUND, { error: `must name at most ${MOST_WORDS_AROUND} words` }),
]);

const testText = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(LONGEST_TEST, { error: `must be at most ${LONGEST_TEST} characters` });

const tests = <Item extends z.ZodType>(item: Item) =>
  z.array(item).max(MOST_TESTS, { error: `must be at most ${MOST_TESTS}` });

export const detectorSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,62}$/, {
      error: 'must be a short name of a-z, 0-9 and - that begins with a letter',
    })
    .describe(
      'Name, unique among all files and shipped detectors; conditions, the audit log and metrics use it.',
    ),
  description: oneLine(200).describe('What it finds, in a sentence.'),
  class: z
    .enum(FINDING_CLASSES)
    .describe(
      '`health` findings are health context, `credential` findings the classification `credentials`.',
    ),
  safe_harbor: z
    .enum(SAFE_HARBOR)
    .optional()
    .describe('Identifier of 45 CFR 164.514(b)(2)(i) that it finds; shown by `sallyport scan`.'),
  identifies: z
    .enum(IDENTIFIES)
    .optional()
    .describe(
      'What a finding says of who it is about. `person`: names one person by itself. `contact`, `name`, `date`: does so where the words around say that it is a patient’s. `professional`: names one who gives care. Left out, findings of class `identifier` and `financial` count in no classification.',
    ),
  shows_health: z
    .boolean()
    .default(false)
    .describe(
      'A finding shows health care by itself, as a medical record number does: `phi` without health words. With `identifies` only.',
    ),
  pattern: z
    .union([
      pattern,
      z
        .array(pattern)
        .min(1, { error: 'must hold at least one pattern' })
        .max(MOST_PATTERNS, { error: `must hold at most ${MOST_PATTERNS} patterns` }),
    ])
    .optional()
    .describe(
      'Regular expression in Rust’s syntax, or several. 3 to 448 characters long matches, bounded repeats, ASCII. A group `(?<value>…)` is the part that counts.',
    ),
  dictionary: z
    .union([
      z.array(z.string()).min(1, { error: 'must hold at least one entry' }),
      z.strictObject({
        file: z
          .string()
          .regex(/^[A-Za-z0-9_][\w.-]*$/, { error: 'must be the name of a file beside this one' })
          .describe('Text file beside this one, one entry a line; `#` begins a comment.'),
      }),
    ])
    .optional()
    .describe('Words and phrases; case, marks and what stands between words don’t matter.'),
  validator: z.string().optional().describe('A check that a match of a pattern must pass, see *Validators*.'),
  context: words
    .optional()
    .describe('Words or phrases that speak for a match when they stand near it; see `confidence`.'),
  suppress: words.optional().describe('Words or phrases near which a match is no finding.'),
  within: z
    .int()
    .min(1, { error: 'must be at least 1' })
    .max(LARGEST_WINDOW, { error: `must be at most ${LARGEST_WINDOW}` })
    .default(80)
    .describe('How many characters before and behind a match are near, in the same paragraph.'),
  confidence: z
    .union([
      z.enum(CONFIDENCES),
      z.strictObject({
        alone: z
          .enum([...CONFIDENCES, 'ignore'])
          .default('low')
          .describe('Without a word of `context` near it; `ignore`: no finding.'),
        with_context: z.enum(CONFIDENCES).default('high').describe('With one.'),
      }),
    ])
    .optional()
    .describe(
      'Only `medium` and `high` count in classifications. Default: `medium`; with `context`: `low` alone and `high` with it.',
    ),
  mask: z
    .enum(CUSTOM_MASKS)
    .optional()
    .describe(
      'How a match is shown. `all`: a star for each letter and digit; `last-four`: but for the last four of nine or more; `hidden`: not even its length. Default: `all`; for credentials `hidden`.',
    ),
  tests: z
    .strictObject({
      finds: tests(
        z.union([
          testText,
          z.strictObject({
            text: testText,
            confidence: z.enum(CONFIDENCES).optional().describe('The highest confidence in it.'),
          }),
        ]),
      )
        .optional()
        .describe('Texts in which it must find something.'),
      ignores: tests(testText).optional().describe('Texts in which it must find nothing.'),
    })
    .optional()
    .describe('Run by `sallyport policy test` and `sallyport check`.'),
});

export type DetectorSource = z.output<typeof detectorSchema>;
