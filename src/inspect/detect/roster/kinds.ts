import { DOMAIN, type Domain } from './hashes.js';

/** What a column of a roster holds. */
export const COLUMN_KINDS = [
  'given',
  'family',
  'name',
  'dob',
  'mrn',
  'number',
  'ssn',
  'phone',
  'email',
  'address',
  'zip',
  'text',
] as const;
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** What each of them is, for help and documentation. */
export const KIND_WORDS: Readonly<Record<ColumnKind, string>> = {
  given: 'given names',
  family: 'family names',
  name: 'full names, in any order',
  dob: 'dates of birth, in any usual form',
  mrn: 'medical record numbers',
  number: 'other numbers of one person, such as account or member numbers; letters may be in them',
  ssn: 'social security numbers',
  phone: 'telephone numbers',
  email: 'e-mail addresses',
  address: 'street addresses, beginning with the house number',
  zip: 'ZIP codes; of ZIP+4 the first five digits count',
  text: 'anything else, of up to six words',
};

/** As what the values of a column are compared. */
export const DOMAIN_OF: Readonly<Record<ColumnKind, Domain>> = {
  given: DOMAIN.word,
  family: DOMAIN.word,
  name: DOMAIN.word,
  dob: DOMAIN.date,
  mrn: DOMAIN.number,
  number: DOMAIN.number,
  ssn: DOMAIN.number,
  phone: DOMAIN.number,
  email: DOMAIN.email,
  address: DOMAIN.address,
  zip: DOMAIN.zip,
  text: DOMAIN.text,
};
