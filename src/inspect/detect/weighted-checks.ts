/** Check digits and characters of account, vehicle, travel document and device numbers. All take what was normalised. */

/** ISO 7064 MOD 97-10 as ISO 13616-1 uses it: the first four characters go to the end, letters count from 10. */
export function passesIbanCheck(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    if (Number.isNaN(value)) return false;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** ABA routing number: weights 3, 7, 1 (ABA, Routing Number Policy). `digits` holds nine of 0-9. */
export function passesAba(digits: string): boolean {
  if (!/^\d{9}$/.test(digits)) return false;
  return weighted(digits, [3, 7, 1]) % 10 === 0;
}

const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2] as const;
const VIN_VALUES: Readonly<Record<string, number>> = Object.fromEntries([
  ...[...'0123456789'].map((digit) => [digit, Number(digit)] as const),
  ...[...'ABCDEFGH'].map((letter, index) => [letter, index + 1] as const),
  ...[...'JKLMN'].map((letter, index) => [letter, index + 1] as const),
  ['P', 7],
  ['R', 9],
  ...[...'STUVWXYZ'].map((letter, index) => [letter, index + 2] as const),
]);

/** Ninth character of a vehicle identification number (49 CFR 565.15(c)). `vin` in capitals. */
export function passesVin(vin: string): boolean {
  if (vin.length !== 17) return false;
  let sum = 0;
  for (const [index, character] of [...vin].entries()) {
    const value = VIN_VALUES[character];
    if (value === undefined) return false;
    sum += value * (VIN_WEIGHTS[index] ?? 0);
  }
  return vin.charAt(8) === (sum % 11 === 10 ? 'X' : String(sum % 11));
}

/** Machine readable zones: weights 7, 3, 1; letters count from 10, `<` is 0 (ICAO Doc 9303-3, 4.9). */
export function passesMrz(field: string, check: string): boolean {
  let sum = 0;
  for (const [index, character] of [...field].entries()) {
    const value = character === '<' ? 0 : Number.parseInt(character, 36);
    if (Number.isNaN(value)) return false;
    sum += value * ([7, 3, 1][index % 3] ?? 0);
  }
  return String(sum % 10) === check;
}

/** Last digit of a GTIN-14 (GS1 General Specifications, 7.9). */
export function passesGtin14(digits: string): boolean {
  return /^\d{14}$/.test(digits) && weighted(digits, [3, 1]) % 10 === 0;
}

const HIBC_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%';

/** Last character of a HIBC data structure: the sum of all others, modulo 43 (ANSI/HIBC 2.6, appendix B). */
export function passesHibc(structure: string): boolean {
  let sum = 0;
  for (const character of structure.slice(0, -1)) {
    const value = HIBC_CHARACTERS.indexOf(character);
    if (value === -1) return false;
    sum += value;
  }
  return structure.length > 1 && HIBC_CHARACTERS.charAt(sum % 43) === structure.slice(-1);
}

function weighted(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++)
    sum += (digits.charCodeAt(i) - 48) * (weights[i % weights.length] ?? 0);
  return sum;
}
