/** Words that end the name of a street. */
const SUFFIXES = new Set(
  (
    'st street ave av avenue rd road blvd boulevard ln lane dr drive ct court pl place sq square ter terrace trl trail ' +
    'pkwy parkway hwy highway cir circle way wy loop run row path pike plz plaza aly alley xing crossing expy ' +
    'expressway fwy freeway cres crescent close gdns gardens grove'
  ).split(' '),
);
const DIRECTIONS = new Set(
  'n s e w ne nw se sw north south east west northeast northwest southeast southwest'.split(' '),
);
/** Words behind which a flat or a town follows. */
const UNITS = new Set('apt apartment unit ste suite fl floor rm room bldg building lot po box'.split(' '));
const MOST_WORDS = 4;
const LONGEST_WORD = 24;

const HOUSE_NUMBER = /\d{1,6}[a-z]?(?![a-z0-9])/iy;
const WORD = /\.?[ \t]{1,2}([a-z0-9][a-z0-9'-]*)/iy;

/**
 * House number and name of a street at a place of an ASCII text: first with one word of the name, then with one more
 * each time. Without a direction in front, up to `street`, `ave` and the like, a comma or a unit, four words at most:
 * the last one of "12B N. Main St., Apt 4" is `12b main`.
 */
export function* streetPrefixes(ascii: string, start: number): Generator<{ value: string; end: number }> {
  HOUSE_NUMBER.lastIndex = start;
  const house = HOUSE_NUMBER.exec(ascii)?.[0].toLowerCase();
  if (house === undefined) return;
  let value = house;
  let words = 0;
  for (const { word, end } of wordsFrom(ascii, start + house.length)) {
    if (UNITS.has(word) || (words > 0 && SUFFIXES.has(word))) return;
    if (words === 0 && DIRECTIONS.has(word)) {
      const next = wordsFrom(ascii, end).next().value?.word;
      if (next !== undefined && !SUFFIXES.has(next) && !UNITS.has(next)) continue;
    }
    value += ` ${word}`;
    yield { value, end };
    if (++words === MOST_WORDS) return;
  }
}

/** Of an address as `streetPrefixes` gives it. */
export function firstStreetWord(address: string): string {
  const from = address.indexOf(' ') + 1;
  const to = address.indexOf(' ', from);
  return to === -1 ? address.slice(from) : address.slice(from, to);
}

function* wordsFrom(ascii: string, from: number): Generator<{ word: string; end: number }> {
  for (let at = from; ; ) {
    WORD.lastIndex = at;
    const found = WORD.exec(ascii)?.[1];
    if (found === undefined || found.length > LONGEST_WORD) return;
    at = WORD.lastIndex;
    yield { word: found.toLowerCase().replace(/['-]/g, ''), end: at };
  }
}
