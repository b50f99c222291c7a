import { readFileSync } from 'node:fs';
import { Eta } from 'eta/core';
import type { InspectionShown } from '../findings.js';
import type { ReviewTextKey, ReviewTexts } from './texts.js';

const FOLDER = new URL('./templates/', import.meta.url);
/** The portal's looks: colours, sizes and focus that were measured once. */
const SHEETS = [new URL('../../portal/templates/portal.css', import.meta.url), new URL('review.css', FOLDER)];

/** Around every page. */
export interface PageContext {
  readonly t: ReviewTexts;
  readonly language: string;
  readonly organisation: string;
  readonly signedIn?: { readonly operator: string; readonly roles: string; readonly signOut: Form };
}

/** A form's target and its hidden token. */
export interface Form {
  readonly action: string;
  readonly token: string;
}

/** A page that only says something; `back` is a path of this site. */
export interface TextPage {
  readonly title: ReviewTextKey;
  readonly paragraphs: readonly ReviewTextKey[];
  readonly back?: { readonly href: string; readonly label: ReviewTextKey };
}

export interface ListedRecipient {
  readonly href: string;
  readonly sender: string;
  readonly recipient: string;
  /** In the words of a rule: no language of the page's. */
  readonly reason: string;
  readonly rules: string;
  readonly since: string;
  readonly until?: string;
  /** What two-person release waits for; absent: one person is enough. */
  readonly word?: string;
}

export interface ShownRecipient {
  readonly recipient: string;
  readonly reason: string;
  readonly until?: string;
  readonly methods: string;
  readonly word?: string;
  readonly rules: readonly { readonly rule: string; readonly at: string; readonly demands: string }[];
  readonly notices: readonly string[];
  /** Absent: only looked at by who may not decide. */
  readonly decide?: string;
}

/** What each page's template is given beside the context. A page's file has its name, with `.eta`. */
export interface PageData {
  readonly 'sign-in': { readonly form: Form; readonly problem?: string };
  readonly held: {
    readonly rows: readonly ListedRecipient[];
    readonly count: number;
    /** From 1. */
    readonly page: number;
    readonly pages: number;
    readonly sooner?: string;
    readonly later?: string;
  };
  readonly message: {
    readonly id: string;
    readonly sender: string;
    readonly identity: string;
    readonly since: string;
    readonly size?: string;
    readonly inspection?: InspectionShown;
    readonly recipients: readonly ShownRecipient[];
    /** All recipients at once; absent where there is one, or one may not decide. */
    readonly decideAll?: string;
    /** Shows the content; absent: the roles don't allow it. */
    readonly open?: Form;
  };
  readonly content: {
    readonly subject: string;
    readonly from: string;
    readonly to: string;
    readonly date?: string;
    /** Path of its HTML, in a document of its own. */
    readonly frame?: string;
    readonly text?: string;
    readonly attachments: readonly {
      readonly href: string;
      readonly fileName: string;
      readonly type: string;
      readonly size: string;
    }[];
    readonly original: string;
    readonly back: string;
  };
  readonly decide: {
    readonly recipients: string;
    readonly reason: string;
    readonly word?: string;
    readonly methods: readonly {
      readonly method: string;
      readonly label: string;
      readonly checked: boolean;
    }[];
    readonly release: Form;
    readonly reject: Form;
    readonly redecide: Form;
    readonly mostReason: number;
    readonly back: string;
    /** In English where it is one of the relay's own. */
    readonly problem?: { readonly text: string; readonly english: boolean };
  };
  readonly text: {
    readonly title: string;
    readonly paragraphs: readonly string[];
    readonly back?: { readonly href: string; readonly label: string };
  };
}

const PAGES = [
  'sign-in',
  'held',
  'message',
  'content',
  'decide',
  'text',
] as const satisfies readonly (keyof PageData)[];

/** Every page as complete HTML; all values are escaped by the templates. */
export interface Pages {
  readonly css: string;
  page<K extends keyof PageData>(name: K, context: PageContext, data: PageData[K]): string;
  text(context: PageContext, page: TextPage): string;
}

/** Reads and compiles the templates, so that a missing or broken one is found at start. */
export function createPages(): Pages {
  const eta = new Eta({ autoEscape: true, cache: true });
  for (const name of ['layout', ...PAGES])
    eta.loadTemplate(`@${name}`, readFileSync(new URL(`${name}.eta`, FOLDER), 'utf8'));
  const page: Pages['page'] = (name, context, data) => eta.render(`@${name}`, { ...context, ...data });
  return {
    css: SHEETS.map((sheet) => readFileSync(sheet, 'utf8')).join('\n'),
    page,
    text: (context, { title, paragraphs, back }) =>
      page('text', context, {
        title: context.t(title),
        paragraphs: paragraphs.map((one) => context.t(one)),
        ...(back === undefined ? {} : { back: { href: back.href, label: context.t(back.label) } }),
      }),
  };
}
