import { attribute, isOn, readXml, type XmlAttributes } from '../xml.js';

/** Half points; smaller text can't be read on a page. */
const SMALLEST = 4;

/** Whether an element among the properties of a run makes its text invisible (ISO/IEC 29500-1 17.3.2, 21.1.2.3). */
export function hidesRun(name: string, attributes: XmlAttributes): boolean {
  switch (name) {
    case 'vanish':
      return isOn(attribute(attributes, 'val'));
    case 'color':
      // White, on a page. Slides are often dark, so it says nothing there.
      return /^#?f{6}$/i.test(attribute(attributes, 'val') ?? '');
    case 'sz':
      return isTiny(attribute(attributes, 'val'), SMALLEST);
    case 'rPr':
      // DrawingML says it in hundredths of a point.
      return isTiny(attributes.get('sz'), SMALLEST * 50);
    default:
      return false;
  }
}

function isTiny(value: string | undefined, limit: number): boolean {
  return value !== undefined && /^\d+$/.test(value) && Number(value) <= limit;
}

/** Properties of runs that say nothing about how they look. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['lang', 'noProof', 'rPr', 'rPrChange']);
const NO_LOOKS = /^(?:lang|altLang|dirty|err|noProof|smtClean|bmk|hint|w:hint)$/;

/** One property of a run as part of a signature by which runs that look otherwise are told apart. */
export function styleSignature(name: string, attributes: XmlAttributes): string {
  const values = [...attributes].filter(([key]) => !NO_LOOKS.test(key) && !key.startsWith('xmlns'));
  if (values.length === 0 && (SAYS_NOTHING.has(name) || attributes.size > 0)) return '';
  if (name === 'lang' || name === 'noProof' || name === 'rPrChange') return '';
  return `${name}${values.map(([key, value]) => `${key}=${value}`).join(',')};`;
}

/** Styles of a word processing document whose text is hidden, with those based on them (17.7.4). */
export function hiddenStyles(xml: string): ReadonlySet<string> {
  const hidden = new Set<string>();
  const based = new Map<string, string>();
  let style: string | undefined;
  let inRun = false;
  readXml(xml, {
    open(name, attributes) {
      if (name === 'style') style = attribute(attributes, 'styleId');
      else if (name === 'rPr') inRun = true;
      if (style === undefined) return;
      if (name === 'basedOn') based.set(style, attribute(attributes, 'val') ?? '');
      else if (inRun && name === 'vanish' && hidesRun(name, attributes)) hidden.add(style);
    },
    close(name) {
      if (name === 'style') style = undefined;
      else if (name === 'rPr') inRun = false;
    },
    text: () => undefined,
  });
  for (const one of based.keys()) {
    const seen = new Set<string>();
    let at: string | undefined = one;
    while (at !== undefined && !seen.has(at) && !hidden.has(at)) {
      seen.add(at);
      at = based.get(at);
    }
    if (at !== undefined && hidden.has(at)) hidden.add(one);
  }
  return hidden;
}
