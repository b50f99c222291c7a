import { asciiShadow } from './ascii-shadow.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isNoName, unlistedName } from './unlisted-name.js';

/** Whoever is greeted by one name, at the beginning of a line. */
const GREETED =
  /(?:^|\n)[ \t>]{0,4}(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood (?:[Mm]orning|[Aa]fternoon|[Ee]vening)),? (\p{Lu}\p{Ll}{2,20}(?:-\p{Lu}\p{Ll}{1,20})?)[,!:]\s/gu;
/** Words in the place of a name, beside those that no name has (`NOT`). */
const ANYBODY = new Set(
  (
    'everybody folks colleague colleagues doctors friend friends customers members parent parents guardian guardians clients ' +
    'subscriber subscribers neighbor neighbors neighbour neighbours staff nurses resident residents volunteer volunteers sir madam ' +
    'valued applicant applicants candidate candidates student students faculty providers partner partners reader readers user users ' +
    'employee employees both guys ladies gentlemen crew billing scheduling admissions editor editors reviewer reviewers author ' +
    'authors donor donors attendee attendees participant participants families mom dad mum grandma grandpa chief coach matron ' +
    'sister brother reverend pastor father again world hiring receptionist boss counsel recruiter supporter supporters shopper ' +
    'traveler traveller buddy dude homeowner taxpayer voter investor vendor vendors supplier suppliers ' +
    'alumni alumnus cardholder cardholders enrollee enrollees exhibitor exhibitors delegate delegates employer employers guest ' +
    'guests helpdesk household households intern interns trainee trainees registrar registrars owner owners stakeholder ' +
    'stakeholders tenant tenants veteran veterans webmaster champion champions insider insiders runner runners ' +
    'survivor survivors sunshine beautiful gorgeous siri alexa google'
  ).split(' '),
);

/** One word that no list has, where it is greeted: a letter to a patient may name nobody but the reader. */
export function* greetedNames(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  for (const { index, 0: whole, 1: word = '' } of scanned.text.matchAll(GREETED)) {
    const value = asciiShadow(word).toLowerCase();
    const start = index + whole.lastIndexOf(word);
    const end = start + word.length;
    if (isNoName(value) || ANYBODY.has(value) || isTaken(start, end)) continue;
    yield unlistedName(scanned, start, end, value, 'low');
  }
}
