import { identifiersInMachineText } from './machine-text.js';
import { percentBytes } from './percent.js';

/** Attributes that only lay out or identify. */
const NOISE =
  /^(?:class|id|style|width|height|color|bgcolor|face|size|align|valign|border|cell(?:padding|spacing)|(?:col|row)span|xmlns.*|lang|xml:.*|dir|rel|target|type|http-equiv|charset|role|tabindex|media|v:.*|o:.*|on\w+|nowrap|hspace|vspace|clear|start|method|enctype|loading|sizes)$/;
const NOISE_IN_XML = /^(?:xmlns.*|xml:.*|xsi:.*)$/;
const URLS = new Set(['href', 'src', 'action', 'background', 'cite', 'longdesc', 'poster', 'formaction']);

/** What an attribute's value tells, as lines of text; '' where it is nothing but layout. */
export function attributeText(element: string, key: string, value: string, xml: boolean): string {
  if (xml ? NOISE_IN_XML.test(key) : NOISE.test(key)) {
    // Nobody is shown these, but a name could be made of anything.
    const machine = /\d[-_]\d/.test(value) ? identifiersInMachineText(value) : '';
    return key === 'style' && value.includes('url(') ? `${machine}\n${urlsIn(value)}`.trim() : machine;
  }
  if (URLS.has(key)) return urlText(value);
  if (key === 'srcset') return value.split(/\s+/).map(urlText).join('\n').trim();
  return element === 'meta' && key === 'name' && !xml ? '' : value;
}

function urlsIn(style: string): string {
  return [...style.matchAll(/url\(\s*["']?([^"')]{1,2000})/g)].map(([, url = '']) => urlText(url)).join('\n');
}

/** What a URL tells: its query and fragment, and all of a `mailto:` or `tel:`; paths are mostly machine-made. */
function urlText(url: string): string {
  const cut = /^(?:mailto|tel|sms|callto):/i.test(url) ? 0 : url.search(/[?#]/);
  const path = cut < 0 ? url : url.slice(0, cut);
  const named = /\d-\d/.test(path) ? identifiersInMachineText(path) : '';
  if (cut < 0) return named;
  const text = url
    .slice(cut)
    .replace(/[+]/g, ' ')
    .replace(/[&?#;]/g, '\n')
    .replaceAll('=', ': ');
  return `${named}${percentBytes(text).toString('utf8')}`;
}
