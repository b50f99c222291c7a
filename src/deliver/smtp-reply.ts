/** One reply of a server (RFC 5321 4.2). `lines` is the peer's free text: never log, audit or forward it. */
export interface SmtpReply {
  readonly code: number;
  /** RFC 3463 status, where the server gave one that fits the code's class. */
  readonly enhanced?: string;
  /** Text of each line, without code; ASCII or replaced. For reading EHLO keywords and AUTH challenges only. */
  readonly lines: readonly string[];
}

/** A peer that doesn't speak SMTP. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** RFC 5321 4.5.3.1.5 allows 512 octets; some servers send more. */
const MAX_LINE = 4096;
const MAX_LINES = 128;

/** Collects reply lines as bytes arrive. Memory is bounded whatever the peer sends. */
export interface ReplyReader {
  /** Complete replies so far. Throws ProtocolError for what isn't a reply. */
  push(chunk: Uint8Array): readonly SmtpReply[];
  /** Whether bytes of an unfinished reply are waiting. */
  pending(): boolean;
}

export function createReplyReader(): ReplyReader {
  let rest = '';
  let lines: string[] = [];
  let code = 0;
  return {
    pending: () => rest.length > 0 || lines.length > 0,
    push(chunk) {
      const replies: SmtpReply[] = [];
      const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
      let start = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        const line = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
        const length = end - start;
        start = end + 1;
        if (length > MAX_LINE) throw new ProtocolError('a reply line is too long');
        const match = /^([2-5]\d\d)(?:([ -])(.*))?$/.exec(line);
        if (match === null) throw new ProtocolError('a line is not a reply');
        const lineCode = Number(match[1]);
        if (lines.length > 0 && lineCode !== code) throw new ProtocolError('a reply changes its code');
        code = lineCode;
        lines.push(match[3] ?? '');
        if (lines.length > MAX_LINES) throw new ProtocolError('a reply has too many lines');
        if (match[2] !== '-') {
          replies.push(reply(code, lines));
          lines = [];
        }
      }
      rest = text.slice(start);
      if (rest.length > MAX_LINE) throw new ProtocolError('a reply line is too long');
      return replies;
    },
  };
}

function reply(code: number, lines: readonly string[]): SmtpReply {
  const enhanced = /^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(lines[0] ?? '')?.[1];
  const fits = enhanced?.startsWith(String(Math.floor(code / 100))) === true;
  return { code, lines, ...(fits ? { enhanced } : {}) };
}

/** What a server offers, from its EHLO reply. */
export interface Capabilities {
  readonly startTls: boolean;
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  readonly sizeOffered: boolean;
  /** Largest message in bytes; 0 when unlimited or unsaid. */
  readonly maxSize: number;
  readonly auth: readonly string[];
}

export const NO_CAPABILITIES: Capabilities = {
  startTls: false,
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  dsn: false,
  sizeOffered: false,
  maxSize: 0,
  auth: [],
};

/** Reads the keywords of an EHLO reply; its first line is the greeting. */
export function readCapabilities(ehlo: SmtpReply): Capabilities {
  const keywords = new Map<string, readonly string[]>();
  for (const line of ehlo.lines.slice(1)) {
    const [keyword = '', ...parameters] = line.trim().toUpperCase().split(/\s+/);
    keywords.set(keyword, parameters);
  }
  const size = keywords.get('SIZE')?.[0] ?? '';
  return {
    startTls: keywords.has('STARTTLS'),
    pipelining: keywords.has('PIPELINING'),
    eightBitMime: keywords.has('8BITMIME'),
    smtpUtf8: keywords.has('SMTPUTF8'),
    dsn: keywords.has('DSN'),
    sizeOffered: keywords.has('SIZE'),
    maxSize: /^\d{1,15}$/.test(size) ? Number(size) : 0,
    auth: keywords.get('AUTH') ?? [],
  };
}
