/** One field, or one file, of a form as browsers send it. */
export interface FormPart {
  readonly name: string;
  readonly value: string | Buffer;
  readonly file?: string;
  readonly type?: string;
}

/** A form with files (RFC 7578). */
export function multipartForm(parts: readonly FormPart[]): {
  readonly contentType: string;
  readonly body: Buffer;
} {
  const boundary = '----formBoundary7MA4YWxk';
  const body = Buffer.concat([
    ...parts.flatMap(({ name, value, file, type }) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`,
      ),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}
