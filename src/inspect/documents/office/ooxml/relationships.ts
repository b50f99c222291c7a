import { localName, readXml, type XmlReading } from '../xml.js';

export interface Relationship {
  readonly id: string;
  /** The last step of its type, e.g. `worksheet`. */
  readonly type: string;
  /** The part within the package, or the address outside. */
  readonly target: string;
  readonly external: boolean;
}

/** The relationships of each part, by its name. */
export type Relations = ReadonlyMap<string, readonly Relationship[]>;

export interface Relationships {
  readonly list: readonly Relationship[];
  readonly xml: XmlReading;
}

/** The relationships of one part (ISO/IEC 29500-2 6.5). @param source the part's name, with `/` between its steps */
export function readRelationships(xml: string, source: string): Relationships {
  const list: Relationship[] = [];
  const reading = readXml(xml, {
    open(name, attributes) {
      if (name !== 'Relationship') return;
      const values = new Map([...attributes].map(([key, value]) => [localName(key), value]));
      const target = values.get('Target') ?? '';
      const external = values.get('TargetMode') === 'External' || /^[a-z][a-z0-9+.-]+:/i.test(target);
      list.push({
        id: values.get('Id') ?? '',
        type: (values.get('Type') ?? '').split('/').at(-1) ?? '',
        target: external ? target : resolve(source, target),
        external,
      });
    },
    close: () => undefined,
    text: () => undefined,
  });
  return { list, xml: reading };
}

/** The part whose relationships a `.rels` part holds. */
export function sourceOf(relsName: string): string {
  return relsName.replace(/(^|\/)_rels\/([^/]*)\.rels$/i, '$1$2');
}

function resolve(source: string, target: string): string {
  const steps = target.startsWith('/') ? [] : source.split('/').slice(0, -1);
  for (const step of target.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/').toLowerCase();
}
