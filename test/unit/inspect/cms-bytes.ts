/* CMS structures written by hand, to have those that no program writes. */

export function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 0x80
      ? Buffer.from([body.length])
      : Buffer.from([0x83, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

/** With the indefinite length. */
export function ber(tag: number, ...content: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...content, Buffer.alloc(2)]);
}

export const octets = (content: string | Buffer) => der(0x04, Buffer.from(content));
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));

export const ID_DATA = '2a864886f70d010701';
export const TYPES = {
  signed: '2a864886f70d010702',
  enveloped: '2a864886f70d010703',
  encrypted: '2a864886f70d010706',
  authEnveloped: '2a864886f70d0109100117',
  compressed: '2a864886f70d0109100109',
};

export function contentInfo(type: keyof typeof TYPES, content: Buffer): Buffer {
  return der(0x30, oid(TYPES[type]), der(0xa0, content));
}

/** SignedData without signers. */
export function signedData(content: Buffer | undefined, type = ID_DATA): Buffer {
  const encapsulated =
    content === undefined ? der(0x30, oid(type)) : der(0x30, oid(type), der(0xa0, content));
  return contentInfo('signed', der(0x30, der(0x02, Buffer.from([1])), der(0x31), encapsulated, der(0x31)));
}

/** The same as a program writes it that streams. */
export function streamedSignedData(...pieces: readonly Buffer[]): Buffer {
  const content = ber(0xa0, ber(0x24, ...pieces));
  const signed = ber(
    0x30,
    der(0x02, Buffer.from([1])),
    der(0x31),
    ber(0x30, oid(ID_DATA), content),
    der(0x31),
  );
  return ber(0x30, oid(TYPES.signed), ber(0xa0, signed));
}

/** The members of an EnvelopedData, without recipients. */
export const ENVELOPED = Buffer.concat([
  der(0x02, Buffer.from([0])),
  der(0x31),
  der(0x30, oid(ID_DATA), der(0x30), der(0x80, Buffer.from('ciphertext'))),
]);

export function enveloped(type: 'enveloped' | 'authEnveloped' | 'encrypted' = 'enveloped'): Buffer {
  return contentInfo(type, der(0x30, ENVELOPED, ...(type === 'authEnveloped' ? [octets('mac')] : [])));
}
