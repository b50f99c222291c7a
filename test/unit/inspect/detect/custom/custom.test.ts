import { describe, expect, it } from 'vitest';
import type { CustomDetector } from '../../../../../src/inspect/detect/custom/types.js';
import { detect, detectSpans } from '../../../../../src/inspect/detect/index.js';
import { compileSettings } from '../../../../../src/inspect/detect/settings.js';
import { watchProcessor } from '../../../../support/processor-time.js';

const BASE: CustomDetector = {
  name: 'own',
  class: 'identifier',
  description: 'x',
  showsHealth: false,
  patterns: [],
  dictionary: '',
  context: [],
  suppress: [],
  window: 40,
  confidence: { alone: 'medium', withContext: 'medium' },
  mask: 'all',
};
const NUMBER = '(?-u:\\b)STU-[0-9]{6}(?-u:\\b)';

function compiled(...specs: Partial<CustomDetector>[]) {
  return compileSettings({ rosters: [], detectors: specs.map((spec) => ({ ...BASE, ...spec })) });
}

function seen(text: string, ...specs: Partial<CustomDetector>[]) {
  const own = compiled(...specs);
  const names = specs.map((spec) => spec.name ?? 'own');
  return detectSpans(text, { own, detectors: names }).map(
    ({ start, end, confidence }) => `${text.slice(start, end)} ${confidence}`,
  );
}

function detected(text: string, spec: Partial<CustomDetector>, healthSender = false) {
  const view = { where: '1', view: 'text', text, toSource: (offset: number) => offset };
  const own = compiled(spec);
  const found = detect([view], { fingerprintKey: new Uint8Array(32), own, healthSender });
  return {
    finding: found.findings.find((one) => one.detector === 'own'),
    classes: found.classifications
      .filter((one) => one.detectors.includes('own'))
      .map((one) => `${one.classification} ${one.confidence}`),
  };
}

