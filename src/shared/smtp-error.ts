/** Reply code, RFC 3463 enhanced status code and text for the client; the cause stays private. */
export class SmtpError extends Error {
  override readonly name = 'SmtpError';
  readonly code: number;
  readonly enhanced: string;
  constructor(
    code: number,
    enhanced: string,
    publicText: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(publicText, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.enhanced = enhanced;
  }
}
