import type { BodyStore } from '../store/ports.js';
import type { OutboundCopy, Protect } from './types.js';

export { methodAvailability } from './availability.js';

/**
 * The protect stage. `plain` and `tls` send the original bytes as intake stored them, so signatures made upstream
 * survive; `portal` sends nothing but a notice. `pgp` and `smime` are impossible until the gateway holds keys, and
 * then `deliver` tries the next allowed method.
 */
export function createProtect(bodies: Pick<BodyStore, 'open'>): Protect {
  return async (message, _recipients, method): Promise<OutboundCopy> => {
    const { body } = message;
    switch (method) {
      case 'plain':
      case 'tls':
        if (body === undefined) return { kind: 'impossible', reason: 'the content was destroyed' };
        return {
          kind: 'smtp',
          open: () => bodies.open(body),
          size: body.size,
          eightBitMime: message.eightBitMime,
          smtpUtf8: message.smtpUtf8,
        };
      case 'portal':
        return { kind: 'portal' };
      case 'pgp':
      case 'smime':
        return { kind: 'impossible', reason: 'no usable key: this version holds no keys for recipients' };
      default:
        return unknownMethod(method);
    }
  };
}

function unknownMethod(method: never): OutboundCopy {
  return { kind: 'impossible', reason: `unknown method ${String(method)}` };
}
