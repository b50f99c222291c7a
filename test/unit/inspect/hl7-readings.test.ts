import { describe, expect, it } from 'vitest';
import { hl7Reading } from '../../../src/inspect/hl7-readings.js';
import { watchProcessor } from '../../support/processor-time.js';

const PID = 'PID|1||4471^^^HOSP^MR||EXAMPLE^ADA^A||19580412|F';

const READ: readonly (readonly [name: string, text: string, reading: string])[] = [
  ['quoted in a reply', `> ${PID}\n> OBX|1|ST|A1C||9`, `${PID}\nOBX|1|ST|A1C||9`],
  ['indented', `fails:\n\n    ${PID}\n    OBX|1\n\nplease fix`, `fails:\n\n${PID}\nOBX|1\n\nplease fix`],
  ['with a blank line between segments', `${PID}\n\nOBX|1`, `${PID}\nOBX|1`],
  [
    'in one line with written line ends',
    `recv: MSH|^~\\&|A\\r${PID}\\rOBX|1`,
    `recv: MSH|^~\\&|A\\r\n${PID}\nOBX|1`,
  ],
  ['in one line with blanks', `MSH|^~\\&|A ${PID} OBX|1`, `MSH|^~\\&|A \n${PID}\nOBX|1`],
  ['with a time before each', `10:11 INFO ${PID}\n10:11 INFO OBX|1`, `10:11 INFO \n${PID}\nOBX|1`],
  [
    'wrapped by a mail program',
    'PID|1||4471||EXAMPLE^\nADA||19580412',
    'PID|1||4471||EXAMPLE^ ADA||19580412',
  ],
  [
    'with other marks',
    'MSH#@~\\&#LAB#HOSP\nPID#1##4471@@@HOSP##EXAMPLE@ADA',
    'MSH#@~\\&#LAB#HOSP\nPID|1||4471^^^HOSP||EXAMPLE^ADA',
  ],
  [
    'as XML',
    '<PID>\n <PID.3><CX.1>4471</CX.1></PID.3>\n <PID.5><XPN.1><FN.1>EXAMPLE</FN.1></XPN.1><XPN.2>ADA</XPN.2></PID.5><PID.7><TS.1>19580412</TS.1></PID.7></PID>',
    '\nPID|||4471||EXAMPLE^ADA||19580412',
  ],
  [
    'as XML of an integration engine',
    '<HL7Message><PID><PID.3><PID.3.1>4471</PID.3.1></PID.3><PID.5><PID.5.1>EXAMPLE</PID.5.1><PID.5.2>ADA</PID.5.2></PID.5></PID></HL7Message>',
    '<HL7Message>\nPID|||4471||EXAMPLE^ADA',
  ],
];

const KEPT: readonly (readonly [name: string, text: string])[] = [
  ['a message as it should be', `MSH|^~\\&|A\n${PID}\nOBX|1|ST|PV1||9`],
  ['words that end like it', 'RAPID|LIQUID|'],
  ['a table of processes', 'PID|PPID|CMD\n4471|1|/usr/sbin/sshd\n4502|1|/usr/bin/node'],
  ['talk of a segment', 'The PID segment holds the name. See PID-5.'],
];

describe('readings of HL7 messages', () => {
  it.each(READ)('brings a message into form: %s', (_name, text, reading) => {
    expect(hl7Reading(text)?.text).toBe(reading);
  });

  it.each(KEPT)('leaves %s', (_name, text) => {
    expect(hl7Reading(text)).toBeUndefined();
  });

  it('maps offsets back', () => {
    const text = `> ${PID}\n> OBX|1`;
    const reading = hl7Reading(text);
    const at = reading?.text.indexOf('EXAMPLE') ?? -1;
    expect(reading?.toNormalised(at)).toBe(text.indexOf('EXAMPLE'));
  });

  it('brings every patient into form, however many there are', () => {
    const batch = '> PID|1||4471\nsent\n'.repeat(12_000);
    expect(hl7Reading(batch)?.text.match(/^PID/gm)).toHaveLength(12_000);
  });

  it('takes linear time for what is almost a message', () => {
    const work = watchProcessor();
    for (const text of [
      'PID|',
      ' PID| OBX',
      '<PID>',
      '<PID.1>',
      'PID|\n\n',
      'MSH||||',
      'MSH|^~\\&|PID|',
      'PID|\nx',
      '>'.repeat(90),
      ' ',
    ]) {
      hl7Reading(`PID|<PID>${text.repeat(40_000)}`);
    }
    work.expectBelow(5_000);
  });
});
