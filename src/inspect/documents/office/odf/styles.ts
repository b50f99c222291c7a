import { attribute, readXml } from '../xml.js';

/** Styles by name that hide what they are put on. */
export interface HidingStyles {
  readonly text: ReadonlySet<string>;
  readonly tables: ReadonlySet<string>;
  readonly pages: ReadonlySet<string>;
  /** Of tables whose first column is at the right. */
  readonly rightToLeft: ReadonlySet<string>;
}

export const NO_STYLES: HidingStyles = {
  text: new Set(),
  tables: new Set(),
  pages: new Set(),
  rightToLeft: new Set(),
};
/** Points. */
const SMALLEST = 2;

/** The styles of a part that hide (OpenDocument 1.3 part 3, 20.411, 20.205, 20.326), with those based on them. */
export function hidingStyles(xml: string, common: HidingStyles = NO_STYLES): HidingStyles {
  const text = new Set(common.text);
  const tables = new Set(common.tables);
  const pages = new Set(common.pages);
  const rightToLeft = new Set(common.rightToLeft);
  const parents: [string, string][] = [];
  let style: string | undefined;
  readXml(xml, {
    open(name, attributes) {
      if (name === 'style') {
        style = attribute(attributes, 'name');
        const parent = attribute(attributes, 'parent-style-name');
        if (style !== undefined && parent !== undefined) parents.push([style, parent]);
      }
      if (style === undefined) return;
      if (name === 'text-properties') {
        const size = /^([\d.]+)pt$/.exec(attribute(attributes, 'font-size') ?? '')?.[1];
        const isHidden =
          attribute(attributes, 'display') === 'none' ||
          /^#f{6}$/i.test(attribute(attributes, 'color') ?? '') ||
          (size !== undefined && Number(size) <= SMALLEST);
        if (isHidden) text.add(style);
      } else if (name === 'table-properties') {
        if (attribute(attributes, 'display') === 'false') tables.add(style);
        if (attribute(attributes, 'writing-mode')?.startsWith('rl') === true) rightToLeft.add(style);
      } else if (name === 'drawing-page-properties' && attribute(attributes, 'visibility') === 'hidden')
        pages.add(style);
    },
    close(name) {
      if (name === 'style') style = undefined;
    },
    text: () => undefined,
  });
  for (const hidden of [text, tables, pages, rightToLeft]) inherit(hidden, parents);
  return { text, tables, pages, rightToLeft };
}

function inherit(hidden: Set<string>, parents: readonly (readonly [string, string])[]): void {
  const children = new Map<string, string[]>();
  for (const [child, parent] of parents) children.set(parent, [...(children.get(parent) ?? []), child]);
  const waiting = [...hidden];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    for (const child of children.get(one) ?? []) {
      if (hidden.has(child)) continue;
      hidden.add(child);
      waiting.push(child);
    }
  }
}
