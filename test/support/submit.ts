import { createTransport } from 'nodemailer';
import type { RunningRelay } from './relay-process.js';

export interface Mail {
  readonly from?: string;
  readonly to: readonly string[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly raw?: string | Buffer;
}

/** Submits a mail with the relay's first account, as a mail client does; gives our ID from the 250. */
export async function submit(relay: RunningRelay, mail: Mail, account = relay.account): Promise<string> {
  if (account === undefined) throw new Error('the relay printed no account');
  const client = createTransport({
    host: '127.0.0.1',
    port: relay.port('submission'),
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    auth: { user: account.name, pass: account.password },
  });
  const from = mail.from ?? 'ward3@clinic.example';
  try {
    const sent = await client.sendMail(
      mail.raw === undefined
        ? {
            from,
            to: [...mail.to],
            subject: mail.subject ?? 'Note',
            text: mail.text ?? 'Hello.',
            ...(mail.html === undefined ? {} : { html: mail.html }),
          }
        : { envelope: { from, to: [...mail.to] }, raw: mail.raw },
    );
    const id = /queued as (\S+)/.exec(sent.response)?.[1];
    if (id === undefined) throw new Error(`no ID in ${sent.response}`);
    return id;
  } finally {
    client.close();
  }
}

/** A text that the shipped policies take for patient data; people and numbers are made up. */
export const LAB_RESULT =
  'Patient: Roe, Jane\nMRN: 00482913\nSSN: 212-55-0187\nDOB: 02/11/1961\n\nHemoglobin A1c 8.1 %, type 2 diabetes mellitus (E11.65).\n';

/** What must never travel in the clear. */
export const CANARY = '212-55-0187';
