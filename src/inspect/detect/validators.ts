import {
  passesDamm,
  passesDea,
  passesGs1,
  passesLuhn,
  passesMod11,
  passesMod11Hybrid,
  passesMod11Pure,
  passesMod97,
  passesNpi,
  passesVerhoeff,
} from './check-digits.js';
import { readDate } from './dates.js';
import * as national from './national-numbers.js';

/** A rule that a matched text passes or not: what detectors that policies define name as their `validator`. */
export interface Validator {
  readonly description: string;
  /** The public document behind the rule. */
  readonly source: string;
  /** Takes the matched text as it stands. Linear in it, and never throws. */
  readonly test: (value: string) => boolean;
}

/** Nothing that is checked here is longer, separators counted. */
const LONGEST = 64;

function on(pattern: RegExp, test: (plain: string) => boolean): (value: string) => boolean {
  return (value) => {
    if (value.length > LONGEST) return false;
    const plain = value.replace(/[\s.\-/]/g, '').toUpperCase();
    return pattern.test(plain) && test(plain);
  };
}

const DIGITS = /^\d{2,40}$/;
const ANY = /^[A-Z0-9]{1,40}$/;

/** Numbers that nobody was given: all places alike. They pass some sums. */
const digitsWith = (test: (digits: string) => boolean) =>
  on(DIGITS, (digits) => !/^(\d)\1*$/.test(digits) && test(digits));

function isUsSsn(digits: string): boolean {
  const area = digits.slice(0, 3);
  if (area === '000' || area === '666' || area >= '900') return false;
  return digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000';
}

const MBI =
  /^[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y]{2}\d{2}$/;
const ITIN = /^9\d{2}(?:5\d|6[0-5]|7\d|8[0-8]|9[0-2]|9[4-9])\d{4}$/;