describe('a detector of a policy', () => {
  it.each<[string, Partial<CustomDetector>, string, string[]]>([
    ['what its pattern matches', { patterns: [NUMBER] }, 'STU-104711, XSTU-104712', ['STU-104711 medium']],
    [
      'what any of its patterns matches',
      { patterns: [NUMBER, 'PAR-[0-9]{4}'] },
      'PAR-1234 STU-104711',
      ['PAR-1234 medium', 'STU-104711 medium'],
    ],
    [
      'the words of its dictionary',
      { dictionary: 'blue heron\n' },
      'the Blue\nHERON project',
      ['Blue\nHERON medium'],
    ],
    [
      'both',
      { patterns: [NUMBER], dictionary: 'heron\n' },
      'Heron STU-104711',
      ['Heron medium', 'STU-104711 medium'],
    ],
    [
      'the longer of two that overlap',
      { dictionary: 'blue heron\nheron nest box\n' },
      'blue heron nest box',
      ['heron nest box medium'],
    ],
    [
      'letters without their marks',
      { patterns: ['(?i)numero [0-9]{4}'] },
      'Número 1234',
      ['Número 1234 medium'],
    ],
    [
      'only the group named value',
      { patterns: ['(?i)(?-u:\\b)study no\\.? (?<value>[0-9]{6})(?-u:\\b)'] },
      'Study no. 104711.',
      ['104711 medium'],
    ],
    [
      'the whole where the group took no part',
      { patterns: ['STU-(?:(?<value>[0-9]{6})|none)'] },
      'STU-none STU-104711',
      ['STU-none medium', '104711 medium'],
    ],
    [
      'values that stand side by side',
      { patterns: ['x?(?<value>[0-9]{3})'] },
      '123x456x7890',
      ['123 medium', '456 medium', '789 medium'],
    ],
    [
      'only what its validator passes',
      { patterns: ['card (?<value>[0-9]{16})'], validator: 'luhn' },
      'card 4111111111111111, card 4111111111111112',
      ['4111111111111111 medium'],
    ],
    [
      'words that no validator is asked about',
      { dictionary: 'heron\n', patterns: [NUMBER], validator: 'luhn' },
      'heron',
      ['heron medium'],
    ],
    ['nothing in an empty text', { patterns: [NUMBER], dictionary: 'heron\n' }, '', []],
  ])('finds %s', (_what, spec, text, expected) => {
    expect(seen(text, spec)).toEqual(expected);
  });

  const CONTEXT = {
    context: ['study', 'taking part'],
    confidence: { alone: 'low', withContext: 'high' },
  } as const;

  it.each<[string, Partial<CustomDetector>, string, string[]]>([
    ['alone', CONTEXT, 'STU-104711', ['STU-104711 low']],
    [
      'not at all alone',
      { ...CONTEXT, confidence: { alone: 'ignore', withContext: 'high' } },
      'STU-104711',
      [],
    ],
    ['with a word before it', CONTEXT, 'our Study: STU-104711', ['STU-104711 high']],
    ['with a phrase behind it', CONTEXT, 'STU-104711 is taking-part', ['STU-104711 high']],
    ['with a word that only begins so', CONTEXT, 'students STU-104711', ['STU-104711 low']],
    ['with a word at the window’s edge', CONTEXT, `study${'.'.repeat(40)}STU-104711`, ['STU-104711 high']],
    ['with a word beyond the window', CONTEXT, `study${'.'.repeat(41)}STU-104711`, ['STU-104711 low']],
    [
      'with a word behind, beyond the window',
      CONTEXT,
      `STU-104711${'.'.repeat(41)}study`,
      ['STU-104711 low'],
    ],
    ['with a word of another paragraph', CONTEXT, 'study\n\nSTU-104711', ['STU-104711 low']],
    ['with the nearer of two words', CONTEXT, `study${'.'.repeat(60)}study STU-104711`, ['STU-104711 high']],
    [
      'with the header of its column',
      CONTEXT,
      `name,mrn,study\n${'Ann Roe,1234567,XXX-104711\n'.repeat(9)}Jo Doe,1234567,STU-104711`,
      ['STU-104711 high'],
    ],
    [
      'with the header of another column',
      CONTEXT,
      `name,study,code\n${'Ann Roe,1234567,XXX-104711\n'.repeat(9)}Jo Doe,1234567,STU-104711`,
      ['STU-104711 low'],
    ],
    ['beside a suppressing word', { ...CONTEXT, suppress: ['sample'] }, 'study sample STU-104711', []],
    [
      'far from a suppressing word',
      { suppress: ['sample'] },
      `sample${'.'.repeat(41)}STU-104711`,
      ['STU-104711 medium'],
    ],
    [
      'each by its own place',
      CONTEXT,
      `study STU-104711${'.'.repeat(60)}STU-104712`,
      ['STU-104711 high', 'STU-104712 low'],
    ],
  ])('judges a match %s', (_what, spec, text, expected) => {
    expect(seen(text, { patterns: [NUMBER], ...spec })).toEqual(expected);
  });

  it('looks for the value’s label in front of the value, within the match', () => {
    const spec = {
      ...CONTEXT,
      patterns: ['(?i)(?:study|part) (?<value>[0-9]{6})'],
    };
    expect(seen('part 104711, study 104712', spec)).toEqual(['104711 high', '104712 high']);
    expect(seen('part 104711', spec)).toEqual(['104711 low']);
  });

  it('keeps to its own patterns, words and context beside others', () => {
    const specs = [
      { name: 'a', patterns: [NUMBER], ...CONTEXT },
      { name: 'b', dictionary: 'heron\n', suppress: ['study'] },
      { name: 'c', patterns: ['[0-9]{6}'], dictionary: 'study\n' },
    ];
    const own = compiled(...specs);
    const text = 'study STU-104711 heron';
    const spans = detectSpans(text, { own, detectors: ['a', 'b', 'c'] });
    expect(spans.map(({ detector, start, end }) => [detector, text.slice(start, end)])).toEqual([
      ['c', 'study'],
      ['a', 'STU-104711'],
      ['c', '104711'],
    ]);
  });

  it('finds what lies deep in a long text and over the engine’s pieces', () => {
    const text = `${'word '.repeat(20_000)}STU-104711 ${'x'.repeat(2_550)} STU-104712 Blue Heron`;
    expect(seen(text, { patterns: [NUMBER], dictionary: 'blue heron\n' })).toEqual([
      'STU-104711 medium',
      'STU-104712 medium',
      'Blue Heron medium',
    ]);
  });

  it('takes time linear in a hostile text', () => {
    const spec = {
      patterns: ['(?:a{1,20}){1,20}b', '[0-9]{3,20}'],
      dictionary: 'a a a b\n',
      ...CONTEXT,
      context: ['111 111'],
    };
    const own = compiled(spec);
    const work = watchProcessor();
    for (const piece of ['a', 'a ', '111 ', '\n\n', '111\n\n']) {
      detectSpans(piece.repeat(100_000), { own, detectors: ['own'] });
    }
    // One line of a million characters.
    detectSpans('a'.repeat(1_000_000), { own, detectors: ['own'] });
    work.expectBelow(40_000);
  });
});

