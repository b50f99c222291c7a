import type { Copy } from './run.js';

/** A copy as it is compared with the log. */
export interface ReadCopy {
  readonly copy: Copy;
  /** Our ID: in our own trace fields, or in the Message-ID of mail that the gateway wrote. */
  readonly id: string | undefined;
  readonly messageId: string | undefined;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly sealed: boolean;
}

const ID = '[0-9A-Za-z]{10,40}';

export function readCopy(copy: Copy): ReadCopy {
  const end = copy.content.indexOf('\r\n\r\n');
  const header = (end < 0 ? copy.content : copy.content.slice(0, end)).replaceAll(/\r\n[ \t]+/g, ' ');
  const messageId = /^Message-ID: *(<[^<>\r\n]+>)/im.exec(header)?.[1];
  const ours =
    new RegExp(`^Received: [^\\r\\n]*\\(Sallyport\\)[^\\r\\n]* id (${ID});`, 'im').exec(header)?.[1] ??
    new RegExp(`^X-Sallyport-Loop: (${ID})\\.`, 'im').exec(header)?.[1] ??
    new RegExp(`^<(${ID})@`).exec(messageId ?? '')?.[1];
  return {
    copy,
    id: ours,
    messageId,
    sender: pathOf(copy.mail, 'MAIL FROM'),
    recipients: copy.rcpts.map((line) => pathOf(line, 'RCPT TO')),
    sealed: /^Content-Type: *(?:multipart\/encrypted|application\/pkcs7-mime)/im.test(header),
  };
}

/** The address between the angle brackets; what doesn't look like the command is given whole, and so fits nothing. */
function pathOf(line: string, command: string): string {
  const found = new RegExp(`^${command}:<([^<>]*)>(?: [^<>]*)?$`).exec(line);
  return found?.[1] ?? line;
}
