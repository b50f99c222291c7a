import { type Mailbox, parseAddress } from '../../shared/address.js';
import type { Certificate } from './certificate.js';
import { subjectAltNamesOf } from './extensions.js';

/**
 * The mailboxes that a certificate names, canonical: rfc822Name (RFC 5280 4.2.1.6) and SmtpUTF8Mailbox (RFC 9598 3) of its
 * subjectAltName.
 *
 * The subject's emailAddress attribute doesn't count, although RFC 8550 3 has receiving agents recognise it when they look
 * for a signer: RFC 5280 4.1.2.6 calls it a legacy, CAs vouch for names in subjectAltName, and what is at stake here is to
 * whom a message is opened. Such recipients are reached by other methods.
 *
 * @throws BadCertificate
 */
export function mailboxesOf(certificate: Certificate): readonly Mailbox[] {
  const mailboxes: Mailbox[] = [];
  for (const name of subjectAltNamesOf(certificate)) {
    if (name.form !== 'rfc822' && name.form !== 'smtp-utf8') continue;
    const parsed = parseAddress(name.text);
    // RFC 9598 3: a mailbox is a SmtpUTF8Mailbox when its local part needs it, and else an rfc822Name.
    if (parsed.ok && parsed.mailbox.needsSmtpUtf8 === (name.form === 'smtp-utf8'))
      mailboxes.push(parsed.mailbox);
  }
  return mailboxes;
}

/** Whether the subject names the address in its emailAddress attribute, which doesn't count: for a clear reason only. */
export function namedInSubjectOnly(certificate: Certificate, wanted: Mailbox): boolean {
  return certificate.subject.emails.some((text) => {
    const parsed = parseAddress(text);
    return parsed.ok && sameMailbox(parsed.mailbox, wanted, 'ignore-case');
  });
}

/**
 * RFC 5280 7.5: domains regardless of case (they are canonical here), local parts exactly. Hardly any mail system tells
 * local parts apart by case, and CAs write them as people type them, so `ignore-case` folds ASCII letters.
 */
export function sameMailbox(a: Mailbox, b: Mailbox, localPart: 'ignore-case' | 'exact'): boolean {
  if (a.domain !== b.domain) return false;
  return localPart === 'exact' ? a.local === b.local : foldAscii(a.local) === foldAscii(b.local);
}

export function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
