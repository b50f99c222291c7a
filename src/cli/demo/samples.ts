import type { RecipientState } from '../../model/message.js';
import type { Method } from '../../model/method.js';
import { samplePdf } from './sample-pdf.js';

/** What the shipped policies must lead to for one recipient. */
export interface Expected {
  readonly to: string;
  readonly state: RecipientState;
  readonly method?: Method;
}

export interface Sample {
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly {
    readonly fileName: string;
    readonly mediaType: string;
    readonly content: string | Buffer;
  }[];
  /** The whole message as it is sent, instead of one made of the fields above. */
  readonly raw?: string;
  /** Text that must never travel in the clear when a rule asked for protection. */
  readonly canary: string;
  readonly expected: readonly Expected[];
  /** Those of them who are in the envelope only, as by Bcc. */
  readonly hidden?: readonly string[];
}

const LAB_RESULT = `Patient: Roe, Jane
MRN: 00482913
SSN: 212-55-0187
DOB: 02/11/1961

Hemoglobin A1c 8.1 % (type 2 diabetes mellitus, E11.65). Start metformin 500 mg twice a day.
`;

/** Twelve made-up patients; their numbers count upwards. */
const ROSTER = [
  'name,dob,ssn,mrn,diagnosis',
  ...Array.from({ length: 12 }, (_, i) => {
    const n = String(i + 10);
    return `Testperson ${n},19${n}-03-${n},212-55-01${n},004829${n},type 2 diabetes mellitus`;
  }),
].join('\r\n');

/** Two readers could disagree: one takes the first encoding, another the last. */
const AMBIGUOUS = [
  'From: ward3@clinic.example',
  'To: dr.doe@hospital.example',
  'Subject: Note',
  'MIME-Version: 1.0',
  'Content-Type: text/plain',
  'Content-Transfer-Encoding: 7bit',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from(LAB_RESULT).toString('base64'),
  '',
].join('\r\n');

const delivered = (to: string, method: Method): Expected => ({ to, state: 'delivered', method });
/** The recipients whose keys the demo makes; neither of their servers has a certificate that can be verified. */
export const HAS_PGP_KEY = 'dr.poe@oldhost.example';
export const HAS_SMIME_CERTIFICATE = 'dr.moe@practice.example';

const inPortal = (to: string): Expected => ({ to, state: 'in-portal', method: 'portal' });

/** Messages as they leave a clinic. People and identifiers are made up. */
export const SAMPLES: readonly Sample[] = [
  {
    name: 'business mail',
    subject: 'Order 4711',
    text: 'Hello,\r\n\r\nplease send twelve boxes of printer paper by Friday.\r\n\r\nThanks\r\n',
    canary: 'twelve boxes of printer paper',
    expected: [delivered('orders@oldhost.example', 'plain')],
  },
  {
    name: 'lab result, good server',
    subject: 'Result',
    text: LAB_RESULT,
    canary: '212-55-0187',
    expected: [delivered('dr.doe@hospital.example', 'tls')],
  },
  {
    name: 'lab result, self-signed',
    subject: 'Result',
    text: LAB_RESULT,
    canary: '212-55-0187',
    expected: [inPortal('desk@practice.example')],
  },
  {
    name: 'lab result, no STARTTLS',
    subject: 'Result',
    text: LAB_RESULT,
    canary: '212-55-0187',
    expected: [inPortal('roe@oldhost.example')],
  },
  {
    name: 'lab result, busy server',
    subject: 'Result',
    text: LAB_RESULT,
    canary: '212-55-0187',
    expected: [delivered('ward@busy.example', 'tls')],
  },
  {
    name: 'lab result, PGP key',
    subject: 'Result for Jane Roe',
    text: LAB_RESULT,
    canary: '212-55-0187',
    expected: [delivered(HAS_PGP_KEY, 'pgp')],
  },
  {
    name: 'lab result, S/MIME',
    subject: 'Result for Jane Roe',
    text: LAB_RESULT,
    canary: '212-55-0187',
    expected: [delivered(HAS_SMIME_CERTIFICATE, 'smime')],
  },
  {
    name: 'one message, five ways',
    subject: 'Referral of Jane Roe',
    text: LAB_RESULT,
    canary: '212-55-0187',
    expected: [
      delivered(HAS_PGP_KEY, 'pgp'),
      delivered(HAS_SMIME_CERTIFICATE, 'smime'),
      delivered('dr.doe@hospital.example', 'tls'),
      inPortal('roe@oldhost.example'),
      delivered('ward3@clinic.example', 'plain'),
    ],
    hidden: [HAS_SMIME_CERTIFICATE, 'roe@oldhost.example'],
  },
  {
    name: 'card number',
    subject: 'Payment',
    text: 'Please charge my card 4111 1111 1111 1111, expiry 04/29, for the invoice.\r\n',
    canary: '4111 1111 1111 1111',
    expected: [inPortal('billing@oldhost.example')],
  },
  {
    name: '[secure] in the subject',
    subject: '[secure] Contract draft',
    text: 'The draft that we spoke about.\r\n',
    canary: 'The draft that we spoke about',
    expected: [inPortal('legal@oldhost.example')],
  },
  {
    name: 'HTML, number split by tags',
    subject: 'Your visit',
    text: 'Please view this mail as HTML.\r\n',
    html: '<p>Patient <b>Jane Roe</b>, SSN 212-<i></i>55-<span>01</span>87, diagnosis: chronic kidney disease stage 3.</p>',
    canary: 'chronic kidney disease',
    expected: [inPortal('roe@oldhost.example')],
  },
  {
    name: 'message inside a message',
    subject: 'Fwd: result',
    text: 'See the attached mail.\r\n',
    attachments: [
      {
        fileName: 'result.eml',
        mediaType: 'message/rfc822',
        content: `From: lab@clinic.example\r\nTo: ward3@clinic.example\r\nSubject: result\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n${LAB_RESULT.replace(/\n/g, '\r\n')}`,
      },
    ],
    canary: '212-55-0187',
    expected: [inPortal('roe@oldhost.example')],
  },
  {
    name: 'lab result in a PDF',
    subject: 'Report',
    text: 'As promised.\r\n',
    attachments: [
      {
        fileName: 'report.pdf',
        mediaType: 'application/pdf',
        content: samplePdf(LAB_RESULT.replace(/[()]/g, '').split('\n')),
      },
    ],
    canary: 'As promised',
    expected: [delivered('dr.doe@hospital.example', 'tls'), inPortal('roe@oldhost.example')],
  },
  {
    name: 'list of patients (CSV)',
    subject: 'Recall list',
    text: 'The list for next week.\r\n',
    attachments: [{ fileName: 'recall.csv', mediaType: 'text/csv', content: ROSTER }],
    canary: '212-55-0110',
    expected: [inPortal('dr.doe@hospital.example')],
  },
  {
    name: 'two encodings at once',
    subject: 'Note',
    text: '',
    raw: AMBIGUOUS,
    canary: Buffer.from(LAB_RESULT).toString('base64').slice(0, 40),
    expected: [{ to: 'dr.doe@hospital.example', state: 'held' }],
  },
];
