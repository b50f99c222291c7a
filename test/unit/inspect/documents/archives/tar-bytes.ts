export interface TarFileSpec {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly type?: string;
  /** As the header says it; otherwise the content's. */
  readonly size?: number;
  readonly link?: string;
}

const BLOCK = 512;

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** Members of a tar file, without the blocks that end it. */
export function members(files: readonly TarFileSpec[]): Buffer {
  return Buffer.concat(
    files.map((file) => {
      const content = Buffer.from(file.content ?? '');
      const header = Buffer.alloc(BLOCK);
      header.write(file.name, 0, 100, 'utf8');
      header.write('0000644\0', 100);
      header.write(`${(file.size ?? content.length).toString(8).padStart(11, '0')}\0`, 124);
      header.write('00000000000\0', 136);
      header.write('        ', 148);
      header.write(file.type ?? '0', 156, 'latin1');
      header.write(file.link ?? '', 157, 100, 'utf8');
      header.write('ustar\x0000', 257);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return Buffer.concat([header, padded(content)]);
    }),
  );
}

export function tar(files: readonly TarFileSpec[]): Buffer {
  return Buffer.concat([members(files), Buffer.alloc(2 * BLOCK)]);
}

export function pax(records: Readonly<Record<string, string>>): TarFileSpec {
  const lines = Object.entries(records).map(([key, value]) => {
    const body = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(body) + 1;
    while (`${length}`.length + Buffer.byteLength(body) !== length) length += 1;
    return `${length}${body}`;
  });
  return { name: 'pax', type: 'x', content: lines.join('') };
}
