import type { EnrolledBy } from '../model/portal-item.js';
import type { Form } from './pages.js';
import type { RenderedMessage } from './renderer.js';
import type { Step } from './ways/steps.js';

/** What each page's template is given beside the context. A page's file has its name, with `.eta`. */
export interface PageData {
  /** The page of a link: what may be done to open its message. */
  readonly start: {
    readonly steps: readonly OfferedStep[];
    /** From the list of messages, not by a link. */
    readonly fromList: boolean;
    /** Nothing that the visitor could do opens it. */
    readonly helpless: boolean;
    /** It is open already: the path of the message. */
    readonly open?: string;
    readonly lifetime: string;
    readonly problem?: string;
  };
  readonly code: {
    readonly enter: Form;
    readonly again: Form;
    readonly problem?: string;
    /** How long this browser may be remembered, in words; absent: it can't be. */
    readonly remember?: string;
  };
  readonly inbox: {
    readonly messages: readonly ListedMessage[];
    /** From 1. */
    readonly page: number;
    readonly pages: number;
    /** Paths of the pages beside this one. */
    readonly newer?: string;
    readonly older?: string;
  };
  readonly message: {
    readonly message: RenderedMessage;
    readonly attachments: readonly ShownAttachment[];
    /** All attachments in one file; absent where there are fewer than two. */
    readonly archive?: string;
    readonly frame: string;
    readonly asText: string;
    readonly print: string;
    readonly original: string;
    /** Absent: it can't be answered here. */
    readonly reply?: string;
    readonly until: string;
  };
  readonly 'message-text': { readonly message: RenderedMessage; readonly back: string };
  /** A document by itself, fenced like the frame: it holds the message's HTML. */
  readonly print: { readonly message: RenderedMessage; readonly attachments: readonly ShownAttachment[] };
  readonly preview: {
    readonly fileName: string;
    /** From 1. */
    readonly number: number;
    readonly download: string;
    readonly back: string;
    /** Absent: it can't be drawn. */
    readonly picture?: {
      readonly source: string;
      readonly width: number;
      readonly height: number;
      readonly pages: number;
      readonly previous?: string;
      readonly next?: string;
    };
  };
  /** A page with one form, and perhaps a passkey beside it. Everything is in the visitor's language already. */
  readonly form: {
    readonly title: string;
    readonly paragraphs: readonly string[];
    readonly problem?: string;
    /** Absent: only the passkey, or nothing but the text. */
    readonly form?: Form & { readonly fields: readonly Field[]; readonly button: string };
    readonly passkey?: PasskeyForm;
    /** A second form with nothing but a button. */
    readonly other?: Form & { readonly button: string };
    readonly links: readonly { readonly href: string; readonly label: string }[];
  };
  readonly account: {
    readonly recipient: string;
    readonly hasPassword: boolean;
    /** Whether an authenticator app is enrolled, and whether it counts for what demands a second factor. */
    readonly totp?: EnrolledBy;
    readonly passkeys: readonly {
      readonly key: string;
      readonly name: string;
      readonly created: string;
      readonly used?: string;
      readonly enrolledBy: EnrolledBy;
    }[];
    /** Browsers that are remembered, newest first. */
    readonly devices: readonly {
      readonly key: string;
      readonly client: string;
      readonly remembered: string;
      readonly until: string;
    }[];
    readonly forgetDevice: Form;
    readonly removeTotp: Form;
    readonly removePasskey: Form;
    readonly keepLanguage: Form;
    readonly everywhere: Form;
  };
  readonly authenticator: {
    /** SVG of our own making. */
    readonly qrCode: string;
    /** In groups of four. */
    readonly secret: string;
    readonly uri: string;
    readonly form: Form;
    readonly problem?: string;
  };
  readonly reply: {
    /** The same at each sending of this form. */
    readonly mark: string;
    readonly form: Form;
    readonly to: readonly {
      readonly address: string;
      readonly isSender: boolean;
      readonly checked: boolean;
    }[];
    readonly subject: string;
    readonly text: string;
    /** Characters at most. */
    readonly mostText: number;
    readonly keep: boolean;
    /** Whether files may be attached, and how many and large, in words. */
    readonly attachments: boolean;
    readonly limits: string;
    readonly back: string;
    readonly problem?: string;
  };
  /** One's replies. */
  readonly sent: {
    readonly replies: readonly {
      readonly sent: string;
      readonly recipients: string;
      readonly state: string;
      /** Of the copy; absent: none is kept, or it asks for more than was proved. */
      readonly href?: string;
    }[];
    readonly note?: string;
  };
  readonly 'sent-message': {
    readonly recipients: string;
    readonly sent: string;
    readonly state: string;
    readonly unreadable: boolean;
    readonly subject?: string;
    readonly text?: string;
    readonly attachments: readonly {
      readonly href: string;
      readonly fileName: string;
      readonly size: string;
    }[];
    readonly remove: Form;
  };
  /** The message can't be shown; it can still be saved. */
  readonly unreadable: { readonly original: string };
}

export const PAGES = [
  'start',
  'code',
  'inbox',
  'message',
  'message-text',
  'print',
  'preview',
  'unreadable',
  'form',
  'account',
  'authenticator',
  'reply',
  'sent',
  'sent-message',
] as const satisfies readonly (keyof PageData)[];

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'password' | 'email';
  readonly autocomplete: string;
  readonly numeric?: true;
  readonly optional?: true;
  readonly most: number;
}

/** A form that the page's script fills with what the browser's passkey answers. */
export interface PasskeyForm extends Form {
  readonly kind: 'get' | 'create';
  /** JSON for the script. */
  readonly options: string;
  readonly button: string;
  /** Shown where scripts or passkeys don't work. */
  readonly missing: string;
  readonly failed: string;
  readonly nameLabel?: string;
}

/** A step of signing in with its form, or the page that has it. */
export interface OfferedStep {
  readonly step: Step;
  readonly form?: Form;
  readonly page?: string;
}

export interface ListedMessage {
  /** The message, or the steps that are left before it. */
  readonly href: string;
  readonly from: string;
  /** Whose mail it is. */
  readonly organisation: string;
  readonly received: string;
  readonly until: string;
  readonly size?: string;
  readonly unread: boolean;
  /** Only of what this session opens. */
  readonly subject?: string;
  readonly hasAttachments?: boolean;
  /** It asks for more than was proved in this session. */
  readonly locked: boolean;
}

export interface ShownAttachment {
  readonly href: string;
  readonly fileName: string;
  readonly type: string;
  readonly size: string;
  /** The page that shows its first page as a picture. */
  readonly preview?: string;
}
