import type { DsnOptions, StoredRecipient } from '../model/message.js';
import { type Mailbox, parseAddress } from '../shared/address.js';
import { utf8AddrXtext } from '../shared/typed-address.js';
import { type Parsed, parsePathCommand } from './path-command.js';
import { refusal, type Stage } from './reply.js';

export interface MailCommand {
  /** Undefined for the null reverse-path. */
  readonly sender: Mailbox | undefined;
  /** RFC 1870 SIZE, in octets. */
  readonly size?: number;
  readonly smtpUtf8: boolean;
  readonly dsn: DsnOptions;
}

export interface RcptCommand {
  readonly recipient: Mailbox;
  readonly notify?: NonNullable<StoredRecipient['notify']>;
  readonly orcpt?: string;
}

/**
 * Reads a MAIL command: SIZE (RFC 1870), SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461). BODY (RFC 6152) and AUTH (RFC 4954
 * section 5) are read and not used: the content itself says whether it has 8-bit octets.
 */
export function parseMailCommand(line: Buffer): Parsed<MailCommand> {
  const parsed = parsePathCommand(line, 'MAIL FROM');
  if (!parsed.ok) return parsed;
  const { path, parameters } = parsed.value;
  let size: number | undefined;
  let smtpUtf8 = false;
  let ret: 'FULL' | 'HDRS' | undefined;
  let envid: string | undefined;
  for (const [keyword, value] of parameters) {
    const upper = value === true ? '' : value.toUpperCase();
    switch (keyword) {
      case 'SIZE':
        if (value === true || !/^\d{1,20}$/.test(value)) return no('mail', 501, '5.5.4', 'SIZE is malformed');
        size = Number(value);
        break;
      case 'BODY':
        if (upper !== '7BIT' && upper !== '8BITMIME')
          return no('mail', 501, '5.5.4', 'BODY must be 7BIT or 8BITMIME');
        break;
      case 'SMTPUTF8':
        if (value !== true) return no('mail', 501, '5.5.4', 'SMTPUTF8 takes no value');
        smtpUtf8 = true;
        break;
      case 'RET':
        if (upper !== 'FULL' && upper !== 'HDRS') return no('mail', 501, '5.5.4', 'RET must be FULL or HDRS');
        ret = upper;
        break;
      case 'ENVID':
        if (value === true || !isPrintableXtext(value, 100))
          return no('mail', 501, '5.5.4', 'ENVID is malformed');
        envid = value;
        break;
      case 'AUTH':
        if (value !== '<>' && (value === true || !isPrintableXtext(value, 500)))
          return no('mail', 501, '5.5.4', 'AUTH is malformed');
        break;
      default:
        return no('mail', 555, '5.5.4', 'A parameter is not known here');
    }
  }
  let sender: Mailbox | undefined;
  if (path !== '') {
    const address = parseAddress(path);
    if (!address.ok) return no('mail', 501, '5.1.7', `The sender address ${address.reason}`);
    if (!smtpUtf8 && !isAscii(path)) return no('mail', 553, '5.6.7', 'This address needs SMTPUTF8');
    sender = address.mailbox;
  }
  return {
    ok: true,
    value: {
      sender,
      ...(size === undefined ? {} : { size }),
      smtpUtf8,
      dsn: { ...(ret === undefined ? {} : { ret }), ...(envid === undefined ? {} : { envid }) },
    },
  };
}

/**
 * Reads a RCPT command: NOTIFY and ORCPT (RFC 3461 section 4).
 * @param smtpUtf8 whether MAIL said SMTPUTF8
 * @param postmaster who `<Postmaster>` without a domain is (RFC 5321 4.5.1)
 */
export function parseRcptCommand(line: Buffer, smtpUtf8: boolean, postmaster: string): Parsed<RcptCommand> {
  const parsed = parsePathCommand(line, 'RCPT TO');
  if (!parsed.ok) return parsed;
  const { path, parameters } = parsed.value;
  let notify: RcptCommand['notify'];
  let orcpt: string | undefined;
  for (const [keyword, value] of parameters) {
    switch (keyword) {
      case 'NOTIFY':
        notify = value === true ? undefined : parseNotify(value);
        if (notify === undefined) return no('rcpt', 501, '5.5.4', 'NOTIFY is malformed');
        break;
      case 'ORCPT':
        orcpt = value === true ? undefined : readOrcpt(value, smtpUtf8);
        if (orcpt === undefined) return no('rcpt', 501, '5.5.4', 'ORCPT is malformed');
        break;
      default:
        return no('rcpt', 555, '5.5.4', 'A parameter is not known here');
    }
  }
  const address = parseAddress(path.toLowerCase() === 'postmaster' ? postmaster : path);
  if (!address.ok) return no('rcpt', 501, '5.1.3', `The recipient address ${address.reason}`);
  if (!smtpUtf8 && !isAscii(path)) return no('rcpt', 553, '5.6.7', 'This address needs SMTPUTF8');
  return {
    ok: true,
    value: {
      recipient: address.mailbox,
      ...(notify === undefined ? {} : { notify }),
      ...(orcpt === undefined ? {} : { orcpt }),
    },
  };
}

function parseNotify(text: string): RcptCommand['notify'] {
  const words: ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[] = [];
  for (const word of text.toUpperCase().split(',')) {
    if (word !== 'NEVER' && word !== 'SUCCESS' && word !== 'FAILURE' && word !== 'DELAY') return undefined;
    if (words.includes(word)) return undefined;
    words.push(word);
  }
  return words.includes('NEVER') && words.length > 1 ? undefined : words;
}

/** xtext of RFC 3461 section 4 that decodes to printable ASCII, so that it can be shown in a DSN as it is. */
function isPrintableXtext(text: string, max: number): boolean {
  if (text.length > max || !/^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})+$/.test(text)) return false;
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /^[\x20-\x7e]+$/.test(decoded);
}

/** RFC 3461 4.2; with SMTPUTF8 also `utf-8;` and characters as they are (RFC 6533 section 3), which come out in ASCII. */
function readOrcpt(text: string, smtpUtf8: boolean): string | undefined {
  const isUnitext = smtpUtf8 && !isAscii(text) && /^utf-8;/i.test(text);
  const ascii = isUnitext ? utf8AddrXtext(text.slice(6)) : undefined;
  const orcpt = ascii === undefined ? text : `utf-8;${ascii}`;
  return isOrcpt(orcpt) ? orcpt : undefined;
}

/** `addr-type;xtext`, RFC 3461 4.2. */
function isOrcpt(text: string): boolean {
  const match = /^[A-Za-z0-9][A-Za-z0-9-]{0,31};(.+)$/.exec(text);
  return match !== null && isPrintableXtext(match[1] ?? '', 500);
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

function no<T>(stage: Stage, code: number, status: string, text: string): Parsed<T> {
  return { ok: false, refusal: refusal(stage, code, status, text) };
}
