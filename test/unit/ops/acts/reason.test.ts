import { expect, it } from 'vitest';
import { performAct } from '../../../../src/ops/acts/index.js';
import { keyStage } from './key-stage.js';

it.each([
  ['held reject', { id: 'm1' }],
  ['held release', { id: 'm1' }],
  ['queue cancel', { id: 'm1' }],
  ['suppress add', { address: 'sam@lab.example' }],
  ['portal revoke', { target: 'p1' }],
  ['audit hold remove', { name: 'case-7' }],
] as const)('%s takes no reason that reads as another one, or has lines of its own', async (name, input) => {
  const { context } = await keyStage({});
  const actor = { kind: 'operator', name: 'ada', roles: ['administrator', 'reviewer', 'auditor'] } as const;
  for (const reason of ['not \u202edewolla', 'no\r\nBcc: eve@evil.example', 'al\u200blowed'])
    await expect(performAct({ ...context, actor }, name, { ...input, reason })).rejects.toMatchObject({
      exitStatus: 2,
      message: expect.stringContaining('reason: must be one line of text'),
    });
});
