import fc from 'fast-check';

/** A MIME tree with a text of its own in every leaf, and how each piece of it is written. */
export type Tree =
  | {
      readonly kind: 'leaf';
      readonly word: string;
      readonly encoding: '7bit' | '8bit' | 'binary' | 'base64' | 'quoted-printable' | 'none';
      readonly type: 'none' | 'text/plain' | 'text/html' | 'text/csv' | 'application/octet-stream';
      readonly charset: Charset;
      readonly name:
        | { readonly word: string; readonly as: 'plain' | 'encoded-word' | 'rfc2231' | 'pieces' }
        | undefined;
      readonly odd: Oddness;
    }
  | {
      readonly kind: 'multi';
      readonly children: readonly Tree[];
      readonly odd: Oddness;
      readonly subtype: string;
    }
  | {
      readonly kind: 'message';
      readonly inner: Tree;
      readonly odd: Oddness;
      readonly subject: { readonly word: string; readonly as: 'plain' | 'Q' | 'B' };
    };

type Charset =
  | 'none'
  | 'us-ascii'
  | 'utf-8'
  | 'iso-8859-1'
  | 'windows-1252'
  | 'koi8-r'
  | 'utf-16'
  | 'utf-16le'
  | 'utf-16be';

/** Legal but unusual ways of writing (RFC 2045, 2046, 2047, 2231, 5322). */
export interface Oddness {
  readonly case: 'upper' | 'lower' | 'as it is';
  readonly folded: boolean;
  /** Nothing stands between a field's colon and its value. */
  readonly tight: boolean;
  readonly comment: boolean;
  readonly quotedBoundary: boolean;
  readonly preamble: boolean;
  /** Empty lines before the first delimiter and behind the last one. */
  readonly emptyLines: boolean;
  readonly shortLines: boolean;
  /** Further parameters before and behind the ones that count. */
  readonly extraParameter: 'none' | 'before' | 'behind';
  /** Fields of the entity come in the other order. */
  readonly turned: boolean;
  readonly extraField: boolean;
  readonly boundary: string;
}

const oddness: fc.Arbitrary<Oddness> = fc.record({
  case: fc.constantFrom('upper', 'lower', 'as it is' as const),
  folded: fc.boolean(),
  tight: fc.boolean(),
  comment: fc.boolean(),
  quotedBoundary: fc.boolean(),
  preamble: fc.boolean(),
  emptyLines: fc.boolean(),
  shortLines: fc.boolean(),
  extraParameter: fc.constantFrom('none', 'before', 'behind' as const),
  turned: fc.boolean(),
  extraField: fc.boolean(),
  boundary: fc.stringMatching(/^[0-9A-Za-z'()+_,./:=?-]{0,20}$/),
});

const word = fc.stringMatching(/^[a-z]{6,12}[0-9]{3}$/);

function treeOf(charsets: readonly Charset[]): fc.Arbitrary<Tree> {
  return fc.letrec<{ tree: Tree; leaf: Tree; multi: Tree; message: Tree }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('leaf'), tie('multi'), tie('message')),
    leaf: fc.record({
      kind: fc.constant('leaf' as const),
      word,
      encoding: fc.constantFrom('7bit', '8bit', 'binary', 'base64', 'quoted-printable', 'none' as const),
      type: fc.constantFrom(
        'none',
        'text/plain',
        'text/html',
        'text/csv',
        'application/octet-stream' as const,
      ),
      charset: fc.constantFrom(...charsets),
      name: fc.option(
        fc.record({ word, as: fc.constantFrom('plain', 'encoded-word', 'rfc2231', 'pieces' as const) }),
        { nil: undefined },
      ),
      odd: oddness,
    }),
    multi: fc.record({
      kind: fc.constant('multi' as const),
      children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      odd: oddness,
      subtype: fc.constantFrom('mixed', 'alternative', 'related', 'parallel', 'x-unheard-of'),
    }),
    message: fc.record({
      kind: fc.constant('message' as const),
      inner: tie('tree'),
      odd: oddness,
      subject: fc.record({ word, as: fc.constantFrom('plain', 'Q', 'B' as const) }),
    }),
  })).tree;
}

