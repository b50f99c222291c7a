import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Page } from 'playwright-core';
import { isCodeFor, isNoticeFor, mailedCode, pickupLink } from './portal-visitor.js';
import { type RelayHome, type RunningRelay, relayHome } from './relay-process.js';
import { type Sink, type Sunk, startSink, testCa } from './sink.js';
import { submit } from './submit.js';
import { untilState } from './until-state.js';

/** A mail of the clinic's, with made-up content. */
export interface StageMail {
  readonly to: string;
  readonly from?: string;
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly attachments?: readonly {
    readonly filename: string;
    readonly content: Buffer;
    readonly contentType?: string;
  }[];
}

/** A whole relay with a portal of two organisations, and the mail server that its notices and codes go to. */
export interface PortalStage {
  readonly home: RelayHome;
  readonly relay: RunningRelay;
  readonly sink: Sink;
  /** `https://host:port` */
  readonly url: string;
  /** Puts a mail into the portal; gives our ID and the link in the notice. */
  place(mail: StageMail): Promise<{ readonly id: string; readonly link: string }>;
  /** The code that was mailed to a recipient since the last one was asked for here. */
  code(recipient: string): Promise<string>;
  /** From the link to the message, by the code that is mailed. */
  signIn(page: Page, link: string, recipient: string): Promise<void>;
  /** Audit event types and data about a message, oldest first. */
  events(id: string): Promise<readonly { readonly type: string; readonly data: unknown }[]>;
  close(): Promise<void>;
}

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="40" viewBox="0 0 96 40"><rect width="96" height="40" rx="6" fill="#0a5c36"/><path d="M20 8v24M8 20h24" stroke="#fff" stroke-width="6"/><circle cx="66" cy="20" r="12" fill="#fff"/></svg>';

/** What messages demand, by a word in their Subject. */
const POLICY = `version: 1
rules:
  - { id: by-code, when: { subject: "[secure]", recipient: external }, demand: { require: [portal] } }
  - { id: by-telephone, when: { subject: "[telephone]", recipient: external }, demand: { require: [portal], portal: shared-secret } }
  - { id: with-account, when: { subject: "[account]", recipient: external }, demand: { require: [portal], portal: account } }
  - { id: second-factor, when: { subject: "[factor]", recipient: external }, demand: { require: [portal], portal: account-second-factor } }
`;

/** @param demands `by-subject`: messages ask for more where their Subject says `[telephone]`, `[account]` or `[factor]` */
export async function startPortalStage(
  portal: Readonly<Record<string, unknown>> = {},
  demands: 'shipped' | 'by-subject' = 'shipped',
): Promise<PortalStage> {
  const ca = await testCa();
  const sink = await startSink({ certificate: await ca.issue('mx.patient.example') });
  const settings = {
    organisation: { domains: ['clinic.example', 'dental.example'] },
    first_account: { name: 'clinic', senders: ['clinic.example', 'dental.example'] },
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
      first_retry: '1s',
      max_retry: '1s',
    },
    portal: {
      ...portal,
      organisations: [
        {
          domains: ['dental.example'],
          name: 'Harbour Dental Group',
          contact: 'Telephone 555-0142, Monday to Friday, 8 to 17.',
          logo: 'logo.svg',
          colour: '#0a5c36',
          colour_dark: '#7fd6a8',
          texts: {
            welcome: 'We send X-rays and bills this way.',
            footer: 'Harbour Dental Group, Exampletown.',
          },
        },
      ],
    },
  };
  const home = await relayHome(
    settings,
    demands === 'shipped' ? {} : { policies: { 'portal.yaml': POLICY } },
  );
  writeFileSync(join(home.folder, 'logo.svg'), LOGO);
  const relay = await home.start();
  const portalUrl = /https:\/\/127\.0\.0\.1:\d+/.exec(
    relay.output().match(/Pickup portal\s+(\S+)/)?.[1] ?? '',
  )?.[0];
  if (portalUrl === undefined) throw new Error(`the relay named no portal:\n${relay.output()}`);

  const seen = new Set<Sunk>();
  const newMail = async (fits: (one: Sunk) => boolean): Promise<Sunk> => {
    const mail = await sink.next((one) => !seen.has(one) && fits(one));
    seen.add(mail);
    return mail;
  };

  return {
    home,
    relay,
    sink,
    url: portalUrl,
    place: async (mail) => {
      const raw = await built(mail);
      const id = await submit(relay, { from: mail.from ?? 'ward3@clinic.example', to: [mail.to], raw });
      await untilState(home, id, mail.to, 'in-portal', 'bounced');
      return { id, link: await pickupLink(await newMail(isNoticeFor(mail.to))) };
    },
    code: async (recipient) => mailedCode(await newMail(isCodeFor(recipient))),
    signIn: async (page, link, recipient) => {
      await page.goto(link);
      await page.getByRole('button', { name: 'Send me a code' }).click();
      await page.getByLabel('One-time code').fill(await mailedCode(await newMail(isCodeFor(recipient))));
      await page.getByRole('button', { name: 'Open the message' }).click();
      await page.waitForURL(/\/inbox\/[^/]+$/);
    },
    events: async (id) => {
      const found = await home.run(['audit', 'search', '--id', id, '--json']);
      const rows: { seq: number; type: string; data: unknown }[] = JSON.parse(found.stdout);
      return [...rows].sort((a, b) => a.seq - b.seq);
    },
    close: async () => {
      await home.remove();
      await sink.close();
    },
  };
}

async function built(mail: StageMail): Promise<Buffer> {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await composer.sendMail({
    from: mail.from ?? 'Ward 3 <ward3@clinic.example>',
    to: mail.to,
    subject: `${mail.subject} [secure]`,
    ...(mail.text === undefined ? {} : { text: mail.text }),
    ...(mail.html === undefined ? {} : { html: mail.html }),
    attachments: (mail.attachments ?? []).map((one) => ({ ...one })),
  });
  if (!Buffer.isBuffer(message)) throw new Error('the mail was not built');
  return message;
}
