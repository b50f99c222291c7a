import type { Form } from './pages.js';
import type { RenderedMessage } from './renderer.js';
import type { Step } from './ways/steps.js';

/** What each page's template is given beside the context. A page's file has its name, with `.eta`. */
export interface PageData {
  /** The page of a link: what may be done to open its message. */
  readonly start: {
    readonly steps: readonly OfferedStep[];
    /** Nothing that the visitor could do opens it. */
    readonly helpless: boolean;
    /** It is open already: the path of the message. */
    readonly open?: string;
    readonly lifetime: string;
    readonly problem?: string;
  };
  readonly code: { readonly enter: Form; readonly again: Form; readonly problem?: string };
  readonly inbox: { readonly messages: readonly ListedMessage[] };
  readonly message: {
    readonly message: RenderedMessage;
    readonly attachments: readonly ShownAttachment[];
    readonly frame: string;
    readonly original: string;
    readonly until: string;
  };
  /** The message can't be shown; it can still be saved. */
  readonly unreadable: { readonly original: string };
}

export const PAGES = [
  'start',
  'code',
  'inbox',
  'message',
  'unreadable',
] as const satisfies readonly (keyof PageData)[];

/** A step of signing in with its form, or the page that has it. */
export interface OfferedStep {
  readonly step: Step;
  readonly form?: Form;
  readonly page?: string;
}

export interface ListedMessage {
  readonly href: string;
  readonly from: string;
  readonly received: string;
  readonly until: string;
  readonly unread: boolean;
  /** It asks for more than was proved in this session. */
  readonly locked: boolean;
}

export interface ShownAttachment {
  readonly href: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly size: string;
}
