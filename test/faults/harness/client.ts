import { openDialog, type SmtpDialog } from '../../support/smtp-dialog.js';
import type { Accepted } from '../oracle/run.js';
import type { Mail } from './mail.js';

/**
 * Sends what is in `outbox` over so many connections, until it is empty or the relay is gone. As a mail client does, it
 * keeps what was not answered with 250; what was, it writes down in `accepted`.
 */
export async function sendAll(
  port: number,
  outbox: Mail[],
  accepted: Accepted[],
  connections = 10,
): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => sendSome(port, outbox, accepted)));
}

async function sendSome(port: number, outbox: Mail[], accepted: Accepted[]): Promise<void> {
  let dialog: SmtpDialog;
  try {
    dialog = await openDialog(port);
  } catch {
    return;
  }
  const greeted = (await dialog.reply()).startsWith('220');
  let usable = greeted && (await dialog.say('EHLO client.example')).startsWith('250');
  while (usable) {
    const mail = outbox.shift();
    if (mail === undefined) break;
    const said = await sendOne(dialog, mail);
    const id = /^250 .*queued as (\S+)/.exec(said)?.[1];
    if (id === undefined) outbox.push(mail);
    else
      accepted.push({
        id,
        sender: mail.sender,
        recipients: mail.recipients,
        messageId: mail.messageId,
      });
    usable = id !== undefined;
  }
  dialog.end();
}

/** The reply that ended the transaction. */
async function sendOne(dialog: SmtpDialog, mail: Mail): Promise<string> {
  for (const line of [
    `MAIL FROM:<${mail.sender}>`,
    ...mail.recipients.map((one) => `RCPT TO:<${one}>`),
    'DATA',
  ]) {
    const said = await dialog.say(line);
    if (!/^[23]/.test(said)) return said;
  }
  dialog.write(mail.content.replaceAll(/^\./gm, '..'));
  return dialog.say('.');
}
