import { z } from 'zod';
import { isOneLine } from '../../shared/one-line.js';

/** Why somebody does it, in their words: in the audit log, and where mail is rejected in what its sender is told. */
export const reason = z.string().min(1).max(500).refine(isOneLine, {
  error: 'must be one line of text, without control characters or invisible ones that change how it reads',
});
