import type { Detector, DetectorInfo } from './detector.js';
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
import { emailAddress } from './detectors/email-address.js';
import { esNif } from './detectors/es-nif.js';
import { frNir } from './detectors/fr-nir.js';
import { healthPlanId } from './detectors/health-plan-id.js';
import { healthTerm } from './detectors/health-term.js';
import { icd10Cm } from './detectors/icd-10-cm.js';
import { icd10Pcs } from './detectors/icd-10-pcs.js';
import { loinc } from './detectors/loinc.js';
import { mrn } from './detectors/mrn.js';
import { nlBsn } from './detectors/nl-bsn.js';
import { passwordLine } from './detectors/password-line.js';
import { paymentCard } from './detectors/payment-card.js';
import { personName } from './detectors/person-name.js';
import { phone } from './detectors/phone.js';
import { privateKey } from './detectors/private-key.js';
import { serviceDate } from './detectors/service-date.js';
import { snomedCt } from './detectors/snomed-ct.js';
import { streetAddress } from './detectors/street-address.js';
import { ukNhs } from './detectors/uk-nhs.js';
import { ukNino } from './detectors/uk-nino.js';
import { usDea } from './detectors/us-dea.js';
import { usItin } from './detectors/us-itin.js';
import { usMbi } from './detectors/us-mbi.js';
import { usNpi } from './detectors/us-npi.js';
import { usSsn } from './detectors/us-ssn.js';

/** All shipped detectors, in the order in which findings are reported. */
export const SHIPPED: readonly Detector[] = [
  usSsn,
  usItin,
  usMbi,
  mrn,
  healthPlanId,
  dateOfBirth,
  personName,
  phone,
  emailAddress,
  streetAddress,
  serviceDate,
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
  paymentCard,
  cardSecurityCode,
  privateKey,
  cloudKey,
  passwordLine,
];

/** What policies and documentation may say of detectors. Names are a public contract. */
export const DETECTORS: readonly DetectorInfo[] = SHIPPED.map((detector) => detector.info);
