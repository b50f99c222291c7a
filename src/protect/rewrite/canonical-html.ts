import { Tokenizer } from 'htmlparser2';
import { CannotRewrite } from './cannot-rewrite.js';

/** Left out with what is in them: nothing that mail readers show. */
const LEFT_OUT: ReadonlySet<string> = new Set(['script']);
/** Left out, but not what is in them: they load, embed, refresh, submit, or change how everything else is read. */
const UNWRAPPED: ReadonlySet<string> = new Set(
  (
    'applet base button embed form frame frameset iframe input link listing meta noembed noframes noscript object option ' +
    'param plaintext portal select template textarea xmp html head body math svg'
  ).split(' '),
);
/** What is typed, ticked or chosen in them is part of what a reader sees, and would be lost or become plain words. */
const CONTROLS: ReadonlySet<string> = new Set([
  'datalist',
  'input',
  'meter',
  'option',
  'progress',
  'select',
  'textarea',
]);
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const ATTRIBUTE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const URLS: ReadonlySet<string> = new Set(['href', 'src', 'background', 'cite', 'longdesc', 'poster']);
const SAFE_URL = /^\s*(?:https?:|mailto:|tel:|cid:|mid:|#|data:image\/(?:png|jpe?g|gif|webp|bmp)[;,])/i;

/**
 * HTML written anew from its tokens, in a form that every reader takes alike: tags and attributes by their names, each
 * attribute once and quoted, all text escaped. Comments, declarations, scripts and what loads or submits are left out;
 * text within such elements stays. Linear in its length.
 * @throws CannotRewrite over controls of forms: without them the text would say something else
 */
export function canonicalHtml(html: string): string {
  const out: string[] = ['<!DOCTYPE html>\r\n<html><head><meta charset="utf-8"></head><body>'];
  let tag = '';
  let attribute = '';
  let value = '';
  let attributes = new Map<string, string>();
  /** The element whose content is raw: its tag name. */
  let raw = '';
  const isHiddenInput = () => tag === 'input' && /^(?:hidden|submit)$/i.test(attributes.get('type') ?? '');
  const open = (selfClosing: boolean) => {
    if (raw !== '') return;
    if (CONTROLS.has(tag) && !isHiddenInput())
      throw new CannotRewrite('it holds controls of a form, whose state would be lost');
    if (tag === 'style' || LEFT_OUT.has(tag)) {
      if (!selfClosing) raw = tag;
      return;
    }
    if (!NAME.test(tag) || UNWRAPPED.has(tag)) return;
    out.push(`<${tag}${[...attributes].map(([name, given]) => ` ${name}="${escaped(given)}"`).join('')}>`);
  };
  const text = (given: string) => {
    if (raw === '') out.push(escaped(given));
    // Nothing in a style sheet needs the beginning of a tag.
    else if (raw === 'style' && !given.includes('<')) out.push(`<style>${cleaned(given)}</style>`);
  };
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onopentagname(start, end) {
        tag = html.slice(start, end).toLowerCase();
        attributes = new Map();
      },
      onopentagend: () => open(false),
      onselfclosingtag: () => open(true),
      onclosetag(start, end) {
        const name = html.slice(start, end).toLowerCase();
        if (raw !== '') {
          if (name === raw) raw = '';
        } else if (NAME.test(name) && !UNWRAPPED.has(name)) out.push(`</${name}>`);
      },
      onattribname(start, end) {
        attribute = html.slice(start, end).toLowerCase();
        value = '';
      },
      onattribdata(start, end) {
        value += html.slice(start, end);
      },
      onattribentity(point) {
        value += String.fromCodePoint(point);
      },
      onattribend() {
        if (attributes.has(attribute) || !ATTRIBUTE.test(attribute) || attribute.startsWith('on')) return;
        if (URLS.has(attribute) && !SAFE_URL.test(value)) return;
        if (/^(?:srcdoc|srcset|action|formaction|ping|target)$/.test(attribute)) return;
        attributes.set(attribute, value);
      },
      ontext: (start, end) => text(html.slice(start, end)),
      ontextentity: (point) => text(String.fromCodePoint(point)),
      oncdata: (start, end, offset) => text(html.slice(start, end - offset)),
      oncomment: () => undefined,
      ondeclaration: () => undefined,
      onprocessinginstruction: () => undefined,
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  out.push('</body></html>\r\n');
  return out.join('');
}

function escaped(text: string): string {
  return cleaned(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Without controls, which some readers drop and others end at. */
function cleaned(text: string): string {
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '');
}
