import {
  passesGs1,
  passesLuhn,
  passesMod11,
  passesVerhoeff,
  remainder97,
  weightedSum,
} from './check-digits.js';

/*
 * Numbers that public bodies give to people. Every function takes the number without blanks, dashes and points, letters
 * in capitals, and says whether it can have been issued.
 */

/** Ten digits, modulus 11 (NHS Data Dictionary: NHS Number). Health and care numbers of all parts of the UK. */
export function isNhsNumber(value: string): boolean {
  return /^\d{10}$/.test(value) && !/^(\d)\1{9}$/.test(value) && passesMod11(value);
}

const NINO = /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?$/;

/** Two letters of those in use, six digits, mostly a letter A to D (HMRC, NIM39110). */
export function isNino(value: string): boolean {
  return NINO.test(value);
}

/** Nine digits, Luhn; none begin with 0, and those with 8 are businesses' (Employment and Social Development Canada). */
export function isSin(value: string): boolean {
  return /^[1-79]\d{8}$/.test(value) && passesLuhn(value);
}

/** Ten digits, Luhn, and the version code of one or two letters (Ontario Ministry of Health, Health Card Validation). */
export function isOhip(value: string): boolean {
  return /^[1-9]\d{9}[A-Z]{0,2}$/.test(value) && passesLuhn(value.slice(0, 10));
}

/**
 * Three letters of the family name, one of the given name, year, month (plus 50 for women) and day of birth, two more
 * characters (Régie de l'assurance maladie du Québec).
 */
export function isRamq(value: string): boolean {
  const parts = /^[A-Z]{4}\d{2}(\d{2})(\d{2})\d{2}$/.exec(value);
  if (parts === null) return false;
  const month = Number(parts[1]) % 50;
  const day = Number(parts[2]);
  return Number(parts[1]) <= 62 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** Ten digits that begin with 9, the last by modulus 11 (BC Ministry of Health, HL7 conformance: PHN check digit). */
export function isBcPhn(value: string): boolean {
  if (!/^9\d{9}$/.test(value)) return false;
  const check = 11 - (weightedSum(value.slice(1), [2, 4, 8, 5, 10, 9, 7, 3]) % 11);
  return check < 10 && check === Number(value[9]);
}

/** Eight digits, check digit, issue number, and perhaps the person's number on the card (Services Australia). */
export function isAuMedicare(value: string): boolean {
  return (
    /^[2-6]\d{8}[1-9][1-9]?$/.test(value) &&
    weightedSum(value, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(value[8])
  );
}

/** Nine digits, or eight in old numbers, weighted sum divisible by eleven (Australian Taxation Office). */
export function isTfn(value: string): boolean {
  if (/^(\d)\1*$/.test(value)) return false;
  if (/^\d{9}$/.test(value)) return weightedSum(value, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;
  return /^\d{8}$/.test(value) && weightedSum(value, [10, 7, 8, 4, 6, 3, 5, 1]) % 11 === 0;
}

/** A letter, eight digits, and a check digit over the letter's place in the alphabet and them (GKV, § 290 SGB V). */
export function isKvnr(value: string): boolean {
  if (!/^[A-Z]\d{9}$/.test(value)) return false;
  const letter = String(value.charCodeAt(0) - 64).padStart(2, '0');
  let sum = 0;
  [...letter, ...value.slice(1, 9)].forEach((digit, index) => {
    const product = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += product > 9 ? product - 9 : product;
  });
  return sum % 10 === Number(value[9]);
}

/**
 * Sex, year and month of birth, department (2A and 2B in Corsica), commune, order, and 97 less the remainder of the
 * thirteen before (INSEE, Répertoire national d'identification des personnes physiques).
 */
export function isNir(value: string): boolean {
  const parts = /^[1-478]\d{2}(\d{2})(\d{2}|2[AB])\d{3}\d{3}(\d{2})$/.exec(value);
  if (parts === null) return false;
  const [, month = '', department = '', key = ''] = parts;
  const real = /^(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)$/.test(month);
  if (!real || department === '00' || value.slice(10, 13) === '000') return false;
  const number = value.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - (Number(number) % 97) === Number(key);
}

/** Nine digits, the elfproef: weights 9 to 2 and -1 (Logisch Ontwerp BSN). Old ones of eight digits get a zero. */
export function isBsn(value: string): boolean {
  return (
    /^(?!000|(\d)\1{8})\d{9}$/.test(value) && weightedSum(value, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0
  );
}

const NIF_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/**
 * DNI of up to eight digits, or X, Y, Z (foreigners) or K, L, M with seven; a letter by the remainder of 23 (Spain,
 * Real Decreto 1065/2007, articles 19 and 20; Orden INT/2058/2008).
 */
export function isNif(value: string): boolean {
  const parts = /^([XYZKLM]?)(\d{7,8})([A-Z])$/.exec(value);
  if (parts === null) return false;
  const [, first = '', digits = '', letter = ''] = parts;
  if ((first !== '' && digits.length !== 7) || /^0+$/.test(digits)) return false;
  const leading = first === 'Y' ? '1' : first === 'Z' ? '2' : '';
  return NIF_LETTERS[Number(leading + digits) % 23] === letter;
}

/** Thirteen digits that begin with 756, a valid EAN-13 (Central Compensation Office CCO, Switzerland: AHV number). */
export function isAhv(value: string): boolean {
  return /^756\d{10}$/.test(value) && passesGs1(value);
}

/** Country, two check digits, up to thirty characters; modulus 97 with the first four behind (ISO 13616). */
export function isIban(value: string): boolean {
  return (
    /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(value) && remainder97(value.slice(4) + value.slice(0, 4)) === 1
  );
}

/** Nine digits: Federal Reserve district, weights 3, 7, 1 (American Bankers Association, routing numbers). */
export function isAba(value: string): boolean {
  return (
    /^(?:0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}$/.test(value) &&
    value !== '000000000' &&
    weightedSum(value, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0
  );
}

/** The values of letters begin again at 1, and once at 2; I, O and Q have none. */
const VIN_LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';
const VIN_LETTER_VALUES = '12345678123457923456789';
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Seventeen characters without I, O, Q; the ninth checks the others (49 CFR 565.15; ISO 3779). */
export function isVin(value: string): boolean {
  if (!/^[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}$/.test(value)) return false;
  const digits = value.replace(/[A-Z]/g, (letter) => VIN_LETTER_VALUES[VIN_LETTERS.indexOf(letter)] ?? '0');
  const check = weightedSum(digits, VIN_WEIGHTS) % 11;
  return value[8] === (check === 10 ? 'X' : String(check));
}

/** Up to seven digits, a dash, which stays, and a Luhn digit (LOINC Users' Guide: calculating the check digit). */
export function isLoinc(value: string): boolean {
  return /^[1-9]\d{0,6}-\d$/.test(value) && passesLuhn(value.replace('-', ''));
}

/**
 * 6 to 18 digits, a partition for concepts, descriptions or relationships, in the short form or with an extension's
 * namespace, and Verhoeff's check digit (SNOMED CT Release File Specifications, SCTID).
 */
export function isSctid(value: string): boolean {
  return (
    /^[1-9]\d{5,17}$/.test(value) &&
    /(?:0[0-5]|1[0-5])\d$/.test(value) &&
    (value.at(-3) === '0' || value.length >= 11) &&
    passesVerhoeff(value)
  );
}
