import { describe, expect, it } from 'vitest';
import { nextMethod } from '../../../src/deliver/permit.js';
import type { Decision } from '../../../src/model/decision.js';
import type { Method } from '../../../src/model/method.js';
import { systemDecision } from '../../../src/model/system-decision.js';

function decided(order: readonly Method[], over: Partial<Decision> = {}): Decision {
  const base = systemDecision('sam@lab.example');
  const methods = ['tls', 'pgp', 'smime', 'portal'] as const;
  return { ...base, protected: true, order, demand: { ...base.demand, methods }, ...over };
}

describe('the next method', () => {
  it('is the next in the order that the decision allows', () => {
    expect(nextMethod(decided(['smime', 'tls', 'portal']), 'smime')).toBe('tls');
    expect(nextMethod(decided(['smime', 'plain', 'portal']), 'smime')).toBe('portal');
    expect(nextMethod(decided(['smime']), 'smime')).toBeUndefined();
    expect(nextMethod(decided(['smime', 'tls'], { enforcement: 'shadow' }), 'smime')).toBeUndefined();
  });

  it('is nothing weaker where a key was there and not enough for the rules', () => {
    const keepStrength = { keepStrength: true };
    expect(nextMethod(decided(['smime', 'tls', 'portal']), 'smime', keepStrength)).toBe('portal');
    expect(nextMethod(decided(['smime', 'pgp', 'tls']), 'smime', keepStrength)).toBe('pgp');
    expect(nextMethod(decided(['smime', 'tls']), 'smime', keepStrength)).toBeUndefined();
  });
});
