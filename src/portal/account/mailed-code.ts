import { auditEvent } from '../../audit/events.js';
import { foldAddress } from '../../shared/fold-address.js';
import { sameBytes } from '../../web/secrets.js';
import { brandForRecipient } from '../brand.js';
import { mailText, oneLine } from '../notice.js';
import { codeHash, newCode, readCode } from '../secrets.js';
import type { Site, Visit } from '../site.js';
import { texts } from '../texts.js';
import { durationText } from '../time-text.js';
import { languageOf, mailAddress } from './changes.js';
import { countFailure, type Ways } from './ways.js';

/* Codes to an address rather than for a message: for a lost password, and to confirm a change. */

/**
 * Mails a code that works in this browser alone. For an address without an account the same is done, but for the mail
 * itself, and nothing will fit.
 * @param formToken of the form that asked for it
 * @param known whether the address may have one
 * @returns false when it had its codes for this hour
 */
export async function mailCode(
  site: Site,
  ways: Ways,
  { client, now }: Pick<Visit, 'client' | 'now'>,
  formToken: string,
  recipient: string,
  known: boolean,
): Promise<boolean> {
  // Of all spellings together, as accounts are found: else the limit would tell which addresses have one.
  const counted = foldAddress(recipient);
  const sent = ways.codesSent.get(counted, now) ?? 0;
  if (sent >= site.config.codes_per_hour) {
    await site.portal.record([
      auditEvent('portal.proof-refused', {
        ...(known ? { recipient } : {}),
        clientAddress: client,
        proof: 'mailbox',
        reason: 'too many codes asked for',
      }),
    ]);
    return false;
  }
  ways.codesSent.change(counted, (before) => (before ?? 0) + 1, now);
  const { config } = site.loaded;
  const language = await languageOf(site, recipient);
  const brand = await brandForRecipient(config, site.portal, recipient);
  const organisation = oneLine(brand.name);
  const t = texts(language);
  const code = newCode();
  const lifetimeMs = site.config.code_lifetime;
  const mail = await site.ownMail(
    {
      origin: 'access-code',
      envelopeFrom: '',
      headerFrom: { name: brand.name, address: site.config.sender },
      // What is thrown away again is addressed to ourselves: what was typed may be no address.
      to: known ? await mailAddress(site.portal, recipient) : site.config.sender,
      ...mailText(
        site.pages,
        { language, brand },
        {
          subject: t('lost-mail.subject', { organisation }),
          paragraphs: [t('lost-mail.what', { organisation })],
          code: `${code.slice(0, 4)} ${code.slice(4)}`,
          after: [t('lost-mail.how', { lifetime: durationText(lifetimeMs, t) }), t('lost-mail.not-asked')],
        },
      ),
      now,
      hostname: config.hostname,
      lifetimeMs,
    },
    site.bodies,
  );
  const hash = codeHash(site.codeKey, binding(formToken, recipient), code);
  if (known) {
    await site.queue.apply({ create: [mail] }, [
      auditEvent('portal.account-code-sent', {
        recipient,
        clientAddress: client,
        noticeId: mail.message.id,
      }),
    ]);
    site.onQueued();
  } else
    await site.portal.record([
      auditEvent('portal.proof-refused', {
        clientAddress: client,
        proof: 'mailbox',
        reason: 'there is no such account',
      }),
    ]);
  ways.codes.put(formToken, { recipient, ...(known ? { codeHash: hash } : {}), failedTries: 0 }, now);
  return true;
}

/** Whose mailbox a typed code proves; undefined when it doesn't. It works once. */
export async function mailedCodeOwner(
  site: Site,
  ways: Ways,
  { client, now }: Pick<Visit, 'client' | 'now'>,
  formToken: string,
  typed: string | undefined,
): Promise<string | undefined> {
  const pending = ways.codes.get(formToken, now);
  const code = readCode(typed ?? '');
  const given = codeHash(site.codeKey, binding(formToken, pending?.recipient ?? ''), code ?? '');
  if (
    pending?.codeHash !== undefined &&
    pending.failedTries < site.config.code_tries &&
    code !== undefined &&
    sameBytes(given, pending.codeHash)
  ) {
    ways.codes.take(formToken, now);
    return pending.recipient;
  }
  countFailure(ways, client, now);
  if (pending !== undefined)
    ways.codes.change(formToken, () => ({ ...pending, failedTries: pending.failedTries + 1 }), now);
  await site.portal.record([
    auditEvent('portal.proof-refused', {
      ...(pending?.codeHash === undefined ? {} : { recipient: pending.recipient }),
      clientAddress: client,
      proof: 'mailbox',
      reason: pending === undefined ? 'no code is open' : 'wrong code, or too many tries',
    }),
  ]);
  return undefined;
}

function binding(formToken: string, recipient: string): string {
  return `address\n${formToken}\n${recipient}`;
}
