/** Characters, without the data of pictures. */
const MOST_MARKUP = 4 * 1024 * 1024;
const MOST_ELEMENTS = 50_000;
/** Open at a time, shown or not. */
const DEEPEST = 1000;
const MOST_ATTRIBUTES = 200_000;
/** Characters of style attributes. */
const MOST_STYLE = 2 * 1024 * 1024;
/** A character that had to be written as a reference begins a new piece. */
const MOST_PIECES_OF_TEXT = 300_000;

const PICTURE = /data:image\/[a-z]{1,8};base64,[A-Za-z0-9+/=\s]*/gi;

/** HTML that nobody writes for people: cleaning it would hold up everybody else. */
export class HtmlTooComplex extends Error {
  override readonly name = 'HtmlTooComplex';
}

/** Counts what a parser finds. Each throws HtmlTooComplex once there is too much. */
export interface HtmlCount {
  opened(attributes: Readonly<Record<string, string>>): void;
  closed(): void;
  text(): void;
}

/**
 * Bounds for a whole document, for parsers whose work grows with the square of depth or that do much for each element.
 * @throws HtmlTooComplex when it is too long to begin with
 */
export function boundHtml(html: string): HtmlCount {
  if (html.length > MOST_MARKUP && html.length - picturesIn(html) > MOST_MARKUP) throw tooMuch('markup');
  let elements = 0;
  let depth = 0;
  let attributes = 0;
  let style = 0;
  let pieces = 0;
  return {
    opened(given) {
      elements += 1;
      depth += 1;
      attributes += Object.keys(given).length;
      style += given.style?.length ?? 0;
      if (elements > MOST_ELEMENTS) throw tooMuch('elements');
      if (depth > DEEPEST) throw tooMuch('depth');
      if (attributes > MOST_ATTRIBUTES) throw tooMuch('attributes');
      if (style > MOST_STYLE) throw tooMuch('style');
    },
    closed() {
      depth -= 1;
    },
    text() {
      pieces += 1;
      if (pieces > MOST_PIECES_OF_TEXT) throw tooMuch('text');
    },
  };
}

function picturesIn(html: string): number {
  let characters = 0;
  for (const { 0: picture } of html.matchAll(PICTURE)) characters += picture.length;
  return characters;
}

function tooMuch(what: string): HtmlTooComplex {
  return new HtmlTooComplex(`the HTML is beyond the bounds of what is shown: ${what}`);
}
