import type { Decision } from './decision.js';

/**
 * The decision for mail that the gateway makes itself (DSNs, notices, codes). It holds no PHI and travels as `plain`;
 * `deliver` adds the floor of the remembered TLS level for pickup notices and codes.
 */
export function systemDecision(recipient: string): Decision {
  return {
    recipient,
    demand: {
      methods: ['plain', 'tls', 'pgp', 'smime', 'portal'],
      tls: 'encrypted',
      portal: 'code',
      disposition: 'send',
    },
    protected: false,
    order: ['plain'],
    rules: [],
    considered: [{ method: 'plain', verdict: 'chosen', reason: 'made by the gateway, without patient data' }],
    tags: [],
    policyHash: 'built-in',
    enforcement: 'enforce',
  };
}
