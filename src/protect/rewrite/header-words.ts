/** Octets of text in one encoded word: with its frame it stays below the 75 of RFC 2047 2. */
const WORD_OCTETS = 42;
const LINE = 76;

/**
 * An unstructured field (RFC 5322 2.2.1) with this text: as it is where that is printable ASCII and short, else as
 * RFC 2047 encoded words in UTF-8. Ends in CRLF. Blanks at the edges are lost.
 */
export function unstructuredField(name: string, text: string): string {
  const value = text.replace(/[\r\n]+/g, ' ').trim();
  const plain = /^[\x20-\x7e]*$/.test(value) && !value.includes('=?');
  if (!plain || value.length > 900) return `${name}: ${encodedWords(value)}\r\n`;
  return folded(name, value);
}

/** RFC 2047 encoded words, one a line. */
export function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  let octets = 0;
  const flush = () => {
    if (word !== '') words.push(`=?utf-8?B?${Buffer.from(word, 'utf8').toString('base64')}?=`);
    word = '';
    octets = 0;
  };
  for (const character of text) {
    const size = Buffer.byteLength(character, 'utf8');
    if (octets + size > WORD_OCTETS) flush();
    word += character;
    octets += size;
  }
  flush();
  return words.join('\r\n ');
}

/** The field folded at single blanks, where unfolding gives the same again; runs of blanks aren't touched. */
export function folded(name: string, value: string): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of value.split(/(?<=\S) (?=\S)/)) {
    if (line.length + 1 + word.length > LINE && lines.length + line.length > name.length + 1) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  lines.push(line);
  return `${lines.join('\r\n')}\r\n`;
}
