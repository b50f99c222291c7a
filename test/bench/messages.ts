import { createCipheriv } from 'node:crypto';
import { buildPayload } from './product.js';

const HEADER = [
  'Received: from ward3.clinic.example by relay.clinic.example; Mon, 02 Mar 2026 09:00:00 +0000',
  'From: "Ward 3" <ward3@clinic.example>',
  'To: "Jane Roe" <roe@patient.example>',
  'Cc: billing@insurer.example',
  'Subject: Your results of 27 February',
  'Message-ID: <bench@clinic.example>',
  'Date: Mon, 02 Mar 2026 09:00:00 +0000',
  'MIME-Version: 1.0',
];

/** A text message of exactly this many bytes. */
export function textMessage(size: number): Buffer {
  const header = [...HEADER, 'Content-Type: text/plain; charset=utf-8', '', ''].join('\r\n');
  const line = 'This made-up line of text is as long as those that people write in mail.\r\n';
  const body = line.repeat(Math.ceil(size / line.length)).slice(0, size - header.length - 2);
  return Buffer.from(`${header}${body}\r\n`);
}

/** A text with an attachment in base64 that nothing could make smaller, of about this many bytes; the same at each run. */
export function attachmentMessage(size: number): Buffer {
  const top = [
    ...HEADER,
    'Content-Type: multipart/mixed; boundary="=_bench"',
    '',
    '--=_bench',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'The pictures are attached.',
    '--=_bench',
    'Content-Type: application/octet-stream; name="pictures.bin"',
    'Content-Disposition: attachment; filename="pictures.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\r\n');
  const stream = createCipheriv('aes-128-ctr', new Uint8Array(16), new Uint8Array(16));
  const attachment = stream
    .update(Buffer.alloc(57 * Math.floor(size / 78)))
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
  return Buffer.from(`${top}${attachment}--=_bench--\r\n`);
}

/** What of a message travels inside a sealed copy: other programs are given the same. */
export async function entityOf(message: Buffer): Promise<Buffer> {
  const open = async function* () {
    yield message;
  };
  const payload = await buildPayload(
    { size: message.length, open },
    { subject: '[...]', legacyDisplay: false },
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of payload.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