const ASCII_BASED: readonly Charset[] = ['none', 'us-ascii', 'utf-8', 'iso-8859-1', 'windows-1252', 'koi8-r'];

/** Of character sets in which ASCII is ASCII. */
export const tree = treeOf(ASCII_BASED);
/** Of any. */
export const anyTree = treeOf([...ASCII_BASED, 'utf-16', 'utf-16le', 'utf-16be']);

/** Texts of all leaves. */
export function words(node: Tree): readonly string[] {
  if (node.kind === 'leaf') return [node.word];
  return node.kind === 'multi' ? node.children.flatMap(words) : words(node.inner);
}

/** The same, with the names of leaves and the subjects of messages within the message. */
export function allWords(node: Tree): readonly string[] {
  if (node.kind === 'leaf') return node.name === undefined ? [node.word] : [node.word, node.name.word];
  return node.kind === 'multi'
    ? node.children.flatMap(allWords)
    : [node.subject.word, ...allWords(node.inner)];
}

/** The tree as a message. */
export function write(node: Tree): Buffer {
  let boundaries = 0;
  const entity = (one: Tree): string => {
    if (one.kind === 'leaf') return leaf(one);
    const { odd } = one;
    if (one.kind === 'message') {
      const subject = field('Subject', headerText(one.subject.word, one.subject.as), {
        ...odd,
        comment: false,
      });
      return `${field('Content-Type', 'message/rfc822', odd)}\r\n${subject}MIME-Version: 1.0\r\n${entity(one.inner)}`;
    }
    // Numbered in front, so that none is the beginning of another.
    const boundary = `${String(boundaries++).padStart(3, '0')}${odd.boundary}`;
    const quoted = odd.quotedBoundary || /[^0-9A-Za-z'+_.-]/.test(boundary) ? `"${boundary}"` : boundary;
    const type = field('Content-Type', `multipart/${one.subtype}`, odd, [
      `${cased('boundary', odd)}=${quoted}`,
    ]);
    const lines = odd.emptyLines ? '\r\n\r\n' : '';
    const preamble = odd.preamble ? 'This is a multi-part message in MIME format.\r\n' : '';
    const children = one.children.map((child) => `\r\n--${boundary}\r\n${entity(child)}`).join('');
    return `${type}\r\n${preamble}${lines}${children}\r\n--${boundary}--\r\n${lines}`;
  };
  return Buffer.from(`From: a@clinic.example\r\nMIME-Version: 1.0\r\n${entity(node)}`, 'latin1');
}

function headerText(text: string, as: 'plain' | 'Q' | 'B'): string {
  if (as === 'plain') return text;
  if (as === 'B') return `=?UTF-8?b?${Buffer.from(text).toString('base64')}?=`;
  return `=?iso-8859-1*en?q?${text.slice(0, 4)}?=\r\n =?iso-8859-1?Q?${escaped(text.slice(4))}?=`;
}

function escaped(text: string): string {
  return Buffer.from(text)
    .toString('hex')
    .replace(/../g, (hex) => `=${hex.toUpperCase()}`);
}

/** Something beyond ASCII that the character set has. */
const FURTHER: Readonly<Record<Charset, readonly [text: string, bytes: number | undefined]>> = {
  none: ['', undefined],
  'us-ascii': ['', undefined],
  'utf-8': ['ä', undefined],
  'iso-8859-1': ['ä', 0xe4],
  'windows-1252': ['ä', 0xe4],
  'koi8-r': ['п', 0xd0],
  'utf-16': ['ä', undefined],
  'utf-16le': ['ä', undefined],
  'utf-16be': ['ä', undefined],
};

function bytesOf(text: string, charset: Charset): Buffer {
  const [further, byte] = FURTHER[charset];
  if (charset.startsWith('utf-16')) {
    const little = Buffer.from(`${charset === 'utf-16' ? '\ufeff' : ''}${text} ${further}`, 'utf16le');
    return charset === 'utf-16be' ? little.swap16() : little;
  }
  if (further === '') return Buffer.from(text);
  return byte === undefined
    ? Buffer.from(`${text} ${further}`)
    : Buffer.concat([Buffer.from(`${text} `), Buffer.from([byte])]);
}

function leaf(node: Extract<Tree, { kind: 'leaf' }>): string {
  const { odd, name } = node;
  const isText = node.type.startsWith('text/');
  const charset = isText ? node.charset : 'none';
  // UTF-16 has NULs, and bytes beyond ASCII want an encoding that allows them.
  const wide = charset.startsWith('utf-16');
  const encoding = wide ? 'base64' : node.encoding;
  const header: string[] = [];
  if (node.type !== 'none') {
    const parameters =
      charset === 'none' ? [] : [`${cased('charset', odd)}=${odd.quotedBoundary ? `"${charset}"` : charset}`];
    header.push(field('Content-Type', node.type, odd, parameters));
  }
  if (encoding !== 'none') {
    header.push(
      field('Content-Transfer-Encoding', encoding, { ...odd, extraParameter: 'none', comment: false }),
    );
  }
  if (name !== undefined)
    header.push(field('Content-Disposition', 'attachment', odd, nameParameters(name, odd)));
  if (odd.extraField) header.push(field('X-Own', 'nothing; of=interest', { ...odd, extraParameter: 'none' }));
  if (odd.turned) header.reverse();
  const bytes = bytesOf(`note ${node.word} end`, charset);
  return `${header.join('')}\r\n${encode(bytes, encoding, odd.shortLines)}`;
}

function nameParameters({ word: text, as }: { word: string; as: string }, odd: Oddness): readonly string[] {
  const name = cased('filename', odd);
  if (as === 'plain') return [`${name}="${text}"`];
  if (as === 'encoded-word') return [`${name}="${headerText(text, 'B')}"`];
  const percent = (piece: string) => escaped(piece).replaceAll('=', '%');
  if (as === 'rfc2231') return [`${name}*=utf-8'en'${percent(text)}`];
  const pieces = [
    `${name}*0*=utf-8''${percent(text.slice(0, 2))}`,
    `${name}*1="${text.slice(2, 4)}"`,
    `${name}*2*=${percent(text.slice(4))}`,
  ];
  return odd.turned ? pieces.reverse() : pieces;
}

function encode(bytes: Buffer, encoding: string, shortLines: boolean): string {
  const width = shortLines ? 4 : 76;
  if (encoding === 'base64') {
    return bytes.toString('base64').replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
  }
  if (encoding !== 'quoted-printable') return bytes.toString('latin1');
  return [...bytes]
    .map((byte, at) => {
      const plain = at % 2 === 1 && byte < 0x7f && byte !== 0x3d && byte > 0x20;
      const written = plain
        ? String.fromCharCode(byte)
        : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
      return shortLines && at % 5 === 4 ? `${written}=\r\n` : written;
    })
    .join('');
}

function cased(text: string, odd: Oddness): string {
  if (odd.case === 'as it is') return text;
  return odd.case === 'upper' ? text.toUpperCase() : text.toLowerCase();
}

function field(name: string, value: string, odd: Oddness, parameters: readonly string[] = []): string {
  const separator = odd.folded ? ';\r\n\t' : odd.tight ? ';' : '; ';
  const extra = ['x-extra="a;b\\"c"', 'x-more=d'];
  const all = [
    ...(odd.extraParameter === 'before' ? extra : []),
    ...parameters,
    ...(odd.extraParameter === 'behind' ? extra : []),
  ];
  // Behind a boundary a comment is legal as well, but real readers take it for a piece of it.
  const comment = odd.comment ? ' (a (nested\\)) comment)' : '';
  const head = /^(?:content|x)-/i.test(name) ? cased(value, odd) : value;
  const gap = odd.folded ? '\r\n ' : odd.tight ? '' : ' ';
  return `${cased(name, odd)}:${gap}${[`${head}${comment}`, ...all].join(separator)}\r\n`;
}
