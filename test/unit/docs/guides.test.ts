import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../../src/config/load.js';
import { answersSchema } from '../../../src/setup/answers.js';
import { configText } from '../../../src/setup/config-text.js';
import { docPages } from '../../support/doc-pages.js';

/*
 * What a page prints as configuration is one that starts. A block marked `yaml config` is put over the configuration that
 * `sallyport init` writes, and over the blocks before it on the same page, key by key, as a reader does it; lists are replaced.
 */

const pages = docPages();

const INIT = configText(
  answersSchema.parse({
    hostname: 'relay.clinic.example',
    organisation: {
      name: 'Example Clinic',
      domains: ['clinic.example'],
      reviewers: ['privacy@clinic.example'],
    },
    upstream: [{ kind: 'mail-clients' }],
    portal: { url: 'https://pickup.clinic.example' },
  }),
);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mapOf(text: string): Record<string, unknown> {
  const value: unknown = parse(text);
  if (!isMap(value)) throw new Error('a block of configuration is a map');
  return value;
}

function over(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const both = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = both[key];
    // One of the three ways to name the master key, not two.
    both[key] = isMap(value) && isMap(under) && key !== 'master_key' ? over(under, value) : value;
  }
  return both;
}

describe('configuration that a page prints', () => {
  for (const { path, blocks } of pages) {
    const printed = blocks.filter((one) => one.info === 'yaml config');
    if (printed.length === 0) continue;
    it(`${path} starts`, () => {
      let whole = mapOf(INIT);
      for (const { text, line } of printed) {
        whole = over(whole, mapOf(text));
        expect(() => parseConfig(stringify(whole), `${path}:${line}`)).not.toThrow();
      }
    });
  }

  it('is marked as such in every guide that prints any', () => {
    const unmarked = pages
      .filter(({ path }) => path.startsWith('docs/guides/'))
      .flatMap(({ path, blocks }) =>
        blocks.filter(({ info }) => info === 'yaml').map(({ line }) => `${path}:${line}`),
      );
    expect(unmarked).toEqual([]);
  });

  it('answers for `init` are complete', () => {
    const answers = pages.flatMap(({ blocks }) => blocks.filter(({ info }) => info === 'yaml answers'));
    expect(answers).not.toEqual([]);
    for (const { text } of answers) {
      const config = parseConfig(configText(answersSchema.parse(parse(text))), 'config.yaml');
      expect(config.enforcement).toBe('shadow');
    }
  });
});

describe('the guide to Docker', () => {
  it('publishes ports that its configuration listens on, and mounts what it names', () => {
    const blocks = pages.find(({ path }) => path === 'docs/guides/docker.md')?.blocks ?? [];
    const [printed, compose] = ['yaml config', 'yaml compose'].map(
      (info) => blocks.find((one) => one.info === info)?.text ?? '',
    );
    const config = parseConfig(stringify(over(mapOf(INIT), mapOf(printed ?? ''))), 'config.yaml');
    const service = mapOf(compose ?? '').services as {
      sallyport: { ports: string[]; volumes: string[] };
    };
    const listening = [...config.listeners, ...(config.portal === undefined ? [] : [config.portal])].map(
      (one) => one.address.port,
    );
    const published = service.sallyport.ports.map((one) => Number(one.split(':')[1]));
    expect(published.sort()).toEqual(listening.sort());
    expect(service.sallyport.volumes.map((one) => one.split(':')[1])).toContain(config.data_dir);
  });
});
