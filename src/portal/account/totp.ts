import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verify } from 'otplib';
import QRCode from 'qrcode';

/** 160 random bits, as base32 (RFC 4226 4, R6). */
export function newTotpSecret(): string {
  return generateSecret();
}

/** The secret for an authenticator app: a QR code as inline SVG without styles, and the address in it. */
export async function totpQrCode(
  secret: string,
  issuer: string,
  recipient: string,
): Promise<{ readonly svg: string; readonly uri: string }> {
  const uri = generateURI({ issuer, label: recipient, secret });
  return { uri, svg: await QRCode.toString(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 }) };
}

/**
 * The time step of a right code (RFC 6238: 30 seconds, six digits, SHA-1), one step earlier or later included.
 * @param lastStep the last step that was used: it and earlier ones are not taken again
 * @param now epoch milliseconds
 */
export async function totpStep(
  secret: string,
  typed: string,
  lastStep: number,
  now: number,
): Promise<number | undefined> {
  const token = typed.replace(/[\s-]/g, '');
  if (!/^[0-9]{6}$/.test(token)) return undefined;
  const result = await verify({
    secret,
    token,
    epoch: Math.floor(now / 1000),
    epochTolerance: STEP_SECONDS,
    afterTimeStep: lastStep,
  });
  return result.valid && 'timeStep' in result && result.timeStep > lastStep ? result.timeStep : undefined;
}

const STEP_SECONDS = 30;
const NONCE = 12;
const TAG = 16;

/** Seals a TOTP secret for its row: AES-256-GCM, bound to the recipient. Nonce, ciphertext and tag one after the other. */
export function sealTotp(codeKey: Uint8Array, recipient: string, secret: string): Uint8Array {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', sealKey(codeKey), nonce);
  cipher.setAAD(Buffer.from(recipient));
  return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** @throws an error when it was damaged, or sealed for somebody else */
export function openTotp(codeKey: Uint8Array, recipient: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  if (bytes.length <= NONCE + TAG) throw new Error('a sealed TOTP secret is too short');
  const decipher = createDecipheriv('aes-256-gcm', sealKey(codeKey), bytes.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  decipher.setAAD(Buffer.from(recipient));
  decipher.setAuthTag(bytes.subarray(-TAG));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8');
}

function sealKey(codeKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', codeKey, new Uint8Array(), 'sallyport portal totp v1', 32));
}
