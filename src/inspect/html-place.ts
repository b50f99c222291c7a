/** How a style may move an element against the order in which it is written. */
export interface Place {
  /** The element itself is drawn elsewhere, or may be. */
  readonly moved?: true;
  /** What it holds is laid out from the end. */
  readonly reverses?: true;
  /** What it holds stands beside each other in the direction of its text. */
  readonly lines?: true;
  /** It is laid out as a whole among the words of a line, in the order of the line. */
  readonly atomic?: true;
  /** It stands at the beginning of its line, also before what is written before it. */
  readonly first?: true;
  /** Its lines follow each other from right to left. */
  readonly backwards?: true;
  /** Where, as far as that is said: pixels, or ranks in an order. Only good for comparing. */
  readonly x?: number;
  readonly y?: number;
}

const LENGTH = /^(-?(?:\d+(?:\.\d*)?|\.\d+))(px|pt|em|rem|ex|ch|v[wh]|%|in|cm|mm|pc|q)?\b/;
const PIXELS: Readonly<Record<string, number>> = {
  px: 1,
  pt: 4 / 3,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
  vw: 10,
  vh: 10,
  '%': 8,
  in: 96,
  cm: 38,
  mm: 3.8,
  pc: 16,
  q: 1,
};
/** Orders and margins that may be anything. */
const CALCULATED =
  /(?:^|;)(?:(?:-webkit-|-ms-)?(?:flex-)?order:[^;]{0,20}(?:var|calc|min|max|clamp)\(|margin[a-z-]{0,14}:[^;]{0,40}\(-)/;
/** The declarations of which one at least stands in whatever says something of a place: most styles have none. */
const PLACING =
  /(?:^|;)(?:position:|margin[a-z-]*:[^;]*-|(?:-webkit-|-ms-|-epub-)?(?:flex|box-|order:|transform:|animation|writing-mode:)|grid-|translate:|offset:|rotate:|float:|caption-side:|display:|column|layout-flow:)/;
/** Less than that moves nothing to another place, but a superscript or a frame. */
const MOVES = 12;

/**
 * What declarations do to the place of an element.
 * @param css in lower case, without comments and needless blanks
 * @param animated whether animations may move what they are of
 */
export function placeOf(css: string, animated: boolean): Place | undefined {
  if (!PLACING.test(css)) return undefined;
  const value = (name: RegExp): string | undefined => name.exec(css)?.[1];
  const position = value(/(?:^|;)position:([a-z]+)/);
  const taken = position === 'absolute' || position === 'fixed';
  const left = lengthOf(value(/(?:^|;)(?:left|inset-inline-start):([^;!]{1,40})/));
  const right = lengthOf(value(/(?:^|;)(?:right|inset-inline-end):([^;!]{1,40})/));
  const top = lengthOf(value(/(?:^|;)(?:top|inset-block-start):([^;!]{1,40})/));
  const bottom = lengthOf(value(/(?:^|;)(?:bottom|inset-block-end):([^;!]{1,40})/));
  const inset = value(/(?:^|;)inset(?:-inline|-block)?:([^;!]{1,40})/) !== undefined;
  const shifted =
    position !== undefined &&
    position !== 'static' &&
    (inset || [left, right, top, bottom].some((one) => one !== undefined && Math.abs(one) >= MOVES));
  const margin = lengthOf(
    value(/(?:^|;)margin-(?:left|inline-start|right|inline-end|top):(-[^;!]{1,40})/) ??
      value(/(?:^|;)margin:(?:[^; ]{1,20} ){0,3}(-[^; !]{1,40})/),
  );
  const rank = Number(
    value(/(?:^|;)(?:-webkit-|-ms-)?(?:flex-order|box-ordinal-group|order):(-?\d{1,9})/) ?? 0,
  );
  const column = value(/(?:^|;)grid-(?:column|area)(?:-start)?:([^;!]{1,40})/);
  const row = value(/(?:^|;)grid-(?:row|area)(?:-start)?:([^;!]{1,40})/);
  const shift = /(?:^|;)(?:-webkit-|-ms-)?transform:([^;]{1,120})|(?:^|;)(translate|offset|rotate):/.exec(
    css,
  );
  const translated = shift?.[1]?.match(/translate(?:x|3d)?\((-?[\d.]+[a-z%]*)/)?.[1];
  const moves =
    shift !== null && (shift[2] !== undefined || /translate|rotate|matrix|scale\w*\(-/.test(shift[1] ?? ''));
  const moved =
    taken ||
    shifted ||
    (margin !== undefined && margin <= -MOVES) ||
    rank !== 0 ||
    CALCULATED.test(css) ||
    column !== undefined ||
    row !== undefined ||
    moves ||
    (animated && /(?:^|;)(?:-webkit-)?animation(?:-name)?:(?!none)/.test(css)) ||
    /(?:^|;)(?:float:(?:right|inline-end)|caption-side:bottom|display:table-(?:header|footer|caption)-group)/.test(
      css,
    );
  const reverses =
    /(?:^|;)(?:(?:-webkit-|-ms-)?flex-(?:direction|flow|wrap):[^;]{0,20}reverse|-webkit-box-direction:reverse)/.test(
      css,
    );
  const atomic = /(?:^|;)(?:display:(?:inline-|table-cell)|float:)/.test(css);
  const lines = /(?:^|;)(?:display:(?:-webkit-|-ms-)?(?:inline-)?(?:flex|grid|box)|column(?:s|-count):)/.test(
    css,
  );
  const begins = /(?:^|;)float:(?:left|inline-start)/.test(css);
  const backwards =
    /(?:^|;)(?:(?:-webkit-|-epub-)?writing-mode:(?:vertical-rl|tb|sideways-)|layout-flow:vertical)/.test(css);
  if (!moved && !reverses && !atomic && !lines && !backwards) return undefined;
  const x = rank === 0 ? (left ?? negative(right) ?? lengthOf(translated) ?? first(column) ?? margin) : rank;
  const y = top ?? negative(bottom) ?? (column === row ? undefined : first(row));
  return {
    ...(moved && { moved }),
    ...(reverses && { reverses }),
    ...(lines && { lines }),
    ...(atomic && { atomic }),
    ...(begins && { first: true }),
    ...(backwards && { backwards }),
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y }),
  };
}

function lengthOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const found = LENGTH.exec(value);
  // What is calculated may be anything.
  if (found === null) return /calc|var|min|max|clamp/.test(value) ? Number.MAX_SAFE_INTEGER : undefined;
  return Number(found[1]) * (PIXELS[found[2] ?? 'px'] ?? 1);
}

function negative(length: number | undefined): number | undefined {
  return length === undefined ? undefined : -length;
}

function first(line: string | undefined): number | undefined {
  const number = Number.parseInt(line ?? '', 10);
  return Number.isNaN(number) ? undefined : number;
}
