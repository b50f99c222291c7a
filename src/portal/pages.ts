import { readFileSync } from 'node:fs';
import { Eta } from 'eta/core';
import type { RenderedMessage } from './renderer.js';

const FOLDER = new URL('./templates/', import.meta.url);
const TEMPLATES = [
  'layout',
  'start',
  'code',
  'message',
  'unreadable',
  'text',
  'notice',
  'code-mail',
] as const;

/** A form's target and its hidden token. */
export interface Form {
  readonly action: string;
  readonly token: string;
}

/** A page that only says something; `back` is a path of this site. */
export interface TextPage {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly back?: { readonly href: string; readonly label: string };
}

interface ShownAttachment {
  readonly href: string;
  readonly fileName: string;
  readonly size: string;
}

/** Every page and HTML mail of the portal, as complete HTML; all values are escaped by the templates. */
export interface Pages {
  readonly css: string;
  start(data: { readonly send: Form; readonly lifetime: string }): string;
  code(data: { readonly enter: Form; readonly again: Form; readonly problem?: string }): string;
  message(data: {
    readonly message: RenderedMessage;
    readonly attachments: readonly ShownAttachment[];
    readonly frame: string;
    readonly original: string;
    readonly signOut: Form;
    readonly until: string;
  }): string;
  /** The message can't be shown; it can still be saved. */
  unreadable(data: { readonly original: string; readonly signOut: Form }): string;
  text(data: TextPage): string;
  notice(data: Readonly<Record<string, string>>): string;
  codeMail(data: Readonly<Record<string, string>>): string;
}

/**
 * Reads and compiles the templates, so that a missing or broken one is found at start.
 * @param organisation gives name and contact, at each page, because configuration can be reloaded
 */
export function createPages(
  organisation: () => { readonly name: string; readonly postmaster: string },
): Pages {
  const eta = new Eta({ autoEscape: true, cache: true });
  for (const name of TEMPLATES)
    eta.loadTemplate(`@${name}`, readFileSync(new URL(`${name}.eta`, FOLDER), 'utf8'));
  const page = (name: (typeof TEMPLATES)[number], data: object): string =>
    eta.render(`@${name}`, { ...data, organisation: organisation() });
  return {
    css: readFileSync(new URL('portal.css', FOLDER), 'utf8'),
    start: (data) => page('start', data),
    code: (data) => page('code', data),
    message: (data) => page('message', data),
    unreadable: (data) => page('unreadable', data),
    text: (data) => page('text', data),
    notice: (data) => eta.render('@notice', data),
    codeMail: (data) => eta.render('@code-mail', data),
  };
}
