import type { Brand } from './brand.js';
import type { Pages } from './pages.js';
import { type Texts, texts } from './texts.js';
import { durationText, timeText } from './time-text.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface NoticeInput {
  readonly language: string;
  readonly brand: Brand;
  /** Canonical envelope sender; `''` when the message has none. */
  readonly sender: string;
  readonly link: string;
  readonly origin: string;
  readonly expiresAt: number;
}

/**
 * The pickup notice. It travels in the clear, so it says who wrote, how long the message stays and how to get it:
 * nothing of the message itself, not even its Subject.
 */
export function pickupNotice(pages: Pages, input: NoticeInput): MailText {
  const { language, brand, origin } = input;
  const t = texts(language);
  const name = oneLine(brand.name);
  const from = input.sender === '' ? name : `${input.sender} (${name})`;
  return mailText(pages, input, {
    subject: t('notice.subject', { organisation: name }),
    paragraphs: [t('notice.what', { from })],
    link: { href: input.link, label: t('notice.read') },
    after: [t('notice.how'), t('notice.until', { until: timeText(input.expiresAt, language) })],
    list: howToTell(t, origin, brand),
  });
}

/** By what a reader tells that a mail with a link is genuine. */
export function howToTell(t: Texts, origin: string, brand: Brand): NonNullable<MailContent['list']> {
  return {
    title: t('notice.genuine'),
    points: [
      t('notice.genuine-link', { origin }),
      t('notice.genuine-asks'),
      t('notice.genuine-doubt', { postmaster: brand.postmaster }),
    ],
  };
}

/** The mail with a one-time code. The code is not in the Subject, which lock screens show. */
export function codeMail(
  pages: Pages,
  input: {
    readonly language: string;
    readonly brand: Brand;
    readonly code: string;
    readonly lifetimeMs: number;
  },
): MailText {
  const { language, brand, code } = input;
  const t = texts(language);
  const organisation = oneLine(brand.name);
  return mailText(pages, input, {
    subject: t('code-mail.subject', { organisation }),
    paragraphs: [t('code-mail.what', { organisation })],
    code: `${code.slice(0, 4)} ${code.slice(4)}`,
    after: [
      t('code-mail.how', { lifetime: durationText(input.lifetimeMs, t) }),
      t('code-mail.not-asked', { postmaster: brand.postmaster }),
    ],
  });
}

export interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly link?: { readonly href: string; readonly label: string };
  readonly code?: string;
  /** Paragraphs behind link and code. */
  readonly after?: readonly string[];
  readonly list?: { readonly title: string; readonly points: readonly string[] };
}

/** A mail of the portal as plain text and as HTML. */
export function mailText(
  pages: Pages,
  { language, brand }: { readonly language: string; readonly brand: Brand },
  content: MailContent,
): MailText {
  const { subject, paragraphs, link, code, after = [], list } = content;
  const blocks = [
    ...paragraphs.map((one) => wrapped(one)),
    ...(link === undefined ? [] : [`${wrapped(link.label)}\n${link.href}`]),
    ...(code === undefined ? [] : [`    ${code}`]),
    ...after.map((one) => wrapped(one)),
    ...(list === undefined
      ? []
      : [[wrapped(list.title), ...list.points.map((point) => wrapped(point, '- ', '  '))].join('\n')]),
  ];
  const t = texts(language);
  return {
    subject,
    text: `${blocks.join('\n\n')}\n`,
    html: pages.mail(
      { t, language, brand },
      {
        title: subject,
        paragraphs,
        after,
        ...(link === undefined ? {} : { link }),
        ...(code === undefined ? {} : { code }),
        ...(list === undefined ? {} : { list }),
      },
    ),
  };
}

const WIDTH = 74;

/** Lines of at most 74 characters; a longer word, such as a link, keeps a line of its own. */
function wrapped(text: string, first = '', next = ''): string {
  const lines: string[] = [];
  let line = first;
  for (const word of oneLine(text).split(' ')) {
    const start = lines.length === 0 ? first : next;
    if (line !== start && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = next + word;
    } else line += line === start ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** A configured name in one line, without control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
