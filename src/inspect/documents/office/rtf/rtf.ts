import { decodePage, isKnownPage } from '../code-page.js';
import { bitmapFile } from '../compound/office-art.js';
import { textOfField } from '../field-text.js';
import { CorruptDocument, documentReader, type Findings } from '../findings.js';
import { type StoryText, storyText } from '../story-text.js';
import { pageOfCharset } from './character-sets.js';
import { type Destination, destinationOf } from './destinations.js';
import { addEmbeddedObject } from './embedded-object.js';
import { type EncapsulatedHtml, encapsulatedHtml } from './encapsulated-html.js';
import { type Look, NO_LOOK, signatureOf, withFormat } from './look.js';
import { type RtfToken, scanRtf } from './scanner.js';

const MAX_DEPTH = 5000;
/** Half points. */
const SMALLEST = 4;
const BREAKS: ReadonlySet<string> = new Set(['line', 'lbr', 'softline']);
const PARAGRAPHS: ReadonlySet<string> = new Set(['par', 'sect', 'page', 'column', 'softpage', 'softcol']);
const CHARACTERS: Readonly<Record<string, string>> = {
  tab: '\t',
  emdash: '\u2014',
  endash: '\u2013',
  lquote: '\u2018',
  rquote: '\u2019',
  ldblquote: '\u201c',
  rdblquote: '\u201d',
  bullet: '\u2022',
  emspace: ' ',
  enspace: ' ',
  qmspace: ' ',
};
const SYMBOLS: Readonly<Record<string, string>> = { '\\': '\\', '{': '{', '}': '}', '~': '\u00a0', _: '-' };
/** A group of only these is data, whatever it is called. */
const HEX = /^[0-9a-f\s]{64,}$/i;
/** Stand-ins for a character of Unicode are no longer than this in any code page. */
const LONGEST_STAND_IN = 4;

interface Group {
  destination: Destination;
  story: StoryText;
  /** The group began a story, a line or data, and ends it. */
  owns: boolean;
  /** Of a line, or digits of data. */
  pieces: string[];
  data: Buffer[];
  picture: string;
  ignorable: boolean;
  skip: number;
  /** Only RTF shows it, not the HTML that is within. */
  rtfOnly: boolean;
  font: number | undefined;
  hidden: boolean;
  white: boolean;
  tiny: boolean;
  deleted: boolean;
  inserted: boolean;
  inTable: boolean;
  /** Formats of characters that are switched on. */
  look: Look;
  /** It is one of several texts of which a program shows one. */
  choice: string;
}

/** Rich Text Format, 1.9.1 and what other programs write under that name. */
export const readRtf = documentReader((input, found) => {
  const bytes = input.bytes.subarray(Math.max(0, input.bytes.indexOf('{')));
  const reader = createReader(found);
  let end = 0;
  try {
    for (const token of scanRtf(bytes)) {
      reader.take(token);
      if (reader.depth() === 0) {
        end = token.kind === 'close' ? token.end : 0;
        break;
      }
    }
  } finally {
    if (reader.depth() > 0) {
      // It ends before its groups do, or can't be read on; what was read is kept.
      found.fail('corrupt');
      reader.finish();
      end = bytes.length;
    }
  }
  const rest = bytes.subarray(end);
  if (rest.some((byte) => byte > 0x20)) found.extracted({ fileName: 'behind the document', bytes: rest });
});

