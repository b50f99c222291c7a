/**
 * States, territories and military mail of the United States, each with the first three digits of its ZIP codes.
 * Source: USPS Publication 28, appendix B; USPS, "Domestic Mail Manual" L002 (three-digit ZIP code prefixes).
 */
const ZIP_PREFIXES: Readonly<Record<string, string>> = {
  AL: '350-352 354-369',
  AK: '995-999',
  AZ: '850-853 855-857 859-860 863-865',
  AR: '716-729 755',
  CA: '900-908 910-928 930-961',
  CO: '800-816',
  CT: '060-069',
  DE: '197-199',
  DC: '200 202-205 569',
  FL: '320-339 341-342 344 346-347 349',
  GA: '300-319 398-399',
  HI: '967-968',
  ID: '832-838',
  IL: '600-620 622-629',
  IN: '460-479',
  IA: '500-516 520-528',
  KS: '660-662 664-679',
  KY: '400-427',
  LA: '700-701 703-708 710-714',
  ME: '039-049',
  MD: '206-212 214-219',
  MA: '010-027 055',
  MI: '480-499',
  MN: '550-551 553-567',
  MS: '386-397',
  MO: '630-631 633-641 644-658',
  MT: '590-599',
  NE: '680-681 683-693',
  NV: '889-891 893-895 897-898',
  NH: '030-038',
  NJ: '070-089',
  NM: '870-871 873-875 877-884',
  NY: '005 063 100-149',
  NC: '270-289',
  ND: '580-588',
  OH: '430-459',
  OK: '730-731 734-741 743-749',
  OR: '970-979',
  PA: '150-196',
  RI: '028-029',
  SC: '290-299',
  SD: '570-577',
  TN: '370-385',
  TX: '750-770 772-799 885',
  UT: '840-847',
  VT: '050-059',
  VA: '201 220-246',
  WA: '980-986 988-994',
  WV: '247-268',
  WI: '530-532 534-535 537-549',
  WY: '820-831 834',
  PR: '006-007 009',
  VI: '008',
  GU: '969',
  AS: '967',
  MP: '969',
  AA: '340',
  AE: '090-098',
  AP: '962-966',
};

/** Alternation of the abbreviations, for patterns. */
export const STATE = `(?:${Object.keys(ZIP_PREFIXES).join('|')})`;

/** Abbreviations of the states, by their names in small letters. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  alabama: 'AL',
  alaska: 'AK',
  arizona: 'AZ',
  arkansas: 'AR',
  california: 'CA',
  colorado: 'CO',
  connecticut: 'CT',
  delaware: 'DE',
  'district of columbia': 'DC',
  florida: 'FL',
  georgia: 'GA',
  hawaii: 'HI',
  idaho: 'ID',
  illinois: 'IL',
  indiana: 'IN',
  iowa: 'IA',
  kansas: 'KS',
  kentucky: 'KY',
  louisiana: 'LA',
  maine: 'ME',
  maryland: 'MD',
  massachusetts: 'MA',
  michigan: 'MI',
  minnesota: 'MN',
  mississippi: 'MS',
  missouri: 'MO',
  montana: 'MT',
  nebraska: 'NE',
  nevada: 'NV',
  'new hampshire': 'NH',
  'new jersey': 'NJ',
  'new mexico': 'NM',
  'new york': 'NY',
  'north carolina': 'NC',
  'north dakota': 'ND',
  ohio: 'OH',
  oklahoma: 'OK',
  oregon: 'OR',
  pennsylvania: 'PA',
  'rhode island': 'RI',
  'south carolina': 'SC',
  'south dakota': 'SD',
  tennessee: 'TN',
  texas: 'TX',
  utah: 'UT',
  vermont: 'VT',
  virginia: 'VA',
  washington: 'WA',
  'west virginia': 'WV',
  wisconsin: 'WI',
  wyoming: 'WY',
};

/** Alternation of the states' names in small letters, for patterns over small letters. */
export const STATE_NAME = `(?:${Object.keys(ABBREVIATIONS).join('|')})`;

/** The abbreviation of a state that a word names or abbreviates, in whatever case; undefined for other words. */
export function stateOf(word: string): string | undefined {
  const small = word.toLowerCase().replace(/\s+/g, ' ');
  if (Object.hasOwn(ABBREVIATIONS, small)) return ABBREVIATIONS[small];
  const capitals = word.toUpperCase();
  return Object.hasOwn(ZIP_PREFIXES, capitals) ? capitals : undefined;
}

function prefixesOf(state: string): readonly string[] {
  return Object.hasOwn(ZIP_PREFIXES, state) ? (ZIP_PREFIXES[state]?.split(' ') ?? []) : [];
}

/** True where a ZIP code can belong to a state (its abbreviation in capitals). */
export function isZipOf(state: string, zip: string): boolean {
  const prefix = zip.slice(0, 3);
  return prefixesOf(state).some((range) => {
    const [first, last = first] = range.split('-');
    return first !== undefined && last !== undefined && prefix >= first && prefix <= last;
  });
}

/** True where some state has ZIP codes that begin so. */
export function isZip(zip: string): boolean {
  return Object.keys(ZIP_PREFIXES).some((state) => isZipOf(state, zip));
}