/** By name. Names are a public contract: policies are written with them. Blanks, dashes, points and slashes don't count. */
export const VALIDATORS: Readonly<Record<string, Validator>> = {
  luhn: {
    description: 'Digits, the last a Luhn digit (mod 10)',
    source: 'ISO/IEC 7812-1 annex B',
    test: digitsWith(passesLuhn),
  },
  verhoeff: {
    description: "Digits, the last one Verhoeff's check digit",
    source: 'J. Verhoeff: Error Detecting Decimal Codes (1969)',
    test: digitsWith(passesVerhoeff),
  },
  damm: {
    description: "Digits, the last one Damm's check digit",
    source: 'H. M. Damm: Total anti-symmetrische Quasigruppen (2004)',
    test: digitsWith(passesDamm),
  },
  mod97: {
    description: 'Digits and letters, two check digits at the end (MOD 97-10)',
    source: 'ISO/IEC 7064',
    test: on(/^[A-Z0-9]{3,40}$/, passesMod97),
  },
  mod11: {
    description: 'Weights 1, 2, 3, ... from the right, divisible by 11; the last place may be X',
    source: 'NHS Data Dictionary (NHS Number); ISO 2108 before 2007',
    test: on(/^\d{2,40}[\dX]$/, (value) => !/^(\d)\1*$/.test(value) && passesMod11(value)),
  },
  'mod11-2': {
    description: 'Digits, and a check digit or X at the end (MOD 11-2)',
    source: 'ISO/IEC 7064',
    test: on(/^\d{2,40}[\dX]$/, passesMod11Pure),
  },
  'mod11-10': {
    description: 'Digits, the last a check digit (MOD 11,10)',
    source: 'ISO/IEC 7064',
    test: digitsWith(passesMod11Hybrid),
  },
  gs1: {
    description: 'Weights 1, 3, 1, 3, ... from the right, divisible by 10 (EAN, GTIN, SSCC)',
    source: 'GS1 General Specifications 7.9',
    test: digitsWith(passesGs1),
  },
  date: {
    description: 'A day that exists, in one of the usual ways of writing it',
    source: 'Gregorian calendar; ISO 8601',
    test: (value) => value.length <= LONGEST && readDate(value) !== undefined,
  },
  npi: {
    description: 'US national provider identifier',
    source: 'CMS: Requirements for NPI and NPI Check Digit; 45 CFR 162.406',
    test: on(/^[12]\d{9}$/, passesNpi),
  },
  'us-dea': {
    description: 'US DEA registration number',
    source: 'DEA Diversion Control Division: Practitioners Manual',
    test: on(/^[A-Z][A-Z9]\d{7}$/, (value) => passesDea(value.slice(2))),
  },
  'us-ssn': {
    description: 'US social security number that can have been issued',
    source: 'Social Security Administration: SSN randomization (2011), POMS RM 10201.035',
    test: on(/^\d{9}$/, isUsSsn),
  },
  'us-itin': {
    description: 'US individual taxpayer identification number',
    source: 'IRS: Internal Revenue Manual 3.21.263',
    test: on(ITIN, () => true),
  },
  'us-mbi': {
    description: 'Medicare beneficiary identifier',
    source: 'CMS: Understanding the Medicare Beneficiary Identifier (MBI) Format',
    test: on(MBI, () => true),
  },
  'us-aba': {
    description: 'US bank routing number',
    source: 'American Bankers Association: routing number policy',
    test: on(ANY, national.isAba),
  },
  iban: {
    description: 'International bank account number',
    source: 'ISO 13616; SWIFT IBAN Registry',
    test: on(ANY, national.isIban),
  },
  vin: {
    description: 'Vehicle identification number with its check digit',
    source: '49 CFR 565.15; ISO 3779',
    test: on(ANY, national.isVin),
  },
  'uk-nhs': {
    description: 'UK NHS number',
    source: 'NHS Data Dictionary',
    test: on(ANY, national.isNhsNumber),
  },
  'uk-nino': {
    description: 'UK national insurance number',
    source: 'HMRC: National Insurance Manual NIM39110',
    test: on(ANY, national.isNino),
  },
  'ca-sin': {
    description: 'Canadian social insurance number',
    source: 'Employment and Social Development Canada: Social Insurance Number',
    test: on(ANY, national.isSin),
  },
  'ca-ohip': {
    description: 'Ontario health card number, with or without its version code',
    source: 'Ontario Ministry of Health: Health Card Validation',
    test: on(ANY, national.isOhip),
  },
  'ca-ramq': {
    description: 'Quebec health insurance number',
    source: 'RAMQ: health insurance number',
    test: on(ANY, national.isRamq),
  },
  'ca-bc-phn': {
    description: 'British Columbia personal health number',
    source: 'BC Ministry of Health: PHN check digit routine',
    test: on(ANY, national.isBcPhn),
  },
  'au-medicare': {
    description: 'Australian Medicare card number',
    source: 'Services Australia: Medicare card number',
    test: on(ANY, national.isAuMedicare),
  },
  'au-tfn': {
    description: 'Australian tax file number',
    source: 'Australian Taxation Office: tax file number algorithm',
    test: on(ANY, national.isTfn),
  },
  'de-kvnr': {
    description: 'German health insurance number',
    source: 'GKV-Spitzenverband: Krankenversichertennummer, § 290 SGB V',
    test: on(ANY, national.isKvnr),
  },
  'fr-nir': {
    description: 'French social security number with its key',
    source: 'INSEE: RNIPP, NIR',
    test: on(ANY, national.isNir),
  },
  'nl-bsn': {
    description: 'Dutch citizen service number',
    source: 'RvIG: Logisch Ontwerp BSN',
    test: on(ANY, (value) => national.isBsn(value.length === 8 ? `0${value}` : value)),
  },
  'es-nif': {
    description: 'Spanish tax number of a person (DNI, NIE)',
    source: 'Spain: Real Decreto 1065/2007; Orden INT/2058/2008',
    test: on(ANY, national.isNif),
  },
  'ch-ahv': {
    description: 'Swiss social security number',
    source: 'Central Compensation Office CCO: AHV number',
    test: on(ANY, national.isAhv),
  },
  loinc: {
    description: 'LOINC code with its check digit',
    source: 'Regenstrief Institute: LOINC User Guide',
    test: (value) => value.length <= LONGEST && national.isLoinc(value.trim()),
  },
  'snomed-ct': {
    description: 'SNOMED CT identifier: partition and check digit',
    source: 'SNOMED International: Release File Specifications, SCTID',
    test: on(ANY, national.isSctid),
  },
};
