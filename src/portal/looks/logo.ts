import { Parser } from 'htmlparser2';

/** A logo as it is served: the bytes of the configured file, after they were found harmless. */
export interface Logo {
  readonly bytes: Buffer;
  readonly mediaType: 'image/png' | 'image/svg+xml';
}

export const MAX_LOGO = 200_000;
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

/** What drawing programs write for a logo. Nothing that runs, loads, embeds or points elsewhere. */
const ELEMENTS: ReadonlySet<string> = new Set(
  (
    'svg g defs title desc metadata path rect circle ellipse line polyline polygon text tspan linearGradient ' +
    'radialGradient stop clipPath mask pattern symbol use style marker'
  ).split(' '),
);
const MAX_ELEMENTS = 20_000;

/**
 * Takes a logo's bytes, or says why not. A picture in `<img>` runs no scripts and loads nothing in any browser that keeps
 * to the standards; this is for those that don't, and for whoever opens the picture by itself.
 */
export function readLogo(bytes: Buffer): Logo | string {
  if (bytes.length > MAX_LOGO) return `is larger than ${MAX_LOGO / 1000} kB`;
  if (bytes.subarray(0, 8).equals(PNG)) return { bytes, mediaType: 'image/png' };
  const problem = svgProblem(bytes);
  return problem === undefined ? { bytes, mediaType: 'image/svg+xml' } : problem;
}

function svgProblem(bytes: Buffer): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'is neither a PNG nor an SVG in UTF-8';
  }
  let problem: string | undefined;
  let elements = 0;
  let inStyle = false;
  const found = (what: string) => {
    problem ??= what;
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        elements += 1;
        if (elements === 1 && name !== 'svg') found('is neither a PNG nor an SVG');
        if (elements > MAX_ELEMENTS) found('has too many elements');
        if (!ELEMENTS.has(name) && !isEditorElement(name)) found(`has the element <${name.slice(0, 40)}>`);
        if (name === 'style') inStyle = true;
        for (const [key, value] of Object.entries(attributes)) {
          const wrong = attributeProblem(key, value);
          if (wrong !== undefined) found(wrong);
        }
      },
      onclosetag(name) {
        if (name === 'style') inStyle = false;
      },
      ontext(words) {
        if (inStyle && loads(words)) found('has a style that loads something');
      },
      onprocessinginstruction(name, data) {
        // Of a document type only what names the standard: entities in it can hold anything.
        if (name.toLowerCase() === '!doctype' ? data.includes('[') : !/^\?xml$/i.test(name))
          found(name.startsWith('!') ? 'declares entities' : 'has a processing instruction');
      },
    },
    { xmlMode: true },
  );
  parser.end(text);
  if (elements === 0) return 'is neither a PNG nor an SVG';
  return problem;
}

/** Notes that drawing programs leave, which browsers don't draw. */
function isEditorElement(name: string): boolean {
  return /^(?:sodipodi|inkscape|rdf|cc|dc):[A-Za-z-]{1,40}$/.test(name);
}

function attributeProblem(name: string, value: string): string | undefined {
  if (/^on/i.test(name)) return `has the event handler ${name.slice(0, 40)}`;
  if (/^(?:xlink:)?href$/i.test(name) && !value.trim().startsWith('#'))
    return 'points to something elsewhere';
  if (/^src$/i.test(name)) return 'loads something';
  return loads(value) ? `loads something by ${name.slice(0, 40)}` : undefined;
}

/** CSS that fetches: `url()` of anything but an element of its own, imports, and escapes that could hide them. */
function loads(css: string): boolean {
  return /@import|\\|image-set|url\(\s*["']?(?!#)/i.test(css);
}
