import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { createTransport } from 'nodemailer';
import type { RecipientState } from '../model/message.js';
import type { Mailbox } from '../shared/address.js';
import { errorText, UserError } from '../shared/errors.js';
import { openReadOnly } from '../store/read-only.js';
import { type DoctorContext, type Finding, ok, problem, warning } from './finding.js';

const CHECK = 'test-mail';
const LOOK_EVERY_MS = 500;

/** What the test mail came to, in words. */
const ENDS: Readonly<Partial<Record<RecipientState, string>>> = {
  delivered: 'was delivered',
  'in-portal': 'waits in the portal, and its notice is on its way',
  'picked-up': 'was picked up in the portal',
};

export interface TestMail {
  /** Read by our own grammar: the mail library takes any text for a list, and would write to everybody on it. */
  readonly to: Mailbox;
  readonly account: string;
  readonly password: string;
  /** How long its end is waited for, in milliseconds. */
  readonly patience: number;
}

/**
 * Logs in at the relay as a mail client does, sends one mail without any content of worth, and tells what became of it.
 * The password goes only to whoever shows the certificate that the configuration names, or a trusted one for its name.
 */
export async function sendTestMail(context: DoctorContext, mail: TestMail): Promise<readonly Finding[]> {
  const { loaded, now } = context;
  const { config, dataDir } = loaded;
  const to = mail.to.address;
  const listener = config.listeners.find((one) => one.accounts);
  if (listener === undefined)
    throw new UserError('no listener takes accounts, so no test mail can be sent', { exitStatus: 2 });
  const account = openReadOnly(dataDir, (store) => store.accounts()).find((one) => one.name === mail.account);
  const rights = account?.senders[0];
  if (rights === undefined)
    throw new UserError(`no account is named ${mail.account}; \`sallyport users list\` shows them`, {
      exitStatus: 2,
    });
  const sender = rights.includes('@') ? rights : `postmaster@${rights.replace(/^\*\./, '')}`;
  const host = listener.address.host === '0.0.0.0' ? '127.0.0.1' : listener.address.host;
  const certificate =
    listener.tls.certificate === undefined
      ? join(dataDir, 'tls', 'certificate.pem')
      : loaded.path(listener.tls.certificate);
  const transport = createTransport({
    host: host === '::' ? '::1' : host,
    port: listener.address.port,
    secure: listener.mode === 'submissions',
    requireTLS: true,
    tls: {
      servername: config.hostname,
      ca: [...rootCertificates, ...context.trusted, await readFile(certificate, 'utf8')],
    },
    auth: { user: mail.account, pass: mail.password },
    connectionTimeout: context.timeout,
    greetingTimeout: context.timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let answer: string;
  try {
    const sent = await transport.sendMail({
      envelope: { from: sender, to },
      from: sender,
      to,
      subject: 'Test of the mail relay',
      text: `This mail was sent to see whether ${config.hostname} works. Nothing needs to be done.`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    answer = sent.response;
  } catch (error) {
    return [
      problem(
        CHECK,
        `the relay did not take a mail from ${mail.account}: ${errorText(error)}`,
        'see the log: sallyport audit search --limit 5',
      ),
    ];
  } finally {
    transport.close();
  }
  const id = /queued as (\S+)/.exec(answer)?.[1];
  if (id === undefined)
    return [warning(CHECK, 'the relay took the mail but named no ID', 'sallyport audit search --limit 5')];
  const end = now() + mail.patience;
  for (;;) {
    const [recipient] = openReadOnly(dataDir, (store) => store.recipients(id));
    const state = recipient?.state;
    const done = state === undefined ? undefined : ENDS[state];
    const show = `sallyport audit show ${id}`;
    if (done !== undefined) return [ok(CHECK, `the test mail to ${to} ${done}`)];
    if (state === 'held') return [problem(CHECK, `the test mail to ${to} is held`, show)];
    if (state === 'bounced' || state === 'expired' || state === 'ended')
      return [problem(CHECK, `the test mail to ${to} was not delivered`, show)];
    if (now() >= end)
      return [warning(CHECK, `the test mail to ${to} is still on its way (${state ?? 'unknown'})`, show)];
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
