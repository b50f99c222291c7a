import { afterAll, describe, expect, it } from 'vitest';
import type { CustomDetector } from '../../../src/inspect/detect/custom/types.js';
import { detectionSettings } from '../../../src/inspect/detect/settings.js';
import { createInspector } from '../../../src/inspect/index.js';
import { createLog } from '../../../src/ops/log.js';
import { HEADER, LIMITS, mail } from './limits.js';

const log = createLog({ level: 'error', addresses: 'domains' });
const inspector = createInspector({
  limits: { ...LIMITS, workers: 2 },
  fingerprintKey: new Uint8Array(32),
  log,
});

afterAll(() => inspector.close());

const detector = (name: string, pattern: string): CustomDetector => ({
  name,
  class: 'identifier',
  description: 'a number of the house',
  identifies: 'person',
  showsHealth: false,
  patterns: [pattern],
  dictionary: '',
  context: [],
  suppress: [],
  window: 40,
  confidence: { alone: 'medium', withContext: 'high' },
  mask: 'all',
});

const found = async (detection: ReturnType<typeof detectionSettings>, healthSender = false) => {
  const message = mail(`${HEADER}\nplease see WX-4711 and YZ-0815\n`);
  const inspection = await inspector.inspect(message, { detection, healthSender });
  expect(inspection.failure).toBeUndefined();
  return {
    detectors: inspection.findings.map((one) => one.detector),
    phi: inspection.classifications.some((one) => one.classification === 'phi'),
  };
};

describe("an organisation's own detectors", () => {
  it('are those of the settings that a message is inspected with, whatever came before in its thread', async () => {
    const first = detectionSettings([detector('ward-number', 'WX-[0-9]{4}')], []);
    const second = detectionSettings([detector('bed-number', 'YZ-[0-9]{4}')], []);
    const none = detectionSettings([], []);
    const many = Array.from({ length: 4 }, (_, i) =>
      detectionSettings([detector(`number-${i}`, 'WX-[0-9]{4}')], []),
    );
    const wanted = [first, second, none, first, ...many, second, first];
    const answers = await Promise.all(wanted.map((settings) => found(settings)));
    expect(answers.map(({ detectors }) => detectors)).toEqual(
      wanted.map((settings) => settings.detectors.map((one) => one.name)),
    );
  });

  it('make PHI beside health words, or where the sender provides care', async () => {
    const settings = detectionSettings([detector('ward-number', 'WX-[0-9]{4}')], []);
    expect((await found(settings)).phi).toBe(false);
    expect((await found(settings, true)).phi).toBe(true);
  });

  it('leave a message unread that their patterns cannot be compiled for, and the next one alone', async () => {
    const broken = detectionSettings([detector('broken', '(')], []);
    const message = () => mail(`${HEADER}\nplease see WX-4711\n`);
    const inspection = await inspector.inspect(message(), { detection: broken, healthSender: false });
    expect(inspection.failure).toBe('crashed');
    expect((await inspector.inspect(message())).failure).toBeUndefined();
  });
});
