/** Luhn, ISO/IEC 7812-1 annex B. `digits` holds only 0-9. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const value = i % 2 === 1 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** NPI: Luhn over the ten digits behind the card issuer prefix 80840 (CMS, "Requirements for NPI and NPI check digit"). */
export function passesNpi(digits: string): boolean {
  return digits.length === 10 && passesLuhn(`80840${digits}`);
}

/** DEA registration: (d1 + d3 + d5) + 2 (d2 + d4 + d6) ends in d7 (DEA Diversion Control practitioner's manual). */
export function passesDea(digits: string): boolean {
  if (digits.length !== 7) return false;
  let sum = 0;
  for (let i = 0; i < 6; i++) sum += (digits.charCodeAt(i) - 48) * (i % 2 === 0 ? 1 : 2);
  return sum % 10 === digits.charCodeAt(6) - 48;
}

/** Sum of the digits, each times its weight, from the left; digits without a weight don't count. `digits` holds only 0-9. */
export function weightedSum(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * ((digits.charCodeAt(index) || 48) - 48), 0);
}

/** The permutation of Verhoeff's scheme for the eight places in turn; the first leaves digits as they are. */
const VERHOEFF_PLACES: readonly (readonly number[])[] = verhoeffPlaces();

function verhoeffPlaces(): readonly (readonly number[])[] {
  const step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const places: number[][] = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]];
  while (places.length < 8) places.push((places.at(-1) ?? []).map((digit) => step[digit] ?? 0));
  return places;
}

/** Product in the dihedral group of the pentagon: 0-4 turn it, 5-9 also flip it. */
function dihedral(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b - 5) % 5);
  return b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;
}

/** Verhoeff, "Error Detecting Decimal Codes" (1969); SNOMED CT Editorial Guide 6.3. `digits` holds only 0-9. */
export function passesVerhoeff(digits: string): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    check = dihedral(check, VERHOEFF_PLACES[i % 8]?.[digit] ?? 0);
  }
  return check === 0;
}

/** The quasigroup of order ten in Damm's thesis: row by interim digit, column by next digit. */
const DAMM = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
];

/** Damm, "Total anti-symmetrische Quasigruppen" (2004). `digits` holds only 0-9. */
export function passesDamm(digits: string): boolean {
  let row = 0;
  for (const digit of digits) row = Number(DAMM[row]?.[Number(digit)]);
  return row === 0;
}

/** Remainder by 97 of digits and capital letters, where letters count as 10 to 35 (ISO/IEC 7064). */
export function remainder97(characters: string): number {
  let remainder = 0;
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    remainder = code < 58 ? remainder * 10 + code - 48 : remainder * 100 + code - 55;
    remainder %= 97;
  }
  return remainder;
}

/** ISO/IEC 7064 MOD 97-10: digits and capital letters, two check digits at the end. */
export function passesMod97(characters: string): boolean {
  return remainder97(characters) === 1;
}

/** Weights 1, 2, 3, … from the right, sum divisible by eleven; the last digit may be X for ten. */
export function passesMod11(characters: string): boolean {
  let sum = 0;
  for (let i = 0; i < characters.length; i++) {
    const character = characters[characters.length - 1 - i] ?? '0';
    sum += (i + 1) * (character === 'X' ? 10 : Number(character));
  }
  return sum % 11 === 0;
}

/** ISO/IEC 7064 MOD 11-2: digits, and a last place that may be X for ten. */
export function passesMod11Pure(characters: string): boolean {
  let check = 0;
  for (const digit of characters.slice(0, -1)) check = ((check + Number(digit)) * 2) % 11;
  const last = characters.at(-1) ?? '0';
  return (check + (last === 'X' ? 10 : Number(last))) % 11 === 1;
}

/** ISO/IEC 7064 MOD 11,10. `digits` holds only 0-9. */
export function passesMod11Hybrid(digits: string): boolean {
  let check = 10;
  for (const digit of digits.slice(0, -1)) check = (((check + Number(digit)) % 10 || 10) * 2) % 11;
  return (check + Number(digits.at(-1))) % 10 === 1;
}

/** Weights 1, 3, 1, 3, … from the right, sum divisible by ten: EAN, GTIN, SSCC (GS1 General Specifications 7.9). */
export function passesGs1(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    sum += (digits.charCodeAt(digits.length - 1 - i) - 48) * (i % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
}
