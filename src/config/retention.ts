import { z } from 'zod';

/** Six years, as 45 CFR 164.316(b)(2)(i) asks of documentation. */
export const HIPAA_MONTHS = 72;

const SPAN = /^(\d{1,4}) ?(month|months|year|years)$/;

/** How long the audit log is kept: whole months, or for ever. */
export const retention = z
  .string()
  .transform((text, context) => {
    if (text.trim() === 'forever') return 'forever' as const;
    const match = SPAN.exec(text.trim());
    const months = Number(match?.[1]) * (match?.[2]?.startsWith('year') === true ? 12 : 1);
    if (match === null || months < 1) {
      context.addIssue({
        code: 'custom',
        message: 'must be a number of months or years, such as 72 months or 7 years, or `forever`',
      });
      return z.NEVER;
    }
    return months;
  })
  .describe(
    'How long months of the audit log are kept: `72 months`, `7 years` or `forever`. HIPAA asks for six years (45 CFR 164.316(b)(2)(i)); law of your state may ask for more. Legal holds keep them longer.',
  );
