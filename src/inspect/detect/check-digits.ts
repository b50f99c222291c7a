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
