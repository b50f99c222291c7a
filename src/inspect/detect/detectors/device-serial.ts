import { near, nearInAnyCase } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { afterLabel, digitsOf, labelledNumber, plainNumber } from '../labelled-number.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';

/** Devices that are in or on one person. */
const WORN =
  /\b(?:implants?|implanted|implantable|pacemaker|defibrillator|icd|crt-?[dp]|stimulator|stent|prosthe(?:sis|tic)|cochlear|hearing aid|insulin pump|infusion pump|cgm|glucose (?:monitor|sensor|meter)|cpap|bipap|(?:heart|aortic|mitral|tricuspid) valve|(?:pacing|icd|atrial|ventricular) lead|loop recorder|lvad|intrathecal pump|vp shunt|(?:hip|knee|shoulder|joint) replacement|iol|holter|ventricular assist)\b[^\n]{0,56}$/;
const MEDICAL =
  /\b(?:medical device|device|ventilator|monitor|pump|catheter|generator|electrode|concentrator|nebulizer|sensor)\b[^\n]{0,40}$/;
/** Things of offices. */
const OTHER =
  /\b(?:printer|laptop|computer|pc|server|router|switch|toner|copier|scanner|phone|iphone|ipad|tablet|desktop|software|license|licence|firmware|asset|mri|ct|x-ray|vehicle|truck|storage device|usb|network device|mobile device)\b[^\n]{0,56}$/;

/**
 * Serial numbers of devices that somebody wears or has implanted, known by their label and the kind of device before
 * it. Others are seen with low confidence. Source: 45 CFR 164.514(b)(2)(i)(M); 21 CFR 821.25 (device tracking).
 */
export const deviceSerial: Detector = {
  info: {
    name: 'device-serial',
    class: 'identifier',
    safeHarbor: 'M-device',
    description: 'Serial number of a medical device, known by its label',
    source: '45 CFR 164.514(b)(2)(i)(M); 21 CFR 821.25',
  },
  identifies: 'contact',
  patterns: [
    ...near({ word: 'deviceLabel' }, [
      afterLabel(
        '(?:serial|ser(?-u:\\b)\\.?) ?(?:numbers?|num|no\\.?|nr\\.?|#|id)?|sn ?[:#]|sn(?-u:\\b)|(?:device|implant|pacemaker|icd|pump) ?(?:id(?:entifier)?|numbers?|no\\.?|#)',
      ),
    ]),
    ...nearInAnyCase('s/n', [afterLabel('s/n')]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const found = labelledNumber(hit, text, isSerial);
      if (found === undefined || found.start === hit.start) return [];
      const value = plainNumber(found.number);
      const before = text.before(found.start, 96);
      const worn = WORN.test(before) && !OTHER.test(before);
      const medical = worn || (MEDICAL.test(before) && !OTHER.test(before));
      // Two letters alone are a label only of such a device: "SN" is much else.
      if (/^sn\s*$/.test(found.label) && !worn) return [];
      return [
        {
          start: found.start,
          end: found.end,
          value,
          confidence: worn ? 'high' : medical ? 'medium' : 'low',
          ofPatient: medical && (worn || isOwnedByPatient(text, found.start, found.end)),
        },
      ];
    }),
  mask: maskIdentifier,
};

function isSerial(number: string): boolean {
  return digitsOf(number) >= 3 && plainNumber(number).length >= 5;
}