function createReader(found: Findings) {
  const groups: Group[] = [];
  const fonts = new Map<number, number>();
  const white = new Set<number>();
  let page = 1252;
  /** The font of text that names none. */
  let defaultFont: number | undefined;
  let pending: Buffer[] = [];
  let pendingPage = 1252;
  let checkedPage = 1252;
  /** Characters left to be left out after one of Unicode. */
  let skipping = 0;
  /** Text that stands where stand-ins do, and is shown by programs that don't know Unicode. */
  const standIns: string[] = [];
  let html: EncapsulatedHtml | undefined;
  let instructions = '';
  /** The field makes its text anew where a program calculates it. */
  let calculated = false;
  let definedFont = 0;
  let colour = { red: 0, green: 0, blue: 0 };
  let colours = 0;

  const top = (): Group => {
    const group = groups.at(-1);
    if (group === undefined) throw new CorruptDocument('no group');
    return group;
  };
  const flush = () => {
    if (pending.length === 0) return;
    const bytes = Buffer.concat(pending);
    pending = [];
    if (pendingPage !== checkedPage && !isKnownPage(pendingPage)) found.oddity('unknown-code-page');
    checkedPage = pendingPage;
    write(decodePage(bytes, pendingPage));
  };
  const write = (text: string) => {
    const group = top();
    const { destination } = group;
    if (destination.kind === 'story') {
      const hidden = group.hidden || group.white || group.tiny;
      const marks = { hidden, deleted: group.deleted, inserted: group.inserted };
      const look =
        group.choice === '' ? { style: signatureOf(group.look) } : { style: group.choice, alternative: true };
      group.story.add(text, marks, look);
      if (!group.rtfOnly) html?.text(text);
    } else if (destination.kind === 'field') {
      group.story.field(text);
      instructions += text;
    } else if (destination.kind === 'colours') readColours(text);
    else group.pieces.push(text);
  };
  const addBytes = (bytes: Buffer) => {
    const group = top();
    const font = group.font ?? defaultFont;
    const next = (font === undefined ? undefined : fonts.get(font)) ?? page;
    if (next !== pendingPage) {
      flush();
      pendingPage = next;
    }
    const left = Math.min(skipping, bytes.length);
    skipping -= left;
    if (left > 0 && group.skip > LONGEST_STAND_IN) standIns.push(bytes.toString('latin1', 0, left));
    if (left < bytes.length) pending.push(bytes.subarray(left));
  };
  const readColours = (text: string) => {
    top().pieces.push(text.replaceAll(';', ' '));
    for (const character of text) {
      if (character !== ';') continue;
      if (colour.red >= 250 && colour.green >= 250 && colour.blue >= 250) white.add(colours);
      colours += 1;
      colour = { red: 0, green: 0, blue: 0 };
    }
  };
  const open = () => {
    flush();
    skipping = 0;
    if (groups.length >= MAX_DEPTH) throw new CorruptDocument('groups are nested too deeply');
    const outer = groups.at(-1);
    if (outer === undefined) groups.push(firstGroup(storyText('text', found)));
    else {
      // What is within a line or data belongs to it, unless it says otherwise.
      groups.push({ ...outer, owns: false, ignorable: false });
    }
  };
  const close = () => {
    flush();
    skipping = 0;
    const group = top();
    if (group.owns) endDestination(group);
    groups.pop();
    if (groups.length > 0) return;
    found.text('hidden', standIns.join('\n'));
    html?.end(found);
  };
  const endDestination = (group: Group) => {
    const { destination } = group;
    if (destination.kind === 'story') group.story.end();
    else if (destination.kind === 'field') {
      group.story.field(' ');
      const made = textOfField(instructions);
      if (made !== '') group.story.instead(made, 'field');
      instructions = '';
      calculated = made !== '';
    } else if (destination.kind === 'fonts' || destination.kind === 'colours')
      found.text('styles', group.pieces.join(''));
    else if (destination.kind === 'line') endLine(destination, group);
    else if (destination.kind === 'picture') endPicture(group);
    else if (destination.kind === 'object') {
      addWords(group);
      addEmbeddedObject(dataOf(group), found);
    }
  };
  /** What stands among the digits of data and is none. */
  const addWords = (group: Group) =>
    found.text('hidden', group.pieces.filter((piece) => /[^0-9a-f\s]/i.test(piece)).join(''));
  const endLine = (destination: { readonly view: string; readonly label?: string }, group: Group) => {
    const words = group.pieces.join('');
    const text = words.trim();
    if (destination.view === 'html-source') html?.tag(words, group.rtfOnly);
    if (group.data.length > 0) found.extracted({ fileName: 'data', bytes: Buffer.concat(group.data) });
    const isData = HEX.test(text);
    // Themes, properties and other data of programs.
    if (isData) found.extracted({ fileName: 'data', bytes: Buffer.from(text.replace(/\s/g, ''), 'hex') });
    // What programs show may be a list of numbers.
    if (text !== '' && !(isData && /^(?:hidden|styles)$/.test(destination.view)))
      found.text(destination.view, destination.label ? `${destination.label}: ${text}` : text);
  };
  const endPicture = (group: Group) => {
    addWords(group);
    const bytes = dataOf(group);
    if (bytes.length === 0) return;
    if (/^(?:dibitmap|wbitmap)$/.test(group.picture))
      found.extracted({ fileName: 'picture.bmp', bytes: bitmapFile(bytes) });
    else found.extracted({ fileName: `picture${ENDINGS[group.picture] ?? ''}`, bytes });
  };
  const enter = (destination: Destination) => {
    const group = top();
    if (destination.kind === 'inline') {
      // Programs show the text of such a group even within data.
      const isInData = group.destination.kind === 'picture' || group.destination.kind === 'object';
      if (isInData) enter({ kind: 'story', view: 'text' });
      return;
    }
    // One destination after the other in one group: neither is lost.
    if (group.owns) endDestination(group);
    group.destination = destination;
    group.owns = true;
    group.pieces = [];
    group.data = [];
    group.picture = '';
    if (destination.kind === 'story') {
      group.story = storyText(destination.view, found);
      Object.assign(group, PLAIN, { inTable: false });
    }
  };
  const word = (name: string, number: number | undefined) => {
    const group = top();
    const destination = destinationOf(name, group.ignorable);
    group.ignorable = false;
    if (destination !== undefined) {
      flush();
      if (name === 'upr' || name === 'ud') group.choice = name;
      else if (name === 'fldrslt' && calculated) group.choice = 'result';
      else if (name === 'field') calculated = false;
      enter(destination);
      return;
    }
    if (skipping > 0 && name !== 'u') {
      // A word stands for one of the characters that are left out.
      skipping -= 1;
      return;
    }
    if (name === 'u' && number !== undefined) {
      flush();
      skipping = 0;
      write(String.fromCharCode(number & 0xffff));
      skipping = group.skip;
      return;
    }
    const character = Object.hasOwn(CHARACTERS, name) ? CHARACTERS[name] : undefined;
    flush();
    if (character !== undefined) write(character);
    else format(group, name, number);
  };
  const format = (group: Group, name: string, number: number | undefined) => {
    const on = number !== 0;
    group.look = withFormat(group.look, name, number);
    if (BREAKS.has(name)) write('\n');
    else if (PARAGRAPHS.has(name)) endParagraph(group);
    else if (name === 'cell' || name === 'nestcell') group.story.cell();
    else if (name === 'row' || name === 'nestrow') group.story.row();
    else if (name === 'ansicpg' && number !== undefined) page = number === 0 ? 1252 : number;
    else if (name === 'mac') page = 10000;
    else if (name === 'pc') page = 437;
    else if (name === 'pca') page = 850;
    else if (name === 'deff') defaultFont = number ?? 0;
    else if (name === 'uc') group.skip = Math.max(0, number ?? 1);
    else if (name === 'f' && group.destination.kind === 'fonts') definedFont = number ?? 0;
    else if (name === 'f' || name === 'af') group.font = number ?? 0;
    else if (name === 'fcharset') defineFont(number ?? 0);
    else if (name === 'cpg' && number !== undefined) fonts.set(definedFont, number);
    else if (name === 'fromhtml') html ??= encapsulatedHtml();
    else if (name === 'htmlrtf') group.rtfOnly = on;
    else if (name === 'v') group.hidden = on;
    else if (name === 'webhidden') group.hidden = on;
    else if (name === 'deleted') group.deleted = on;
    else if (name === 'revised') group.inserted = on;
    else if (name === 'cf') group.white = white.has(number ?? 0);
    else if (name === 'fs') group.tiny = (number ?? 24) <= SMALLEST;
    else if (name === 'plain') Object.assign(group, PLAIN, { font: undefined });
    else if (name === 'intbl' || name === 'itap') group.inTable = on;
    else if (name === 'pard') group.inTable = false;
    else if (name === 'red' || name === 'green' || name === 'blue')
      colour = { ...colour, [name]: number ?? 0 };
    else if (/^(?:(?:png|jpeg|emf)blip|wmetafile|dibitmap|wbitmap|macpict|pmmetafile)$/.test(name))
      group.picture = name;
  };
  const defineFont = (charset: number) => {
    const known = pageOfCharset(charset);
    if (known !== undefined && top().destination.kind === 'fonts') fonts.set(definedFont, known);
  };
  const endParagraph = (group: Group) => {
    const { kind } = group.destination;
    if (kind === 'story') {
      group.story.paragraph(group.inTable);
      if (!group.rtfOnly) html?.text('\n');
    } else write('\n');
  };
  const takeSymbol = (symbol: string) => {
    const group = top();
    if (symbol === '*') group.ignorable = true;
    else if (skipping > 0) skipping -= 1;
    else if (symbol === '\n' || symbol === '\r') {
      flush();
      endParagraph(group);
    } else if (Object.hasOwn(SYMBOLS, symbol)) {
      flush();
      write(SYMBOLS[symbol] ?? '');
    }
  };
  const takeBinary = (bytes: Buffer, whole: boolean) => {
    flush();
    if (!whole) found.fail('corrupt');
    const { destination, data } = top();
    if (/^(?:picture|object|line)$/.test(destination.kind)) data.push(bytes);
    else if (bytes.length > 0) found.extracted({ fileName: 'data', bytes });
  };
  const takeText = (bytes: Buffer) => {
    const { destination, pieces } = top();
    if (destination.kind === 'picture' || destination.kind === 'object')
      pieces.push(bytes.toString('latin1'));
    else addBytes(bytes);
  };
  const take = (token: RtfToken): void => {
    if (token.kind === 'open') open();
    else if (token.kind === 'close') close();
    else if (token.kind === 'word') word(token.word, token.number);
    else if (token.kind === 'symbol') takeSymbol(token.symbol);
    else if (token.kind === 'binary') takeBinary(token.bytes, token.whole);
    else if (token.kind === 'hex') addBytes(Buffer.of(token.byte));
    else takeText(token.bytes);
  };
  const finish = () => {
    while (groups.length > 0) close();
  };
  return { take, depth: () => groups.length, finish };
}

const PLAIN = { hidden: false, white: false, tiny: false, deleted: false, inserted: false } as const;
const ENDINGS: Readonly<Record<string, string>> = {
  pngblip: '.png',
  jpegblip: '.jpg',
  emfblip: '.emf',
  wmetafile: '.wmf',
};

function firstGroup(story: StoryText): Group {
  return {
    destination: { kind: 'story', view: 'text' },
    story,
    owns: true,
    pieces: [],
    data: [],
    picture: '',
    ignorable: false,
    skip: 1,
    rtfOnly: false,
    font: undefined,
    ...PLAIN,
    inTable: false,
    look: NO_LOOK,
    choice: '',
  };
}

/** Digits, and bytes as they are, in the order of their kinds: no program writes both. */
function dataOf(group: Group): Buffer {
  const digits = group.pieces.join('').replace(/[^0-9a-f]/gi, '');
  return Buffer.concat([
    Buffer.from(digits.length % 2 === 0 ? digits : digits.slice(0, -1), 'hex'),
    ...group.data,
  ]);
}
