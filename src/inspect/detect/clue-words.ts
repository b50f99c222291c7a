import { asciiShadow } from './ascii-shadow.js';
import { NAME_CUES } from './name-cues.js';
import { OWNER_WORDS } from './owner-words.js';
import { packedHashOf } from './packed-words.js';
import { firstWordForms } from './term-matcher.js';
import { healthTerms } from './vocabulary.js';
import { wordList } from './word-lists.js';
import { type WordTable, wordTable } from './word-table.js';

/** Words in small letters without marks; each list says for which detector's rules its words are a reason to look. */
const LISTS = {
  /** May begin a term of the health vocabulary. */
  term: () => [...firstWordForms(healthTerms().map(([term]) => term))].map(asciiShadow),
  /** A common name. */
  name: () => nameParts((parts) => parts.length === 1),
  /** Part of a name such as O'Brien. */
  namePart: () => nameParts((parts) => parts.length > 1),
  /** Stands before a name: a title or a label. */
  nameCue: () => [...NAME_CUES, ...split('referral chart record records result results')],
  /** May say of a name or number behind it that it is a patient's (`patient-cue.ts`). */
  patientWord: () => split(OWNER_WORDS.patient),
  ageUnit: () => split(OWNER_WORDS.age),
  recordWord: () => split(OWNER_WORDS.record),
  pronoun: () => split(OWNER_WORDS.pronoun),
  careVerb: () => split(OWNER_WORDS.verb),
  /** Begins the label of a medical record number. */
  recordLabel: () =>
    joined(
      'mrn m mr med medical medrec medrecs medrecord medrecords medicalrec medicalrecs medicalrecord medicalrecords ' +
        'patient pt chart hospital health healthrecord unit unitrecord urn ur accession encounter ehr emr',
      'number numbers num no nr id ids identifier account acct chart file record is was are under',
    ),
  /** Begins the label of the number of an insured person. */
  planLabel: () => {
    const covers = split(
      'ins insur insurance insurer insured inspolicy insurancepolicy plan healthplan healthcard planmember member ' +
        'membership subscriber policy policyholder beneficiary enrollee payer medicaid medi medicare hic hicn hpn ' +
        'tricare group bcbs aetna cigna humana kaiser unitedhealthcare uhc anthem',
    );
    const all = ['health', ...covers, ...covers.map((cover) => `health${cover}`)].flatMap((cover) => [
      cover,
      `${cover}card`,
      `${cover}plan`,
    ]);
    return joined(all.join(' '), 'id identification identifier number numbers num no is mbr policy');
  },
  /** Stands in the header of a table of people (`row-labels.ts`). */
  column: () => [
    ...joined(
      'patient pt member subscriber client employee guarantor full first last given family middle sur',
      'name id number no',
    ),
    ...split(
      'name id number no dob d birth birthdate birthday dateofbirth born ssn social socialsecurity ' +
        'socialsecuritynumber socialsecurityno mrn medical medicalrecord medicalrecordnumber medicalrecordno mbi ' +
        'medicare medicareid medicarenumber medicareno npi dea phone phonenumber telephone tel mobile cell e email ' +
        'emailaddress address sex gender age diagnosis dx icd icd10 icd10cm icd10code icdcm icdcode condition ' +
        'medication drug procedure plan policy insurance insuranceid insurancenumber insuranceno result test card ' +
        'cardnumber zip city state resident client room rm bed service admit admitted allergy allergies diet vaccine dose',
    ),
  ],
  /** Begins a date. */
  month: () =>
    split(
      'jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october ' +
        'nov november dec december',
    ),
  /** Stands before a password. */
  password: () =>
    split(
      'password passwd pwd pswd pw pass passphrase passwort passord kennwort contrasena clave mot mdp senha palavra ' +
        'wachtwoord losenord adgangskode salasana haslo heslo parol parola jelszo sifre lozinka geslo pswrd ' +
        'api apikey apitoken apisecret secret secretkey secretaccess secretaccesskey secrettoken client clientsecret ' +
        'clientkey clienttoken access accesstoken accesskey accesssecret auth authtoken authkey authsecret account ' +
        'accountkey accountsecret accounttoken shared sharedaccess sharedaccesskey encryption encryptionkey ' +
        'encryptionsecret signing signingkey signingsecret private privatekey refresh refreshtoken webhook ' +
        'webhooksecret token machine curl authorization bearer',
    ),
  /** Begins a token with a published prefix (`token-forms.ts`). */
  token: () =>
    split(
      'ghp gho ghu ghs ghr github glpat gldt glrt glcbt glptt glft glsoat glffct glimt glagent gloas atatt atbb ' +
        'xoxa xoxb xoxe xoxo xoxp xoxr xoxs xapp hooks discord discordapp webhook sk rk whsec sq access sg key ' +
        'xkeysib npm pypi rubygems dckr gocspx ya ya29 accountkey sharedaccesskey sharedaccesssignature sig hf gsk xai ' +
        'pplx r r8 doo dop dor hvs hvb hvr dapi dp nrak nraa glsa glc sntrys sntryu hrku sbp pscale pul bkua nfp ops ' +
        'pmak shpat shpca shppa shpss lin ntn figd amzn',
    ),
  /** Stands before the card verification code. */
  cardCode: () =>
    split('cvv cvv2 cvc cvc2 cav2 csc cvn card security cardsecurity cardverification securitycode'),
  /** Says of a health word behind it that somebody has it. */
  diagnosed: () => split('diagnosed diagnosis dx hx history suffer suffers treated positive p'),
  /** Begins the label of a code of procedures, observations or findings. */
  codeLabel: () =>
    split(
      'cpt cpt4 hcpcs loinc snomed snomedct sct sctid icd icd10 icd10pcs pcs icdpcs procedure procedures billing billed',
    ),
  /** Begins the label of a number that another country's bodies give to people. */
  nationalLabel: () =>
    split(
      'ni nino ninos national tfn tax taxfile kvnr kvn kvnummer versicherten versichertennummer versichertennr ' +
        'krankenversichertennummer egk phn phin ahcip uli mcp msi personal alberta manitoba saskatchewan nova new ' +
        'nunavut yukon prince pei newfoundland northwest nwt',
    ),
  /** Begins a Spanish number, where a letter stands before the digits. */
  nieLetter: () => split('x y z k l m'),
  /** Begins the label of a paper that an authority issues: passport, licence, plate; also of a former Medicare number. */
  governmentLabel: () =>
    joined(
      'passport passports driver drivers driving operator operators dl dln vin license licence plate plates vehicle ' +
        'car registration tag tags hic hicn railroad medicare',
      'number numbers num no nr id ids is was reads book card claim',
    ),
  /** Begins the label of an account. */
  bankLabel: () =>
    joined(
      'account accounts acct accts accnt accnts iban',
      'number numbers num nr no id ids is was are under',
    ),
  /** Begins the label of a device's number. */
  deviceLabel: () =>
    joined(
      'serial ser sn udi device implant pacemaker icd pump',
      'number numbers num nr no id ids is identifier di',
    ),
  /** Says that somebody has an age. */
  ageWord: () => split('age aged ageis turned turns turning nonagenarian centenarian supercentenarian'),
  /** Begins a ZIP code's label, or a box at a post office. */
  placeWord: () => [
    ...joined('zip zipcode', 'is area prefix'),
    ...split('p po pobox post psc cmr unit rr hc rural'),
  ],
  /** Stands before a place. */
  preposition: () => split('at in from to of visited attended'),
  /** A word for a dash, or one with which the label of a social security number may begin. */
  tellsNumber: () => split('dash hyphen minus ss sn ssn'),
} as const satisfies Readonly<Record<string, () => Iterable<string>>>;

