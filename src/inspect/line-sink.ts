export interface LineSink {
  /** @param asIs blanks count as they are, as in preformatted text */
  text(value: string, asIs: boolean): void;
  /** @param always one more, whatever stands before; else as many as are missing */
  lines(wanted: 1 | 2, always: boolean): void;
  join(): string;
}

/** Text as it stands on lines: blanks and line breaks between blocks count once. */
export function lineSink(): LineSink {
  const pieces: string[] = [];
  /** Line breaks at the end; blanks after them aren't content. */
  let breaks = 2;
  let blank = false;
  return {
    text(value: string, asIs: boolean): void {
      let shown = value;
      if (!asIs) {
        if ((breaks > 0 || blank) && shown.startsWith(' ')) shown = shown.slice(1);
        if (shown === '') return;
      }
      pieces.push(shown);
      blank = shown.endsWith(' ');
      breaks = 0;
    },
    lines(wanted: 1 | 2, always: boolean): void {
      const missing = always ? 1 : wanted - breaks;
      for (let i = 0; i < missing; i++) pieces.push('\n');
      breaks = Math.max(breaks + (missing > 0 ? missing : 0), 0);
      blank = false;
    },
    join: () => pieces.join(''),
  };
}
