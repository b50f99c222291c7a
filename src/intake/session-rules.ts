import { refusal } from './reply.js';
import type { BadLine } from './wire-stream.js';

/** Refused commands of a session, beyond which it is ended. */
export const MAX_ERRORS = 20;
/** Lines with a bare newline or control characters: nobody's client sends them twice by mistake. */
export const MAX_BAD_LINES = 3;
/** Commands that carry no mail, between two messages. */
export const MAX_IDLE_COMMANDS = 100;

/** RFC 2920 3.1 and RFC 3207 section 4: nothing may be sent behind these before their reply came. */
export const LAST_OF_GROUP = new Set(['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'DATA']);
export const NOT_OFFERED = new Set([
  'EXPN',
  'BDAT',
  'ETRN',
  'TURN',
  'ATRN',
  'SEND',
  'SOML',
  'SAML',
  'XCLIENT',
  'XFORWARD',
]);

export const BAD_LINE: Readonly<Record<BadLine, string>> = {
  'bare-newline': 'Commands must end in CR LF',
  'control-character': 'The command has a control character',
  'too-long': 'The command is too long',
};

/** RFC 4954 section 6. */
export const LOGIN_TOO_LONG = refusal('auth', 500, '5.5.6', 'The line is too long for a log-in');
export const NOT_BASE64 = refusal('auth', 501, '5.5.2', 'This is not base64');

export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
