import fc from 'fast-check';

/** A MIME tree with a text of its own in every leaf, and how each piece of it is written. */
export type Tree =
  | {
      readonly kind: 'leaf';
      readonly word: string;
      readonly encoding: '7bit' | '8bit' | 'binary' | 'base64' | 'quoted-printable' | 'none';
      readonly type: 'none' | 'text/plain' | 'text/html' | 'text/csv' | 'application/octet-stream';
      readonly odd: Oddness;
    }
  | {
      readonly kind: 'multi';
      readonly children: readonly Tree[];
      readonly odd: Oddness;
      readonly subtype: string;
    }
  | { readonly kind: 'message'; readonly inner: Tree; readonly odd: Oddness };

/** Legal but unusual ways of writing (RFC 2045, 2046, 5322). */
export interface Oddness {
  readonly upperCase: boolean;
  readonly folded: boolean;
  readonly comment: boolean;
  readonly quotedBoundary: boolean;
  readonly preamble: boolean;
  readonly shortLines: boolean;
  readonly extraParameter: boolean;
  readonly boundary: string;
}

const oddness: fc.Arbitrary<Oddness> = fc.record({
  upperCase: fc.boolean(),
  folded: fc.boolean(),
  comment: fc.boolean(),
  quotedBoundary: fc.boolean(),
  preamble: fc.boolean(),
  shortLines: fc.boolean(),
  extraParameter: fc.boolean(),
  boundary: fc.stringMatching(/^[0-9A-Za-z'()+_,./:=?-]{0,20}$/),
});

const word = fc.stringMatching(/^[a-z]{6,12}[0-9]{3}$/);

export const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; leaf: Tree; multi: Tree; message: Tree }>(
  (tie) => ({
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
      odd: oddness,
    }),
    multi: fc.record({
      kind: fc.constant('multi' as const),
      children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      odd: oddness,
      subtype: fc.constantFrom('mixed', 'alternative', 'related', 'x-unheard-of'),
    }),
    message: fc.record({ kind: fc.constant('message' as const), inner: tie('tree'), odd: oddness }),
  }),
).tree;

/** Texts of all leaves. */
export function words(node: Tree): readonly string[] {
  if (node.kind === 'leaf') return [node.word];
  return node.kind === 'multi' ? node.children.flatMap(words) : words(node.inner);
}

/** The tree as a message. */
export function write(node: Tree): Buffer {
  let boundaries = 0;
  const entity = (one: Tree): string => {
    if (one.kind === 'leaf') return leaf(one);
    if (one.kind === 'message') {
      const { odd } = one;
      return `${field('Content-Type', 'message/rfc822', odd)}\r\nSubject: x\r\nMIME-Version: 1.0\r\n${entity(one.inner)}`;
    }
    const { odd } = one;
    // Numbered in front, so that none is the beginning of another.
    const boundary = `${String(boundaries++).padStart(3, '0')}${odd.boundary}`;
    const quoted = odd.quotedBoundary || /[^0-9A-Za-z'+_.-]/.test(boundary) ? `"${boundary}"` : boundary;
    const type = field('Content-Type', `multipart/${one.subtype}; boundary=${quoted}`, odd);
    const preamble = odd.preamble ? 'This is a multi-part message in MIME format.\r\n' : '';
    const children = one.children.map((child) => `\r\n--${boundary}\r\n${entity(child)}`).join('');
    return `${type}\r\n${preamble}${children}\r\n--${boundary}--\r\n`;
  };
  return Buffer.from(`From: a@clinic.example\r\nMIME-Version: 1.0\r\n${entity(node)}`, 'latin1');
}

function leaf(node: Extract<Tree, { kind: 'leaf' }>): string {
  const { odd } = node;
  const header: string[] = [];
  if (node.type !== 'none') header.push(field('Content-Type', node.type, odd));
  if (node.encoding !== 'none')
    header.push(
      field('Content-Transfer-Encoding', node.encoding, { ...odd, extraParameter: false, comment: false }),
    );
  const text = `note ${node.word} end`;
  return `${header.join('')}\r\n${encode(text, node.encoding, odd.shortLines)}`;
}

function encode(text: string, encoding: string, shortLines: boolean): string {
  const width = shortLines ? 4 : 76;
  if (encoding === 'base64') {
    return Buffer.from(text)
      .toString('base64')
      .replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
  }
  if (encoding !== 'quoted-printable') return text;
  return text.replace(/[\s\S]/g, (character, at: number) => {
    const written =
      at % 2 === 0 ? `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}` : character;
    return shortLines && at % 5 === 4 ? `${written}=\r\n` : written;
  });
}

function field(name: string, value: string, odd: Oddness): string {
  const [head = '', ...parameters] = value.split(/; ?(?=boundary)/);
  const given = odd.upperCase ? name.toUpperCase() : name;
  const separator = odd.folded ? ';\r\n\t' : ';';
  const extra = odd.extraParameter ? ['x-extra="a;b\\"c"'] : [];
  // Behind a boundary a comment is legal as well, but real readers take it for a piece of it.
  const comment = odd.comment ? ' (a (nested) comment)' : '';
  const first = `${odd.upperCase ? head.toUpperCase() : head}${comment}`;
  return `${given}:${odd.folded ? '\r\n ' : ' '}${[first, ...extra, ...parameters].join(separator)}\r\n`;
}
