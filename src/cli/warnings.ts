import { HIPAA_MONTHS } from '../config/retention.js';
import type { Config } from '../config/schema.js';

/** Said by `check` and at each start. */
export const PRIVATE_TARGETS =
  '`dns.allow_private_targets` is on: whoever controls a recipient domain can have mail delivered into this network. For tests only';

/** Said by `check`, `doctor` and at each start. */
export const NOT_INSPECTED =
  'mail is NOT INSPECTED (`inspect.enabled: false`): nobody looks for patient data in it, and policies decide without its content';

/** A log that is kept for less than HIPAA asks of documentation. */
export function retentionWarnings({ audit: { retention } }: Config): readonly string[] {
  if (retention === 'forever' || retention >= HIPAA_MONTHS) return [];
  return [
    `\`audit.retention\` is ${retention} months, less than the six years that HIPAA asks of documentation (45 CFR 164.316(b)(2)(i)): make sure that your policy says so`,
  ];
}
