import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';

/** A new token: 256 random bits, told apart from other secrets by how it begins. */
export function newToken(): string {
  return `sallyport-${randomBytes(32).toString('base64url')}`;
}

/** PHC string (argon2id). */
export function hashToken(token: string): Promise<string> {
  return hash(token);
}
