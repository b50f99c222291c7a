import type { StructureLimits } from '../../inspect/limits.js';
import { CannotRewrite } from './cannot-rewrite.js';

export function canonicaliseMessage(_source: Buffer, _limits: StructureLimits): Buffer {
  throw new CannotRewrite('rebuilding messages is not available');
}
