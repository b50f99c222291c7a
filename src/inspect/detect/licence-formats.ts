/**
 * What driver's licence numbers look like, by state, letters in capitals and without separators.
 * Source: the motor vehicle agencies' published formats, as the data element "customer identifier" (DAQ) of the AAMVA
 * DL/ID Card Design Standard carries them.
 */
const FORMATS: Readonly<Record<string, RegExp>> = {
  AL: /^\d{7,8}$/,
  AK: /^\d{6,7}$/,
  AZ: /^(?:[A-Z]\d{8}|\d{9})$/,
  AR: /^\d{8,9}$/,
  CA: /^[A-Z]\d{7}$/,
  CO: /^(?:\d{9}|[A-Z]\d{3,6}|[A-Z]{2}\d{2,5})$/,
  CT: /^\d{9}$/,
  DE: /^\d{6,7}$/,
  DC: /^(?:\d{7}|\d{9})$/,
  FL: /^[A-Z]\d{12}$/,
  GA: /^\d{7,9}$/,
  HI: /^(?:[A-Z]\d{8}|\d{9})$/,
  ID: /^(?:[A-Z]{2}\d{6}[A-Z]|\d{9})$/,
  IL: /^[A-Z]\d{11,12}$/,
  IN: /^(?:[A-Z]\d{9}|\d{9,10})$/,
  IA: /^(?:\d{9}|\d{3}[A-Z]{2}\d{4})$/,
  KS: /^(?:[A-Z]\d[A-Z]\d[A-Z]|[A-Z]\d{8}|\d{9})$/,
  KY: /^(?:[A-Z]\d{8,9}|\d{9})$/,
  LA: /^\d{8,9}$/,
  ME: /^(?:\d{7}[A-Z]?|\d{8})$/,
  MD: /^(?:[A-Z]\d{12}|MD\d{11})$/,
  MA: /^(?:[A-Z]\d{8}|[A-Z]{2}\d{7}|\d{9})$/,
  MI: /^[A-Z](?:\d{10}|\d{12})$/,
  MN: /^[A-Z]\d{12}$/,
  MS: /^\d{9}$/,
  MO: /^(?:\d{3}[A-Z]\d{6}|[A-Z]\d{5,9}|[A-Z]\d{6}R|\d{8}[A-Z]{2}|\d{9}[A-Z]?)$/,
  MT: /^(?:[A-Z]\d{8}|\d{9}|\d{13,14})$/,
  NE: /^[A-Z]\d{6,8}$/,
  NV: /^(?:\d{9,10}|\d{12}|X\d{8})$/,
  NH: /^(?:\d{2}[A-Z]{3}\d{5}|NH[A-Z]\d{8})$/,
  NJ: /^[A-Z]\d{14}$/,
  NM: /^\d{8,9}$/,
  NY: /^(?:\d{8,9}|\d{16}|[A-Z]\d{7}|[A-Z]\d{18})$/,
  NC: /^\d{6,12}$/,
  ND: /^(?:[A-Z]{3}\d{6}|\d{9})$/,
  OH: /^(?:[A-Z]\d{4,8}|[A-Z]{2}\d{3,7}|\d{8})$/,
  OK: /^(?:[A-Z]\d{9}|\d{9})$/,
  OR: /^(?:\d{6,9}|[A-Z]\d{6})$/,
  PA: /^\d{8}$/,
  RI: /^(?:\d{7,8}|V\d{6})$/,
  SC: /^\d{5,11}$/,
  SD: /^(?:\d{6}|\d{8,10}|\d{12})$/,
  TN: /^\d{7,9}$/,
  TX: /^\d{7,8}$/,
  UT: /^\d{4,10}$/,
  VT: /^(?:\d{8}|\d{7}A)$/,
  VA: /^(?:[A-Z]\d{8,11}|\d{9})$/,
  WA: /^(?:WDL[A-Z0-9]{9}|[A-Z*]{7}[A-Z0-9*]{5})$/,
  WV: /^(?:\d{7}|[A-Z]{1,2}\d{5,6})$/,
  WI: /^[A-Z]\d{13}$/,
  WY: /^\d{9,10}$/,
};

/** True where a state issues numbers of this form; with no state, where any state does. */
export function isLicenceNumber(number: string, state?: string): boolean {
  if (state !== undefined) return FORMATS[state]?.test(number) ?? false;
  return /\d.*\d.*\d.*\d/.test(number) && Object.values(FORMATS).some((format) => format.test(number));
}