describe('the findings of a detector of a policy', () => {
  it.each([
    ['all', '***-****** **** *****'],
    ['last-four', '***-**4711 **** *eron'],
    ['hidden', '********'],
  ] as const)('are masked: %s', (mask, expected) => {
    const { finding } = detected('STU-104711, Blue Heron', {
      mask,
      patterns: [NUMBER],
      dictionary: 'blue heron\n',
    });
    expect(finding?.masked.join(' ')).toBe(expected);
  });

  it('count a value once, however it is written', () => {
    const { finding } = detected('Blue Heron, BLUE-HERON, STU-104711, stu-104711', {
      dictionary: 'blue heron\n',
      patterns: [`(?i)${NUMBER}`],
      safeHarbor: 'R-other',
    });
    expect(finding).toMatchObject({ class: 'identifier', safeHarbor: 'R-other', distinct: { medium: 2 } });
  });

  const HEALTH = 'type 2 diabetes mellitus';
  const PATTERN = { patterns: [NUMBER] };

  it.each<[string, Partial<CustomDetector>, string, string[]]>([
    ['an identifier that says nothing of whom', PATTERN, `STU-104711: ${HEALTH}`, []],
    ['a person’s number', { ...PATTERN, identifies: 'person' }, 'STU-104711', ['pii medium']],
    [
      'a person’s number and health',
      { ...PATTERN, identifies: 'person' },
      `STU-104711: ${HEALTH}`,
      ['phi high', 'pii medium'],
    ],
    [
      'a person’s number that shows care',
      { ...PATTERN, identifies: 'person', showsHealth: true },
      'STU-104711',
      ['phi medium', 'pii medium'],
    ],
    [
      'a person’s number of low confidence',
      { ...PATTERN, identifies: 'person', confidence: { alone: 'low', withContext: 'low' } },
      `STU-104711: ${HEALTH}`,
      [],
    ],
    [
      'a financial number of a person',
      { ...PATTERN, class: 'financial', identifies: 'person' },
      `STU-104711: ${HEALTH}`,
      ['phi high'],
    ],
    ['contact data of nobody', { ...PATTERN, identifies: 'contact' }, `STU-104711 about ${HEALTH}`, []],
    [
      'contact data of a patient',
      { ...PATTERN, identifies: 'contact' },
      `patient STU-104711: ${HEALTH}`,
      ['phi high', 'pii medium'],
    ],
    [
      'a name of a patient',
      { dictionary: 'zaphod\n', identifies: 'name' },
      `patient Zaphod: ${HEALTH}`,
      ['phi medium'],
    ],
    [
      'a date of a patient',
      { patterns: ['on day [0-9]{3}'], identifies: 'date' },
      `patient, on day 104: ${HEALTH}`,
      ['phi medium'],
    ],
    ['a provider’s number', { ...PATTERN, identifies: 'professional' }, `STU-104711: ${HEALTH}`, []],
    [
      'health words of one’s own',
      { dictionary: 'ward seven\n', class: 'health' },
      'SSN 212-55-0147, Ward Seven',
      ['phi high'],
    ],
    [
      'a credential',
      { patterns: ['tok_[0-9]{6}'], class: 'credential' },
      'tok_123456',
      ['credentials medium'],
    ],
    ['a card number of one’s own', { patterns: ['[0-9]{16}'], class: 'financial' }, '4000000000000000', []],
  ])('count in classifications: %s', (_what, spec, text, expected) => {
    expect(detected(text, spec).classes).toEqual(expected);
  });

  it('need no health words from a sender who gives care', () => {
    const spec = { ...PATTERN, identifies: 'person' } as const;
    expect(detected('STU-104711', spec, true).classes).toEqual(['phi medium', 'pii medium']);
  });
});

describe('compiled detectors', () => {
  it('refuse a validator that nobody checked', () => {
    expect(() => compiled({ patterns: [NUMBER], validator: 'constructor' })).toThrow(/no validator is named/);
  });

  it('survive being sent to a thread', () => {
    const spec: CustomDetector = { ...BASE, patterns: [NUMBER], dictionary: 'heron\n' };
    expect(structuredClone(spec)).toEqual(spec);
  });
});
