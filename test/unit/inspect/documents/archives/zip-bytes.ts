import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFileSpec {
  readonly name: string | Buffer;
  readonly content: Buffer | string;
  /** Changes to the header fields: what the file says, whatever is true. */
  readonly local?: Partial<Fields>;
  readonly central?: Partial<Fields>;
  readonly store?: boolean;
}

interface Fields {
  readonly name: string | Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly localAt: number;
  readonly extra: Buffer;
}

export interface ZipOptions {
  readonly prefix?: Buffer;
  /** Whether offsets count from the archive's own start rather than the file's. */
  readonly ownOffsets?: boolean;
  readonly between?: Buffer;
  readonly comment?: Buffer;
  readonly count?: number;
  readonly disk?: number;
}

/** A ZIP file as wished, right or wrong. */
export function zip(files: readonly ZipFileSpec[], options: ZipOptions = {}): Buffer {
  const locals: Buffer[] = [options.prefix ?? Buffer.alloc(0)];
  const centrals: Buffer[] = [];
  let at = options.ownOffsets === true ? 0 : (options.prefix?.length ?? 0);
  for (const file of files) {
    const content = Buffer.from(file.content);
    const data = file.store === true ? content : deflateRawSync(content);
    const fields: Fields = {
      name: file.name,
      flags: 0,
      method: file.store === true ? 0 : 8,
      crc: crc32(content),
      packed: data.length,
      size: content.length,
      localAt: at,
      extra: Buffer.alloc(0),
    };
    const local = Buffer.concat([localHeader({ ...fields, ...file.local }), data]);
    locals.push(local);
    at += local.length;
    centrals.push(centralHeader({ ...fields, ...file.central }));
  }
  const between = options.between ?? Buffer.alloc(0);
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(options.disk ?? 0, 4);
  end.writeUInt16LE(options.count ?? files.length, 8);
  end.writeUInt16LE(options.count ?? files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at + between.length, 16);
  end.writeUInt16LE(options.comment?.length ?? 0, 20);
  return Buffer.concat([...locals, between, directory, end, options.comment ?? Buffer.alloc(0)]);
}

function shared(fields: Fields): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.writeUInt16LE(20, 0);
  bytes.writeUInt16LE(fields.flags, 2);
  bytes.writeUInt16LE(fields.method, 4);
  bytes.writeUInt32LE(fields.crc, 10);
  bytes.writeUInt32LE(fields.packed, 14);
  bytes.writeUInt32LE(fields.size, 18);
  bytes.writeUInt16LE(Buffer.from(fields.name).length, 22);
  bytes.writeUInt16LE(fields.extra.length, 24);
  return bytes;
}

export function localHeader(fields: Fields): Buffer {
  return Buffer.concat([
    Buffer.from('PK\x03\x04', 'latin1'),
    shared(fields),
    Buffer.from(fields.name),
    fields.extra,
  ]);
}

function centralHeader(fields: Fields): Buffer {
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(fields.localAt, 10);
  const version = Buffer.from([20, 0]);
  return Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'),
    version,
    shared(fields),
    rest,
    Buffer.from(fields.name),
    fields.extra,
  ]);
}
