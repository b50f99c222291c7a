/** The header of an interchange (ASC X12.5, ISA): its elements have fixed lengths, and the delimiters stand in it. */
const HEADER = /(?<![A-Za-z0-9])ISA([^\w\s])[\s\S]{2}\1[\s\S]{10}\1[\s\S]{88}/g;
/** Blanks and the quotation marks of replies. */
const BEFORE_SEGMENT = /^[\s>]+/;
const SEGMENT_END = 105;

/** Persons, by what they are in the transaction (element 98): the patient, or the one who is insured for him. */
const PATIENTS: ReadonlySet<string> = new Set(['IL', 'QC', '74', '70', '03', 'S1', 'S3']);
/** Numbers, by what they are (elements 66 and 128). */
const NUMBERS: Readonly<Record<string, string>> = {
  34: 'SSN',
  SY: 'SSN',
  MI: 'Member ID',
  II: 'Member ID',
  '1W': 'Member ID',
  '0F': 'Member ID',
  EA: 'MRN',
  EJ: 'Patient account number',
  IG: 'Policy number',
  EI: 'EIN',
  XX: 'NPI',
};
/** Ways to be reached (element 365). */
const CONTACTS: Readonly<Record<string, string>> = {
  TE: 'Phone',
  HP: 'Phone',
  WP: 'Phone',
  CP: 'Phone',
  FX: 'Fax',
  EM: 'Email',
};

/**
 * Claims, enrolments and remittances (ASC X12 270 to 278, 834, 835, 837; 45 CFR 162) with their numbers and names
 * called by what they are, as programs show them. Undefined for all other text.
 */
export function x12Text(source: string): string | undefined {
  if (!source.includes('ISA')) return undefined;
  const headers = [...source.matchAll(HEADER)];
  if (headers.length === 0) return undefined;
  return headers.flatMap((header, at) => interchangeLines(source, header, headers[at + 1]?.index)).join('\n');
}

/** Each interchange of a file has delimiters of its own. */
function interchangeLines(
  source: string,
  header: RegExpExecArray,
  next: number | undefined,
): readonly string[] {
  const [interchange, element = '*'] = header;
  const end = interchange[SEGMENT_END] ?? '~';
  const component = interchange[SEGMENT_END - 1] ?? ':';
  return source
    .slice(header.index, next)
    .split(end)
    .map((one) => {
      const segment = one.replace(BEFORE_SEGMENT, '').trimEnd();
      return segment === '' ? '' : shown(segment.split(element), component);
    })
    .filter((line) => line !== '');
}

function shown([name = '', ...elements]: readonly string[], component: string): string {
  const [first = '', second = '', third = '', fourth = ''] = elements;
  switch (name) {
    case 'NM1':
      return [
        `${PATIENTS.has(first) ? 'Patient name' : 'Name'}: ${[fourth, elements[4], third].filter(Boolean).join(' ')}`,
        labelled(elements[7] ?? '', elements[8] ?? ''),
      ].join('\n');
    case 'REF':
      return labelled(first, second);
    case 'N3':
      return `Address: ${[first, second].filter(Boolean).join(' ')},`;
    case 'N4':
      return `${first}, ${second} ${third}`;
    case 'DMG':
      return `Date of birth: ${dated(second)}`;
    case 'DTP':
      return `Date: ${dated(third)}`;
    case 'CLM':
      return `Patient account number: ${first}`;
    case 'PER':
      return [1, 3, 5]
        .filter((at) => (elements[at + 2] ?? '') !== '')
        .map((at) => `${CONTACTS[elements[at + 1] ?? ''] ?? 'Contact'}: ${elements[at + 2]}`)
        .concat(second === '' ? [] : `Contact: ${second}`)
        .join('\n');
    case 'HI':
      return elements
        .map((one) => one.split(component)[1] ?? '')
        .filter((code) => code !== '')
        .map((code) => `Diagnosis: ${coded(code)}`)
        .join('\n');
    default:
      return elements.filter(Boolean).join(' ');
  }
}

function labelled(kind: string, value: string): string {
  return `${Object.hasOwn(NUMBERS, kind) ? NUMBERS[kind] : 'Number'}: ${value}`;
}

function dated(value: string): string {
  return value.replace(/\b(\d{4})(\d\d)(\d\d)\b/g, '$1-$2-$3');
}

/** Codes of ICD-10 are written without their point. */
function coded(code: string): string {
  return code.replace(/^([A-Z]\d[0-9A-Z])([0-9A-Z]{1,4})$/, '$1.$2');
}
