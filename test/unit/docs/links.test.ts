import { existsSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DocPage, docPages } from '../../support/doc-pages.js';

/* Links between pages, and to places in them, lead somewhere. */

const ROOT = resolve(import.meta.dirname, '../../..');
const pages = docPages();
const withoutCode = (text: string): string => text.replace(/(`+)[^\n]*?\1/g, '');

describe('links', () => {
  for (const page of pages) {
    it(`of ${page.path} lead somewhere`, () => {
      const broken: string[] = [];
      for (const [, target = ''] of withoutCode(page.prose).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
        if (!existsSync(join(ROOT, path))) broken.push(target);
        else if (anchor !== undefined && !anchorsOf(path).has(anchor)) broken.push(target);
      }
      expect(broken).toEqual([]);
    });
  }

  it('lead to every guide, from the README', () => {
    const readme = pages.find(({ path }) => path === 'README.md')?.prose ?? '';
    const guides = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/guides/'));
    expect(guides.filter((path) => !readme.includes(`(${path}`))).toEqual([]);
  });
});

function anchorsOf(path: string): ReadonlySet<string> {
  return anchors(pages.find((one) => one.path === path));
}

/** As GitHub makes them of headings: lower case, without punctuation, blanks as hyphens, counted where they repeat. */
function anchors(page: DocPage | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of (page?.prose ?? '').matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replace(/ /g, '-');
    let name = slug;
    for (let n = 1; found.has(name); n += 1) name = `${slug}-${n}`;
    found.add(name);
  }
  return found;
}
