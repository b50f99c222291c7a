/**
 * Why no session could be had, or why one ended.
 * `unreachable`: not reached, or it doesn't serve now; retried, never a reason to change the method.
 * `tls-temporary`: TLS failed in a way that may pass (454, a broken handshake).
 * `tls-policy`: TLS is not offered, refused for good, too old, or the certificate is wrong.
 * `login`: our log-in at a smarthost failed, or could not be sent safely.
 */
export type SmtpFailureKind = 'unreachable' | 'tls-temporary' | 'tls-policy' | 'login';

/** `message` is in our words: reply codes and error codes, never the peer's free text. */
export class SmtpFailure extends Error {
  override readonly name = 'SmtpFailure';
  readonly kind: SmtpFailureKind;
  constructor(kind: SmtpFailureKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
  }
}
