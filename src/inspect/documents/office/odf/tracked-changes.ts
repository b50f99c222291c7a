import { attribute, readXml } from '../xml.js';

export interface TrackedChanges {
  /** Text that was taken out, by the number of the change. */
  readonly deleted: ReadonlyMap<string, string>;
  readonly inserted: ReadonlySet<string>;
}

/** Changes are kept before the text, which then refers to them (OpenDocument 1.3 part 3, 5.5). */
export function trackedChanges(xml: string): TrackedChanges {
  const deleted = new Map<string, string>();
  const inserted = new Set<string>();
  let id: string | undefined;
  let text: string | undefined;
  let paragraphs = 0;
  let about = 0;
  readXml(xml, {
    open(name, attributes) {
      if (name === 'changed-region') id = attribute(attributes, 'id');
      else if (id === undefined) return;
      else if (name === 'insertion') inserted.add(id);
      else if (name === 'deletion') text = '';
      else if (name === 'change-info') about += 1;
      else if (name === 'p' || name === 'h') {
        if (paragraphs > 0 && text !== undefined) text += '\n';
        paragraphs += 1;
      }
    },
    close(name) {
      if (name === 'changed-region') {
        if (id !== undefined && text !== undefined) deleted.set(id, text);
        id = undefined;
        text = undefined;
        paragraphs = 0;
      } else if (name === 'change-info') about -= 1;
    },
    text(piece) {
      if (text !== undefined && about === 0 && paragraphs > 0) text += piece;
    },
  });
  return { deleted, inserted };
}
