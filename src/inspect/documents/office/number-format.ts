/** How a cell's number is shown, as far as it matters to reading. */
export type NumberFormat = (value: number) => string;

/** Formats that every program knows by number alone (ISO/IEC 29500-1 18.8.30); of CJK locales those of dates. */
const BUILT_IN_DATES = [
  [14, 17],
  [22, 22],
  [27, 36],
  [50, 58],
] as const;
const BUILT_IN_TIMES = [
  [18, 21],
  [45, 47],
] as const;
const DAY = 86_400_000;
/** Day 0 of the system of 1900, in which 1900 has a 29 February; and that of 1904. */
const EPOCH_1900 = Date.UTC(1899, 11, 30);
const EPOCH_1904 = Date.UTC(1904, 0, 1);
const LAST_DAY = 2_958_465;

/**
 * The way in which numbers of one format are read: dates as ISO 8601, digits with what the format puts between them
 * (`000-00-0000`), and all others as plain numbers.
 */
export function numberFormat(id: number, code: string | undefined, is1904: boolean): NumberFormat {
  const inside = (ranges: readonly (readonly [number, number])[]) =>
    ranges.some(([from, to]) => id >= from && id <= to);
  if (code === undefined) {
    return inside(BUILT_IN_DATES) || inside(BUILT_IN_TIMES) ? (value) => isoDate(value, is1904) : plain;
  }
  const sections = splitSections(code.slice(0, 1024)).map(parseSection);
  return (value) => {
    const section = choose(sections, value);
    if (section === undefined) return plain(value);
    if (section.isDate) return isoDate(value, is1904);
    const signed = value < 0 && sections.length > 1 && section !== sections[0] ? -value : value;
    return placeDigits(section, signed);
  };
}

function plain(value: number): string {
  // What the double holds beyond fifteen digits is noise that no program shows.
  return String(Number(value.toPrecision(15)));
}

/** @param value days, with the time of day as a fraction */
export function isoDate(value: number, is1904: boolean): string {
  if (!(value >= 0 && value <= LAST_DAY)) return plain(value);
  const shift = !is1904 && value < 60 ? 1 : 0;
  const milliseconds = Math.round(((value + shift) * DAY) / 1000) * 1000;
  const iso = new Date((is1904 ? EPOCH_1904 : EPOCH_1900) + milliseconds).toISOString();
  const time = iso.slice(11, 19);
  if (value < 1) return value === 0 ? '0' : time;
  return time === '00:00:00' ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${time}`;
}

interface Section {
  readonly isDate: boolean;
  readonly condition?: { readonly operator: string; readonly than: number };
  /** `0`, `#` and `?` are places of digits, `.` the decimal point; all else stands as it is. */
  readonly tokens: readonly { readonly place: boolean; readonly text: string }[];
  /** Neither digits nor anything that is read here: shown as a plain number. */
  readonly plain: boolean;
  /** What the number is multiplied by before it is shown: percent signs, and commas behind the last digit. */
  readonly scale: number;
}

/** At semicolons that stand neither in quotes nor in brackets. */
function splitSections(code: string): readonly string[] {
  const sections = [''];
  for (const [piece] of code.matchAll(/"[^"]*"?|\\.|\[[^\]]*\]?|[\s\S]/g)) {
    if (piece === ';') sections.push('');
    else sections[sections.length - 1] += piece;
  }
  return sections.slice(0, 4);
}

const TOKEN =
  /"([^"]*)"?|\\(.)|\[([^\]]*)\]?|[_*](.)|(general)|(e[+-])|([ymdhsb]+|a\/p|am\/pm)|([0#?])|([\s\S])/gi;

