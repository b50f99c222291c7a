/** What came from the directory isn't LDAP as RFC 4511 has it, or more than was asked for. */
export class LdapNonsense extends Error {
  override readonly name = 'LdapNonsense';
}

export interface FrameLimits {
  /** Of everything that the server sends on this connection. */
  readonly maxBytes: number;
  readonly maxMessages: number;
}

/** Takes bytes as they come and gives the messages that are complete, each checked and rebuilt. @throws LdapNonsense */
export type FrameReader = (chunk: Uint8Array) => readonly Buffer[];

/**
 * Stands between the network and the LDAP library, whose reader trusts the lengths it reads: some that lie make it loop
 * for ever. Only the answers that were asked for pass (bind, StartTLS, search entry, search done), in exactly their
 * RFC 4511 structure, without controls and other extras. References to other servers are left out: they are not
 * followed.
 */
export function createFrameReader(limits: FrameLimits): FrameReader {
  let parts: Buffer[] = [];
  let size = 0;
  /** Bytes up to the end of the message that has begun, or of its header. */
  let wanted = 1;
  let bytes = 0;
  let messages = 0;
  const next = (held: Buffer): Buffer | undefined => {
    // Also the mere beginning of one more is too much: before TLS, its end could come from under TLS.
    if (messages >= limits.maxMessages && held.length > 0)
      throw new LdapNonsense(`the directory sent more than ${limits.maxMessages} messages`);
    wanted = messageLength(held) ?? held.length + 1;
    return held.length < wanted ? undefined : held.subarray(0, wanted);
  };
  return (chunk) => {
    bytes += chunk.length;
    if (bytes > limits.maxBytes)
      throw new LdapNonsense(`the directory sent more than ${limits.maxBytes} bytes`);
    parts.push(Buffer.from(chunk));
    size += chunk.length;
    // Put together only when it helps: one by one, a long message in small pieces would be copied again and again.
    if (size < wanted) return [];
    const ready: Buffer[] = [];
    let held = Buffer.concat(parts);
    for (let message = next(held); message !== undefined; message = next(held)) {
      messages += 1;
      const checked = rebuilt(message);
      if (checked !== undefined) ready.push(checked);
      held = held.subarray(message.length);
    }
    parts = [held];
    size = held.length;
    return ready;
  };
}

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const ENUMERATED = 0x0a;
const SEQUENCE = 0x30;
const SET = 0x31;
/** RFC 4511 section 4: the [APPLICATION n] tags of the answers. */
const BIND_RESPONSE = 0x61;
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const SEARCH_REFERENCE = 0x73;
const EXTENDED_RESPONSE = 0x78;

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** Of the message that begins here, header included; undefined while the header isn't all there. */
function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] !== SEQUENCE) throw nonsense();
  const length = readLength(bytes, 1);
  return length === undefined ? undefined : length.next + length.value;
}

/** RFC 4511 section 4.1.1: LDAPMessage. Undefined: a reference, to be left out. */
function rebuilt(bytes: Buffer): Buffer | undefined {
  const [id, operation, ...extras] = elementsOf(only(elementsOf(bytes), SEQUENCE).content);
  if (id === undefined || operation === undefined || id.tag !== INTEGER) throw nonsense();
  if (id.content.length < 1 || id.content.length > 4) throw nonsense();
  // Controls ([0]) may follow; none was asked for, and none is needed.
  if (extras.length > 1 || extras.some((one) => one.tag !== 0xa0)) throw nonsense();
  if (operation.tag === SEARCH_REFERENCE) return undefined;
  return encode(SEQUENCE, [encode(id.tag, [id.content]), encode(operation.tag, answerOf(operation))]);
}

function answerOf({ tag, content }: Element): readonly Buffer[] {
  if (tag === SEARCH_ENTRY) {
    checkEntry(content);
    return [content];
  }
  if (tag !== BIND_RESPONSE && tag !== SEARCH_DONE && tag !== EXTENDED_RESPONSE) throw nonsense();
  // RFC 4511 section 4.1.9: LDAPResult. What may follow (referrals, names) isn't used.
  const [code, matched, diagnostic] = elementsOf(content);
  if (code?.tag !== ENUMERATED || code.content.length !== 1) throw nonsense();
  if (matched?.tag !== OCTET_STRING || diagnostic?.tag !== OCTET_STRING) throw nonsense();
  // The diagnostic message is the server's free text.
  return [encode(ENUMERATED, [code.content]), encode(OCTET_STRING, []), encode(OCTET_STRING, [])];
}

/** RFC 4511 section 4.5.2: the name, and a sequence of attributes, each a description and a set of values. */
function checkEntry(content: Buffer): void {
  const [name, attributes, ...more] = elementsOf(content);
  if (name?.tag !== OCTET_STRING || attributes?.tag !== SEQUENCE || more.length > 0) throw nonsense();
  for (const attribute of elementsOf(attributes.content)) {
    const [description, values, ...others] = elementsOf(attribute.content);
    if (attribute.tag !== SEQUENCE || description?.tag !== OCTET_STRING || values?.tag !== SET)
      throw nonsense();
    // RFC 4512 section 2.5. The library uses it as the name of a property.
    if (!/^[A-Za-z0-9][A-Za-z0-9.;-]{0,99}$/.test(description.content.toString('latin1'))) throw nonsense();
    if (others.length > 0 || elementsOf(values.content).some((one) => one.tag !== OCTET_STRING))
      throw nonsense();
  }
}

function only(elements: readonly Element[], tag: number): Element {
  const [first, ...others] = elements;
  if (first?.tag !== tag || others.length > 0) throw nonsense();
  return first;
}

/** The elements that fill these bytes exactly (X.690 with the limits of RFC 4511 section 5.1). */
function elementsOf(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const length = readLength(bytes, at + 1);
    // Tag numbers of several bytes don't occur in LDAP.
    if ((tag & 0x1f) === 0x1f || length === undefined) throw nonsense();
    const end = length.next + length.value;
    if (end > bytes.length) throw nonsense();
    elements.push({ tag, content: bytes.subarray(length.next, end) });
    at = end;
  }
  return elements;
}

/** Undefined while its bytes aren't all there. */
function readLength(
  bytes: Buffer,
  at: number,
): { readonly value: number; readonly next: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, next: at + 1 };
  const count = first & 0x7f;
  // Only the definite form (RFC 4511 section 5.1), and nothing that needs more than four bytes.
  if (count < 1 || count > 4) throw nonsense();
  if (at + 1 + count > bytes.length) return undefined;
  return { value: bytes.readUIntBE(at + 1, count), next: at + 1 + count };
}

function encode(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const head = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
  head.writeUInt32BE(content.length, 2);
  return Buffer.concat([head, content]);
}

function nonsense(): LdapNonsense {
  return new LdapNonsense('the directory sent something that is not LDAP');
}
