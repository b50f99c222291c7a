import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { type ParsedMail, simpleParser } from 'mailparser';
import type { Sunk } from './sink.js';

/** A page as the visitor got it, redirects followed. */
export interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** Path that it came from at last. */
  readonly path: string;
}

/** A browser without JavaScript: it keeps cookies, follows redirects, reads links and fills in forms. */
export interface Visitor {
  readonly cookies: Map<string, string>;
  /** Opens a full address or a path of the site. */
  open(address: string): Promise<Page>;
  /** Fills in the form of `page` whose button has this label, and sends it. */
  submit(page: Page, button: string, fields?: Readonly<Record<string, string>>): Promise<Page>;
}

export function portalVisitor(origin: string): Visitor {
  const cookies = new Map<string, string>();
  const send = (method: 'GET' | 'POST', url: URL, form?: string): Promise<Page> =>
    new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method,
          agent: false,
          rejectUnauthorized: false,
          headers: {
            cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            ...(form === undefined
              ? {}
              : {
                  origin,
                  'sec-fetch-site': 'same-origin',
                  'content-type': 'application/x-www-form-urlencoded',
                }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            for (const cookie of response.headers['set-cookie'] ?? []) {
              const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
              if (/Max-Age=0/.test(cookie)) cookies.delete(name);
              else cookies.set(name, value);
            }
            const bytes = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes,
              text: bytes.toString('utf8'),
              path: url.pathname,
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(form);
    });
  const followed = async (page: Page): Promise<Page> => {
    const { location } = page.headers;
    return page.status === 303 && location !== undefined
      ? followed(await send('GET', new URL(location, origin)))
      : page;
  };
  return {
    cookies,
    open: async (address) => followed(await send('GET', new URL(address, origin))),
    submit: async (page, button, fields = {}) => {
      const form = formsOf(page).find((one) => one.buttons.includes(button));
      if (form === undefined) throw new Error(`no button "${button}" on ${page.status}:\n${page.text}`);
      const body = new URLSearchParams({ ...form.hidden, ...fields }).toString();
      return followed(await send('POST', new URL(form.action, origin), body));
    },
  };
}

/** The path behind a link with this text. */
export function linkTo(page: Page, text: string): string {
  for (const [, attributes = '', label = ''] of page.text.matchAll(/<a ([^>]*)>([^<]*)<\/a>/g))
    if (unescapeHtml(label) === text) return attribute(attributes, 'href');
  throw new Error(`no link "${text}" on the page:\n${page.text}`);
}

/** The mail as a mail program shows it. */
export function readMail(sunk: Sunk): Promise<ParsedMail> {
  return simpleParser(sunk.text);
}

/** The pickup link in a notice. */
export async function pickupLink(notice: Sunk): Promise<string> {
  const link = /https:\/\/\S+\/m\/[A-Za-z0-9_-]{43}/.exec((await readMail(notice)).text ?? '')?.[0];
  if (link === undefined) throw new Error(`no pickup link in:\n${notice.text}`);
  return link;
}

/** The code in the mail that carries it. */
export async function mailedCode(mail: Sunk): Promise<string> {
  const code = /^\s+(\d{4} \d{4})$/m.exec((await readMail(mail)).text ?? '')?.[1];
  if (code === undefined) throw new Error(`no code in:\n${mail.text}`);
  return code;
}

/** Whether a mail is a pickup notice, or carries a code, for this recipient. */
export const isNoticeFor = (recipient: string) => (one: Sunk) =>
  one.recipients.includes(recipient) && /^Subject: Protected message from/m.test(one.text);
export const isCodeFor = (recipient: string) => (one: Sunk) =>
  one.recipients.includes(recipient) && /^Subject: Your one-time code/m.test(one.text);

interface Form {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly buttons: readonly string[];
}

function formsOf(page: Page): readonly Form[] {
  return [...page.text.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)].map(([, attributes = '', inside = '']) => ({
    action: attribute(attributes, 'action'),
    hidden: Object.fromEntries(
      [...inside.matchAll(/<input ([^>]*type="hidden"[^>]*)>/g)].map(([, input = '']) => [
        attribute(input, 'name'),
        attribute(input, 'value'),
      ]),
    ),
    buttons: [...inside.matchAll(/<button[^>]*>([^<]*)<\/button>/g)].map(([, label = '']) =>
      unescapeHtml(label),
    ),
  }));
}

function attribute(attributes: string, name: string): string {
  return unescapeHtml(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .trim();
}
