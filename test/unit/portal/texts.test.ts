import { readdirSync, readFileSync } from 'node:fs';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { PORTAL_LANGUAGES } from '../../../src/model/portal-language.js';
import { chooseLanguage, texts } from '../../../src/portal/texts.js';

const portal = new URL('../../../src/portal/', import.meta.url);
const locale = (tag: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`locales/${tag}.json`, portal), 'utf8'));
const english = locale('en');
const placeholders = (text: string) => [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name).sort();

describe('each language', () => {
  it('is a file, English and Spanish among them', () => {
    expect(PORTAL_LANGUAGES).toEqual(expect.arrayContaining(['en', 'es']));
  });

  it.each(PORTAL_LANGUAGES)('%s has the names of English, no other, and their placeholders', (tag) => {
    const own = locale(tag);
    expect(Object.keys(own).sort()).toEqual(Object.keys(english).sort());
    for (const [name, text] of Object.entries(own)) {
      expect.soft(placeholders(text), name).toEqual(placeholders(english[name] ?? ''));
      expect.soft(text, name).toBe(text.trim().normalize('NFC'));
      // One line, no markup, nothing that a template or a mail could take for more than text.
      expect.soft(text, name).toMatch(/^[^\p{Cc}<>\u2028\u2029]+$/u);
    }
  });

  it.each(PORTAL_LANGUAGES.filter((tag) => tag !== 'en'))('%s is translated', (tag) => {
    const own = locale(tag);
    const sentences = Object.keys(english).filter((name) => / .* /.test(english[name] ?? ''));
    expect(sentences.length).toBeGreaterThan(20);
    expect(sentences.filter((name) => own[name] === english[name])).toEqual([]);
  });

  it.each(PORTAL_LANGUAGES)('%s can be compiled, and says its own name', (tag) => {
    expect(texts(tag)('language.name').length).toBeGreaterThan(1);
    expect(() => texts(tag)('start.what')).toThrow(/organisation/);
    // A value is put in as it is, even one that looks like a placeholder.
    expect(texts(tag)('start.what', { organisation: '{organisation} $& x' })).toContain(
      '{organisation} $& x',
    );
  });
});

describe('templates', () => {
  const files = readdirSync(new URL('templates/', portal)).filter((name) => name.endsWith('.eta'));
  /** Attributes that people read or hear. */
  const SPOKEN = ['alt', 'title', 'aria-label', 'aria-description', 'placeholder', 'summary', 'label'];

  /** The page within the layout; a picture drawn by us; the sanitised message, on a page that is fenced as a whole. */
  const RAW: Readonly<Record<string, readonly string[]>> = {
    'layout.eta': ['it.body'],
    'authenticator.eta': ['it.qrCode'],
    'print.eta': ['it.message.html'],
  };

  it('are there', () => expect(files.length).toBeGreaterThan(5));

  it.each(files)('%s has no words of its own', (name) => {
    const source = readFileSync(new URL(`templates/${name}`, portal), 'utf8').replace(/<%[\s\S]*?%>/g, '');
    const found: string[] = [];
    let silent = 0;
    const parser = new Parser({
      onopentag: (tag, attributes) => {
        if (tag === 'script' || tag === 'style') silent++;
        for (const [key, value] of Object.entries(attributes))
          if (SPOKEN.includes(key) && /\p{L}/u.test(value)) found.push(`${key}="${value}"`);
      },
      onclosetag: (tag) => {
        if (tag === 'script' || tag === 'style') silent--;
      },
      ontext: (text) => {
        if (silent === 0 && /\p{L}/u.test(text)) found.push(text.trim());
      },
    });
    parser.end(source);
    expect(found).toEqual([]);
  });

  it.each(files)('%s gives out nothing unescaped but what was made to be HTML', (name) => {
    const source = readFileSync(new URL(`templates/${name}`, portal), 'utf8');
    const raw = [...source.matchAll(/<%~([\s\S]*?)%>/g)].map(([, code = '']) => code.trim());
    expect(raw.filter((code) => !code.startsWith('include('))).toEqual(RAW[name] ?? []);
    // Nor a script or style of its own, which the Content-Security-Policy would stop.
    if (name !== 'mail.eta') expect(source).not.toMatch(/\sstyle=|\son[a-z]+=/);
  });
});

describe('the language of a visitor', () => {
  it.each([
    [undefined, undefined, 'en'],
    [undefined, 'es', 'es'],
    [undefined, 'es-MX,es;q=0.9,en;q=0.8', 'es'],
    [undefined, 'en;q=0.1, es;q=0.9', 'es'],
    [undefined, 'xx, es;q=0.5', 'es'],
    [undefined, 'es;q=0, en', 'en'],
    [undefined, 'xx', 'en'],
    ['es', 'en', 'es'],
    ['xx', 'es', 'es'],
    [undefined, `${','.repeat(5000)}es`, 'en'],
    [undefined, '__proto__, constructor', 'en'],
  ])('chosen %j, browser %j: %s', (chosen, header, expected) => {
    expect(chooseLanguage(chosen, header, 'en')).toBe(expected);
  });
});
