import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REVIEW_LANGUAGES, reviewTexts } from '../../../../src/review/site/texts.js';

const site = new URL('../../../../src/review/site/', import.meta.url);
const locale = (tag: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`locales/${tag}.json`, site), 'utf8'));
const english = locale('en');
const placeholders = (text: string) => [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name).sort();

describe('each language of the review page', () => {
  it('is a file, English and Spanish among them', () => {
    expect(REVIEW_LANGUAGES).toEqual(expect.arrayContaining(['en', 'es']));
  });

  it.each(REVIEW_LANGUAGES)('%s has the names of English, no other, and their placeholders', (tag) => {
    const own = locale(tag);
    expect(Object.keys(own).sort()).toEqual(Object.keys(english).sort());
    for (const [name, text] of Object.entries(own)) {
      expect.soft(placeholders(text), name).toEqual(placeholders(english[name] ?? ''));
      expect.soft(text, name).toBe(text.trim().normalize('NFC'));
      expect.soft(text, name).toMatch(/^[^\p{Cc}<>\u2028\u2029]+$/u);
    }
  });

  it.each(REVIEW_LANGUAGES.filter((tag) => tag !== 'en'))('%s is translated', (tag) => {
    const own = locale(tag);
    const sentences = Object.keys(english).filter((name) => / .* /.test(english[name] ?? ''));
    expect(sentences.length).toBeGreaterThan(20);
    expect(sentences.filter((name) => own[name] === english[name])).toEqual([]);
  });

  it('falls back to English', () => {
    expect(reviewTexts('xx')('held.title')).toBe(english['held.title']);
  });

  it('has no text that no page uses, and pages use none that is missing', () => {
    const sources = [
      ...readdirSync(new URL('templates/', site))
        .filter((name) => name.endsWith('.eta'))
        .map((name) => readFileSync(new URL(`templates/${name}`, site), 'utf8')),
      ...readdirSync(site)
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(new URL(name, site), 'utf8')),
    ].join('\n');
    const composed = /^(?:method|confidence)\.|^message\.(?:timed-out|crashed)$/;
    expect(
      Object.keys(english).filter((key) => !composed.test(key) && !sources.includes(`'${key}'`)),
    ).toEqual([]);
    const used = [...sources.matchAll(/\bit\.t\('([^']+)'/g)].map(([, key = '']) => key);
    expect(used.filter((key) => english[key] === undefined)).toEqual([]);
  });
});
