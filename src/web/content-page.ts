import { CONTENT_CSP } from './server.js';

/** Headers of everything that comes out of a mail: fenced, framed by our own pages at most. */
export const CONTENT = {
  helmet: { contentSecurityPolicy: CONTENT_CSP, xFrameOptions: { action: 'sameorigin' } },
} as const;

/**
 * The mail's own HTML as a document of its own. The base colours are fixed because mails assume a white page; wide tables
 * and pictures are made to fit, so that narrow screens need not be scrolled both ways. It can be focused, because whoever
 * has no mouse scrolls by keys.
 * @param html sanitised
 */
export function contentDocument(html: string, language: string, title: string): string {
  return `<!doctype html><html lang="${escaped(language)}"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title><style>${STYLE}</style></head><body><main tabindex="0">${html}</main></body></html>`;
}

const STYLE =
  ':root{color-scheme:light}body{background:#fff;color:#1a1a1a;font:1rem/1.5 system-ui,sans-serif;margin:1rem;overflow-wrap:anywhere}*{box-sizing:border-box;max-width:100%!important}img{height:auto!important}pre{white-space:pre-wrap}main:focus-visible{outline:3px solid #0b5394;outline-offset:4px}';

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
