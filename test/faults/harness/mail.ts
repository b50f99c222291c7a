import { HAS_PGP_KEY, HAS_SMIME_CERTIFICATE } from '../../../src/cli/demo/samples.js';
import { CANARY, LAB_RESULT } from '../../support/submit.js';

/** A message that a client means to send. */
export interface Mail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly messageId: string;
  readonly content: string;
}

/** Words that stand in protected messages only. */
export const CANARIES: readonly string[] = [CANARY, 'zqcanary'];

/** Recipients at this domain are refused with 550. */
export const GONE = 'gone.example';

const LONG = 'A line of a message that is long enough for a file of its own.\r\n'.repeat(1500);

/**
 * The n-th message of a run: business mail in the clear, patient data by TLS, patient data to a server without TLS (the
 * portal), mail to somebody who is refused, to several at once, and patient data to people with a PGP key and with an S/MIME
 * certificate (it goes sealed where the relay has these, to a server without TLS); some are large.
 */
export function mailOf(run: string, n: number): Mail {
  const to = (domain: string, more = '') => `r${n}${more}@${domain}`;
  const patient = `Patient: Zqcanary, Jane\r\n${LAB_RESULT.replaceAll('\n', '\r\n')}`;
  const kinds: readonly (readonly [readonly string[], string])[] = [
    [[to('shop.example')], 'Lunch on Thursday?\r\n'],
    [[to('hospital.example')], patient],
    [[to('oldhost.example')], patient],
    [[to('shop.example'), to(GONE)], 'Our new opening hours.\r\n'],
    [[to('hospital.example', 'a'), to('hospital.example', 'b'), to('oldhost.example')], patient + LONG],
    [[HAS_PGP_KEY, HAS_SMIME_CERTIFICATE], patient],
    [[to('shop.example')], `The newsletter.\r\n${LONG}`],
  ];
  const [recipients, text] = kinds[n % kinds.length] ?? [[], ''];
  const messageId = `<m${n}.${run}@client.example>`;
  const header = [
    'From: ward3@clinic.example',
    `To: ${recipients.join(', ')}`,
    `Subject: ${text.startsWith('Patient') ? 'Zqcanary, result' : 'Hello'}`,
    `Message-ID: ${messageId}`,
    'Date: Mon, 02 Nov 2026 10:00:00 +0000',
  ];
  return {
    sender: 'ward3@clinic.example',
    recipients,
    messageId,
    content: `${header.join('\r\n')}\r\n\r\n${text}`,
  };
}
