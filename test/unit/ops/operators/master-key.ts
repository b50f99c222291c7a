import { createSecretKey } from 'node:crypto';
import type { MasterKey } from '../../../../src/store/master-key.js';

export function parseKey(bytes: Uint8Array): MasterKey {
  return { secret: createSecretKey(bytes), source: 'the test' };
}
