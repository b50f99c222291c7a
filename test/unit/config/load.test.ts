import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namesSomebody } from '../../../src/config/check-open-relay.js';
import { loadConfig, parseConfig } from '../../../src/config/load.js';
import { parseBytes, parseDuration } from '../../../src/config/units.js';
import { UserError } from '../../../src/shared/errors.js';

const CORPUS = join(import.meta.dirname, 'bad-configs');

describe('bad configurations', () => {
  for (const name of readdirSync(CORPUS)) {
    it(`${name} is refused with the place and what to do`, () => {
      const text = readFileSync(join(CORPUS, name), 'utf8');
      const expected = /^# expect: (.*)$/m.exec(text)?.[1];
      expect(expected).toBeDefined();
      let thrown: unknown;
      try {
        parseConfig(text, name);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(UserError);
      const error = thrown as UserError;
      expect(error.message).toContain(`${name}:${expected}`);
      expect(error.exitStatus).toBe(2);
    });
  }
});

describe('names in client certificates', () => {
  it.each([
    ['ehr.clinic.example', true],
    ['EHR Gateway 7', true],
    ['*.clinic.example', true],
    ['ehr-*.clinic.example', true],
    ['*@clinic.example', true],
    ['*', false],
    ['*.*', false],
    ['*.*.*', false],
    ['*.example', false],
    ['*clinic.example', false],
    ['ward*@*.example', false],
    ['ehr.clinic.*', false],
    ['*..example', false],
    ['*.clinic.', false],
    ['EHR *', false],
    ['', false],
  ])('%j names somebody: %s', (pattern, named) => expect(namesSomebody(pattern)).toBe(named));
});

describe('configuration', () => {
  it('the example is accepted, with sizes in bytes and times in milliseconds', async () => {
    const { config, dataDir } = await loadConfig('config.example.yaml');
    expect(config.listeners[0]?.max_message_size).toBe(50 * 1024 * 1024);
    expect(config.delivery.lifetime).toBe(4 * 86_400_000);
    expect(config.delivery.tls_fallback_after).toBe(30 * 60_000);
    expect(dataDir.endsWith('/data')).toBe(true);
    expect(config.enforcement).toBe('enforce');
  });

  it('languages are kept by the canonical form of a domain', () => {
    const text = [
      'hostname: relay.clinic.example',
      'organisation: { name: Clinic, domains: [clinic.example], postmaster: pm@clinic.example }',
      'listeners: [{ name: a, address: "127.0.0.1:2525", mode: submission, accounts: true }]',
      'portal:',
      '  { url: "https://pickup.clinic.example", sender: pickup@clinic.example, language_by_domain: { Patient.Example: es, clínica.example: es } }',
    ].join('\n');
    expect(parseConfig(text, 'config.yaml').portal?.language_by_domain).toEqual({
      'patient.example': 'es',
      'xn--clnica-4va.example': 'es',
    });
  });

  it('a file that is not there is a wrong configuration, not a crash', async () => {
    await expect(loadConfig('/nowhere/config.yaml')).rejects.toMatchObject({
      name: 'UserError',
      exitStatus: 2,
    });
  });

  it.each([
    ['inspect: { deadline: 30d }', 'every message would be late at once'],
    ['inspect: { deadline: 0s }', 'every message would be late at once'],
    ['delivery: { first_retry: 0s }', 'retries would never pause'],
    ['delivery: { command_timeout: 25d }', 'no server would be quick enough'],
  ])('%s is refused: %s', (line) => {
    const text = readFileSync('config.example.yaml', 'utf8').replace(
      /^(?:inspect|delivery):.*\n(?: .*\n)*/gm,
      '',
    );
    expect(() => parseConfig(`${text}\n${line}\n`, 'config.yaml')).toThrow(
      'must be more than 0 and at most 2d',
    );
  });

  it('senders of health context are refused where nobody looks into mail', () => {
    const text = readFileSync('config.example.yaml', 'utf8').replace(/^inspect:.*\n(?: .*\n)*/gm, '');
    const off = `${text}\ninspect: { enabled: false }\n`;
    expect(parseConfig(off, 'config.yaml').inspect.enabled).toBe(false);
    const both = off.replace('false }', 'false, health_senders: [clinic.example] }');
    expect(() => parseConfig(both, 'config.yaml')).toThrow(/config\.yaml:\d+:\d+: inspect\.health_senders/);
  });

  it('the configuration of a prototype changes nothing', () => {
    expect(({} as Record<string, unknown>).enforcement).toBeUndefined();
  });
});

describe('units', () => {
  it.each([
    ['1B', 1],
    ['512KB', 524_288],
    ['25 MB', 26_214_400],
    ['10', undefined],
    ['-1MB', undefined],
    ['1mb', undefined],
    ['1e3KB', undefined],
  ])('%s is %s bytes', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['4h', 14_400_000],
    ['3d', 259_200_000],
    ['3', undefined],
    ['3 weeks', undefined],
  ])('%s is %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms));
});
