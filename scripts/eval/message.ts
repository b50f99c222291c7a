import type { Row } from './rows.js';

/**
 * A row as the message that the relay would get: whole messages as they are, anything else as the body of one (with
 * its own subject, where the text begins with that).
 */
export function messageOf(row: Row): Buffer {
  if (row.technique !== undefined) return asSent(row.text);
  const subject = /^Subject: [^\n]*\n/.exec(row.text)?.[0] ?? '';
  const markup = row.text.startsWith('<');
  const header = [
    'From: sender@relay.example',
    'To: recipient@partner.example',
    'MIME-Version: 1.0',
    `Content-Type: ${markup ? 'application/xml' : 'text/plain'}; charset=utf-8`,
    'Content-Transfer-Encoding: 8bit',
    '',
  ].join('\n');
  const body = row.text.slice(subject.length);
  return asSent(`${header}${subject}${body.startsWith('\n') && subject !== '' ? '' : '\n'}${body}`);
}

/** Line ends as in transport. */
function asSent(text: string): Buffer {
  return Buffer.from(text.replace(/\r\n?|\n/g, '\r\n'), 'utf8');
}
