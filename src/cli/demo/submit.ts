import { createTransport } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Relay } from '../../relay.js';
import { SAMPLES, type Sample } from './samples.js';

/** A sample as it was sent. */
export interface Submitted {
  readonly sample: Sample;
  /** Our ID of it. */
  readonly id: string;
  /** With the angle brackets. */
  readonly messageId: string;
  readonly bytes: Buffer;
}

const FROM = 'ward3@clinic.example';

/** Submits every sample as a mail client would. */
export async function submitSamples(
  relay: Relay,
  progress: (text: string) => void,
): Promise<readonly Submitted[]> {
  const { firstAccount } = relay;
  const port = relay.listeners[0]?.port;
  if (firstAccount === undefined || port === undefined)
    throw new Error('the demo relay has no account or listener');
  const client = createTransport({
    host: '127.0.0.1',
    port,
    requireTLS: true,
    // The demo's certificate is self-signed and a moment old.
    tls: { rejectUnauthorized: false },
    auth: { user: firstAccount.name, pass: firstAccount.password },
  });
  const all: Submitted[] = [];
  try {
    for (const [i, sample] of SAMPLES.entries()) {
      const to = sample.expected.map((one) => one.to);
      const messageId = `<demo-${i + 1}@clinic.example>`;
      const bytes = await compose(sample, messageId);
      const sent = await client.sendMail({ envelope: { from: FROM, to }, raw: bytes });
      const id = /queued as ([a-z0-9]+)/.exec(sent.response)?.[1];
      if (id === undefined) throw new Error(`the relay's answer has no ID: ${sent.response}`);
      all.push({ sample, id, messageId, bytes });
      progress(`sent “${sample.name}” to ${to.join(', ')}: ${id}`);
    }
  } finally {
    client.close();
  }
  return all;
}

/** The bytes of a sample, so that what arrives can be compared with them. */
async function compose(sample: Sample, messageId: string): Promise<Buffer> {
  if (sample.raw !== undefined) return Buffer.from(sample.raw);
  const composed = await new MailComposer({
    newline: 'windows',
    from: FROM,
    to: sample.expected.map((one) => one.to).filter((to) => sample.hidden?.includes(to) !== true),
    messageId,
    subject: sample.subject,
    text: sample.text,
    ...(sample.html === undefined ? {} : { html: sample.html }),
    attachments: (sample.attachments ?? []).map((one) => ({
      filename: one.fileName,
      content: one.content,
      contentType: one.mediaType,
    })),
  })
    .compile()
    .build();
  return composed.subarray(-2).equals(CRLF) ? composed : Buffer.concat([composed, CRLF]);
}

const CRLF = Buffer.from('\r\n');
