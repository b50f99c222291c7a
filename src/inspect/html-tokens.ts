import { Tokenizer } from 'htmlparser2';

/** A tag that begins an element. Its name and those of its attributes are in lower case. */
export interface StartTag {
  readonly name: string;
  /** Of attributes that are written more than once, the first. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The same, with the values of such attributes one behind the other. */
  readonly joined: ReadonlyMap<string, string>;
}

/** Is told the tokens of a document in their order, as they are read. `end` is the place behind them in the source. */
export interface TokenReader {
  start(tag: StartTag, selfClosing: boolean, end: number): void;
  /** @param end behind the name */
  close(name: string, end: number): void;
  /**
   * @param raw as it is written, with references read
   * @param shown with each run of blanks as one
   * @param end absent in a CDATA section
   */
  text(raw: string, shown: string, end?: number): void;
  /** @param offset characters at its end that are its mark's; the source begins and ends behind and before the marks */
  comment?(start: number, end: number, offset: number): void;
  declaration?(start: number, end: number): void;
  instruction?(start: number, end: number): void;
  /** A further value of an attribute, when it ends: its tag may never do so. */
  repeated?(value: string): void;
}

/**
 * Reads markup with htmlparser2's tokenizer alone, once for all readers: no tree, so the time is linear in the length
 * whatever the nesting, and nothing is kept.
 */
export function readTokens(html: string, xml: boolean, readers: readonly TokenReader[]): void {
  let name = '';
  let attribute = '';
  let value = '';
  let attributes = new Map<string, string>();
  let joined = attributes;
  const start = (selfClosing: boolean, end: number) => {
    const tag = { name, attributes, joined };
    for (const reader of readers) reader.start(tag, selfClosing, end);
  };
  const text = (raw: string, end?: number) => {
    const shown = withoutBlankRuns(raw);
    for (const reader of readers) reader.text(raw, shown, end);
  };
  const tokenizer = new Tokenizer(
    { xmlMode: xml, decodeEntities: true },
    {
      onopentagname(from, to) {
        name = html.slice(from, to).toLowerCase();
        attributes = new Map();
        joined = attributes;
      },
      onopentagend: (end) => start(false, end + 1),
      onselfclosingtag: (end) => start(true, end + 1),
      onclosetag(from, to) {
        const closed = html.slice(from, to).toLowerCase();
        for (const reader of readers) reader.close(closed, to);
      },
      onattribname(from, to) {
        attribute = html.slice(from, to).toLowerCase();
        value = '';
      },
      onattribdata(from, to) {
        value += html.slice(from, to);
      },
      onattribentity(point) {
        value += String.fromCodePoint(point);
      },
      onattribend() {
        const before = joined.get(attribute);
        if (before === undefined) {
          attributes.set(attribute, value);
          if (joined !== attributes) joined.set(attribute, value);
          return;
        }
        if (joined === attributes) joined = new Map(attributes);
        joined.set(attribute, before + value);
        for (const reader of readers) reader.repeated?.(value);
      },
      ontext: (from, to) => text(html.slice(from, to), to),
      ontextentity: (point, end) => text(String.fromCodePoint(point), end),
      oncdata: (from, to, offset) => text(html.slice(from, to - offset)),
      oncomment(from, to, offset) {
        for (const reader of readers) reader.comment?.(from, to, offset);
      },
      ondeclaration(from, to) {
        for (const reader of readers) reader.declaration?.(from, to);
      },
      onprocessinginstruction(from, to) {
        for (const reader of readers) reader.instruction?.(from, to);
      },
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
}

const BLANK_RUN = /[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+/g;

/** Most blanks stand alone, and remain. */
function withoutBlankRuns(text: string): string {
  return text.replace(BLANK_RUN, ' ');
}
