/** What came over a wire, as text in Latin-1: one character for each octet. */
export type WireText = string;

/**
 * Everything in a client's side of a dialogue that another server could read in two ways: a CR or LF that stands alone,
 * or a NUL. Gives the surroundings of each.
 */
export function ambiguousBytes(wire: WireText): readonly string[] {
  return [...wire.matchAll(/\r(?!\n)|(?<!\r)\n|\0/g)].map(({ index }) =>
    JSON.stringify(wire.slice(Math.max(0, index - 20), index + 20)),
  );
}

/** Lines of sent content, its final dot among them, that begin with a dot and are neither doubled nor the end. */
export function undoubledDots(content: WireText): readonly string[] {
  const lines = content.split('\r\n');
  const end = lines.length - 2;
  return lines.filter(
    (line, i) => line.startsWith('.') && !line.startsWith('..') && !(i === end && line === '.'),
  );
}

/** The message that a server reads from sent content: final dot and doubled dots removed. */
export function readContent(content: WireText): WireText {
  return content.replace(/\.\r\n$/, '').replace(/(^|\r\n)\./g, '$1');
}

/** The part of a message behind its header. */
export function bodyOf(message: WireText): WireText {
  return message.slice(message.indexOf('\r\n\r\n') + 4);
}

/** RFC 5321 4.1.1.4 and 4.5.2 in one expression: what a strict server reads after DATA, and where the next command begins. */
export function strictReading(stream: WireText): {
  readonly content: WireText;
  readonly next: number | undefined;
} {
  const end = /^\.\r\n|\r\n\.\r\n/.exec(stream);
  const content = end === null ? stream : stream.slice(0, end[0].startsWith('.') ? 0 : end.index + 2);
  return {
    content: content.replace(/(^|\r\n)\./g, '$1'),
    next: end === null ? undefined : end.index + end[0].length,
  };
}
