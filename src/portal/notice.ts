import type { Pages } from './pages.js';
import { durationText, timeText } from './time-text.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface NoticeInput {
  readonly organisation: string;
  /** Canonical envelope sender; `''` when the message has none. */
  readonly sender: string;
  readonly postmaster: string;
  readonly link: string;
  readonly origin: string;
  readonly expiresAt: number;
}

/**
 * The pickup notice. It travels in the clear, so it says who wrote, how long the message stays and how to get it:
 * nothing of the message itself, not even its Subject.
 */
export function pickupNotice(pages: Pages, input: NoticeInput): MailText {
  const organisation = oneLine(input.organisation);
  const data = {
    organisation,
    from: input.sender === '' ? organisation : `${input.sender} (${organisation})`,
    postmaster: input.postmaster,
    link: input.link,
    origin: input.origin,
    until: timeText(input.expiresAt),
  };
  return {
    subject: `Protected message from ${organisation}`,
    text: [
      data.from,
      'sent you a message that is kept protected, because it may hold private',
      'information.',
      '',
      'Read it here:',
      '',
      data.link,
      '',
      'The page sends a one-time code to this mailbox. You need no account and no',
      'password.',
      '',
      `The message stays until ${data.until}.`,
      '',
      'Is this notice genuine?',
      `- The link must start with ${data.origin}/`,
      '- The page asks for nothing but the code that it mails to you: never for a',
      '  password, a payment or personal data.',
      '- If in doubt, call the sender on a number that you already know, or write to',
      `  ${data.postmaster}.`,
      '',
    ].join('\n'),
    html: pages.notice(data),
  };
}

/** The mail with a one-time code. The code is not in the Subject, which lock screens show. */
export function codeMail(
  pages: Pages,
  input: {
    readonly organisation: string;
    readonly postmaster: string;
    readonly code: string;
    readonly lifetimeMs: number;
  },
): MailText {
  const organisation = oneLine(input.organisation);
  const data = {
    organisation,
    postmaster: input.postmaster,
    code: `${input.code.slice(0, 4)} ${input.code.slice(4)}`,
    lifetime: durationText(input.lifetimeMs),
  };
  return {
    subject: `Your one-time code for a message from ${organisation}`,
    text: [
      'Your code to read the protected message from',
      `${organisation}:`,
      '',
      `    ${data.code}`,
      '',
      `It works once, for ${data.lifetime}, on the page where you asked for it.`,
      'Give it to nobody: no one who works for the sender will ask you for it.',
      '',
      'If you did not ask for a code, somebody else has your link. They cannot read',
      `the message without this code. Tell ${data.postmaster}.`,
      '',
    ].join('\n'),
    html: pages.codeMail(data),
  };
}

/** A configured name in one line, without control characters. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