export type WordClue = keyof typeof LISTS;

const BITS: Readonly<Record<WordClue, number>> = {
  term: 1,
  name: 2,
  namePart: 4,
  nameCue: 8,
  password: 16,
  token: 32,
  cardCode: 64,
  diagnosed: 128,
  recordLabel: 256,
  planLabel: 512,
  month: 1024,
  column: 2048,
  governmentLabel: 4096,
  bankLabel: 8192,
  deviceLabel: 16_384,
  ageWord: 32_768,
  placeWord: 65_536,
  preposition: 131_072,
  codeLabel: 262144,
  nationalLabel: 524288,
  nieLetter: 1048576,
  patientWord: 1 << 21,
  ageUnit: 1 << 22,
  recordWord: 1 << 23,
  pronoun: 1 << 24,
  careVerb: 1 << 25,
  tellsNumber: 1 << 26,
};

export function bitOf(clue: WordClue): number {
  return BITS[clue];
}

let table: WordTable | undefined;

/** All of them as one table by `packedHash`, made when first asked for. */
export function clueWords(): WordTable {
  table ??= wordTable(
    Object.entries(LISTS).flatMap(([name, list]) => {
      const bits = isWordClue(name) ? BITS[name] : 0;
      return [...list()].map((word) => [word, bits] as const);
    }),
    packedHashOf,
  );
  return table;
}

function isWordClue(name: string): name is WordClue {
  return name in BITS;
}

function split(words: string): readonly string[] {
  return words.split(' ');
}

/** Each word alone, and run together with each ending. */
function joined(words: string, endings: string): readonly string[] {
  return split(words).flatMap((word) => [word, ...split(endings).map((ending) => word + ending)]);
}

function nameParts(wanted: (parts: readonly string[]) => boolean): readonly string[] {
  // A name that is an everyday word too is found by the other word of a name.
  const ordinary = new Set(wordList('ordinary-names'));
  return [...wordList('given-names'), ...wordList('family-names').filter((name) => !ordinary.has(name))]
    .map((name) => name.split(/[^a-z]+/).filter((part) => part !== ''))
    .filter(wanted)
    .flat();
}