function parseSection(section: string): Section {
  const tokens: { place: boolean; text: string }[] = [];
  let isDate = false;
  let isPlain = false;
  let percents = 0;
  /** Commas since the last place of a digit. */
  let commas = 0;
  let thousands = 0;
  let beforePoint = true;
  let condition: Section['condition'];
  for (const [, quoted, escaped, bracket, filler, general, exponent, date, place, other] of section.matchAll(
    TOKEN,
  )) {
    if (bracket !== undefined) {
      const limit = /^(<=|>=|<>|<|>|=)(-?[\d.]+)$/.exec(bracket);
      if (limit !== null) condition = { operator: limit[1] ?? '', than: Number(limit[2]) };
      else if (/^(?:h+|m+|s+)$/i.test(bracket)) isDate = true;
      const currency = /^\$([^-]*)/.exec(bracket)?.[1];
      if (currency) tokens.push({ place: false, text: currency });
    } else if (date !== undefined) isDate = true;
    else if (general !== undefined || exponent !== undefined) isPlain = true;
    else if (place !== undefined) {
      tokens.push({ place: true, text: place });
      commas = 0;
    } else if (filler === undefined) {
      const text = quoted ?? escaped ?? other ?? '';
      // Thousands are written without separators; fractions as decimals.
      if (other === '/') isPlain = true;
      if (other === '%') percents += 1;
      if (other === ',') commas += 1;
      // Right before the point, or behind all digits, each divides by a thousand.
      else if (other === '.' && beforePoint) {
        beforePoint = false;
        thousands = commas;
        commas = 0;
      }
      if (other !== ',' && other !== '@') tokens.push({ place: false, text });
    }
  }
  return {
    isDate,
    ...(condition !== undefined && { condition }),
    tokens,
    plain: isPlain || !tokens.some((token) => token.place),
    scale: 100 ** Math.min(percents, 20) / 1000 ** Math.min(thousands + commas, 20),
  };
}

function choose(sections: readonly Section[], value: number): Section | undefined {
  const conditional = sections.find(({ condition }) => condition !== undefined && meets(condition, value));
  if (conditional !== undefined) return conditional;
  const others = sections.filter(({ condition }) => condition === undefined);
  if (sections.some(({ condition }) => condition !== undefined)) return others[0] ?? sections.at(-1);
  if (value < 0) return others[1] ?? others[0];
  if (value === 0) return others[2] ?? others[0];
  return others[0];
}

function meets(
  { operator, than }: { readonly operator: string; readonly than: number },
  value: number,
): boolean {
  if (operator === '<') return value < than;
  if (operator === '<=') return value <= than;
  if (operator === '>') return value > than;
  if (operator === '>=') return value >= than;
  return operator === '=' ? value === than : value !== than;
}

/** Fills digits into their places from the right; those left over go before the first place. */
function placeDigits(section: Section, value: number): string {
  if (section.plain || Math.abs(value) >= 1e15) return plain(value);
  const { tokens } = section;
  const point = tokens.findIndex(({ place, text }) => !place && text === '.');
  const whole = point < 0 ? tokens : tokens.slice(0, point);
  const decimals = point < 0 ? [] : tokens.slice(point + 1);
  const places = Math.min(15, decimals.filter(({ place }) => place).length);
  const scaled = Number((value * section.scale).toPrecision(15));
  if (Math.abs(scaled) >= 1e21) return plain(value);
  const [digits = '', fraction = ''] = Math.abs(scaled).toFixed(places).split('.');
  const before = fill(whole, digits);
  let at = 0;
  const after = decimals
    .map(({ place, text }) => {
      if (!place) return text;
      at += 1;
      return fraction[at - 1] ?? '';
    })
    .join('');
  return `${scaled < 0 ? '-' : ''}${before}${point < 0 ? '' : `.${after}`}`;
}

function fill(tokens: Section['tokens'], digits: string): string {
  const count = tokens.filter(({ place }) => place).length;
  let left = digits === '0' && tokens.every(({ place, text }) => !place || text !== '0') ? '' : digits;
  const padded = left.padStart(count, '\0');
  left = padded.slice(0, padded.length - count);
  let at = left.length;
  let first = true;
  return tokens
    .map(({ place, text }) => {
      if (!place) return text;
      const digit = padded[at] ?? '';
      at += 1;
      const shown = digit === '\0' ? (text === '0' ? '0' : '') : digit;
      const whole = first ? left + shown : shown;
      first = false;
      return whole;
    })
    .join('');
}
