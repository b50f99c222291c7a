/**
 * What is wrong with a reply by RFC 5321 4.2 (form, one code, 512 octets a line, ASCII) and RFC 2034 section 4: an enhanced
 * status code of the reply's own class on every line of every 2xx, 4xx and 5xx, but for the greeting and answers to EHLO
 * and HELO, and none on a 3xx. Undefined when nothing is.
 * @param command what was answered; `''` for the greeting
 * @param reply its lines joined by `\n`
 */
export function brokenReply(command: string, reply: string): string | undefined {
  const lines = reply.split('\n');
  const code = reply.slice(0, 3);
  const say = (what: string) =>
    `${what}: ${JSON.stringify(command.slice(0, 60))} was answered ${JSON.stringify(reply)}`;
  if (!/^[2-5][0-5]\d$/.test(code)) return say('no reply code');
  const isExempt = command === '' || /^(?:EHLO|HELO)(?: |$)/i.test(command);
  for (const [i, line] of lines.entries()) {
    const last = i === lines.length - 1;
    if (line.slice(0, 4) !== `${code}${last ? ' ' : '-'}`) return say('a line of another code or form');
    if (!/^[\t\x20-\x7e]*$/.test(line)) return say('a character that is no printable ASCII');
    if (line.length > 510) return say('a line of more than 512 octets');
    const status = /^(\d)\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})(?: |$)/.exec(line.slice(4));
    if (code.startsWith('3')) {
      if (status !== null) return say('a status code on a 3xx');
    } else if (!isExempt) {
      if (status === null) return say('no enhanced status code');
      if (status[1] !== code[0]) return say('a status code of another class');
    } else if (code === '250' && status !== null) return say('a status code in an answer to EHLO');
  }
  return undefined;
}
