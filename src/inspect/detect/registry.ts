import { CARE_LANGUAGE_INFO } from './care-reading.js';
import type { Detector, DetectorInfo } from './detector.js';
import { accountNumber } from './detectors/account-number.js';
import { ageOver89 } from './detectors/age-over-89.js';
import { auMedicare } from './detectors/au-medicare.js';
import { auTfn } from './detectors/au-tfn.js';
import { caHealthCard } from './detectors/ca-health-card.js';
import { caSin } from './detectors/ca-sin.js';
import { cardSecurityCode } from './detectors/card-security-code.js';
import { chAhv } from './detectors/ch-ahv.js';
import { cloudKey } from './detectors/cloud-key.js';
import { cptHcpcs } from './detectors/cpt-hcpcs.js';
import { dateOfBirth } from './detectors/date-of-birth.js';
import { deKvnr } from './detectors/de-kvnr.js';
import { deviceSerial } from './detectors/device-serial.js';
import { emailAddress } from './detectors/email-address.js';
import { esNif } from './detectors/es-nif.js';
import { fax } from './detectors/fax.js';
import { frNir } from './detectors/fr-nir.js';
import { healthPlanId } from './detectors/health-plan-id.js';
import { healthTerm } from './detectors/health-term.js';
import { iban } from './detectors/iban.js';
import { icd10Cm } from './detectors/icd-10-cm.js';
import { icd10Pcs } from './detectors/icd-10-pcs.js';
import { ipAddress } from './detectors/ip-address.js';
import { licencePlate } from './detectors/licence-plate.js';
import { loinc } from './detectors/loinc.js';
import { mrn } from './detectors/mrn.js';
import { ndc } from './detectors/ndc.js';
import { nlBsn } from './detectors/nl-bsn.js';
import { passport } from './detectors/passport.js';
import { passwordLine } from './detectors/password-line.js';
import { paymentCard } from './detectors/payment-card.js';
import { personDate } from './detectors/person-date.js';
import { personName } from './detectors/person-name.js';
import { phone } from './detectors/phone.js';
import { place } from './detectors/place.js';
import { privateKey } from './detectors/private-key.js';
import { serviceDate } from './detectors/service-date.js';
import { snomedCt } from './detectors/snomed-ct.js';
import { streetAddress } from './detectors/street-address.js';
import { udi } from './detectors/udi.js';
import { ukNhs } from './detectors/uk-nhs.js';
import { ukNino } from './detectors/uk-nino.js';
import { url } from './detectors/url.js';
import { usAba } from './detectors/us-aba.js';
import { usDea } from './detectors/us-dea.js';
import { usDriverLicence } from './detectors/us-driver-licence.js';
import { usEin } from './detectors/us-ein.js';
import { usHicn } from './detectors/us-hicn.js';
import { usItin } from './detectors/us-itin.js';
import { usMbi } from './detectors/us-mbi.js';
import { usNpi } from './detectors/us-npi.js';
import { usSsn } from './detectors/us-ssn.js';
import { vin } from './detectors/vin.js';
import { zipCode } from './detectors/zip-code.js';
import { ROSTER_INFO } from './roster/info.js';

/** All shipped detectors, in the order in which findings are reported. */
export const SHIPPED: readonly Detector[] = [
  usSsn,
  usItin,
  usEin,
  passport,
  usDriverLicence,
  usMbi,
  usHicn,
  mrn,
  healthPlanId,
  dateOfBirth,
  personName,
  phone,
  fax,
  emailAddress,
  streetAddress,
  zipCode,
  place,
  serviceDate,
  personDate,
  ageOver89,
  vin,
  licencePlate,
  udi,
  deviceSerial,
  ipAddress,
  url,
  usNpi,
  usDea,
  ukNhs,
  ukNino,
  caSin,
  caHealthCard,
  auMedicare,
  auTfn,
  deKvnr,
  frNir,
  nlBsn,
  esNif,
  chAhv,
  icd10Cm,
  icd10Pcs,
  cptHcpcs,
  loinc,
  snomedCt,
  healthTerm,
  ndc,
  paymentCard,
  cardSecurityCode,
  accountNumber,
  iban,
  usAba,
  privateKey,
  cloudKey,
  passwordLine,
];

/** What policies and documentation may say of detectors. Names are a public contract. */
export const DETECTORS: readonly DetectorInfo[] = [
  ...SHIPPED.map((detector) => detector.info),
  CARE_LANGUAGE_INFO,
  ROSTER_INFO,
];
