import { decodeHeaderText } from './encoded-words.js';
import { fieldValues, type HeaderField } from './header-block.js';
import { type MimeValue, parseMimeValue } from './mime-params.js';
import { harmless, material, type Oddity } from './oddity.js';

/** One way to take an entity's Content-Type. */
export interface ContentTypeReading {
  readonly mediaType: string;
  readonly boundaries: readonly string[];
  readonly charsets: readonly string[];
  /** `format=flowed` (RFC 3676 4), by its `delsp`. */
  readonly flowed: 'with-blanks' | 'without-blanks' | undefined;
}

/** What the header says about an entity's body. */
export interface EntityFacts {
  /** At least one; the first is what most readers take. */
  readonly contentTypes: readonly ContentTypeReading[];
  /** Distinct transfer encodings, lower case; empty where none is declared. */
  readonly encodings: readonly string[];
  readonly disposition: 'inline' | 'attachment' | 'none';
  /** Every reading of every file name, the preferred one first. */
  readonly fileNames: readonly string[];
  /** Values of all other parameters, decoded; what a field shows as it is written isn't among them. */
  readonly otherParameters: readonly string[];
  readonly oddities: readonly Oddity[];
}

const MEDIA_TYPE = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** @param defaultType media type where none is declared (RFC 2045 5.2, RFC 2046 5.1.5) */
export function entityFacts(fields: readonly HeaderField[], defaultType: string): EntityFacts {
  const oddities: Oddity[] = [];
  const types = distinctValues(fields, 'content-type', oddities);
  const dispositions = distinctValues(fields, 'content-disposition', oddities);
  const encodings = distinctValues(fields, 'content-transfer-encoding', oddities).map((parsed) => {
    if (parsed.params.size > 0 || parsed.oddities.length > 0) {
      oddities.push(material('malformed-transfer-encoding'));
    }
    return parsed.value;
  });
  const contentTypes = types.map((parsed) => contentType(parsed, defaultType, oddities));
  for (const parsed of [...types, ...dispositions]) oddities.push(...parsed.oddities);
  if (contentTypes.length === 0) contentTypes.push(contentType(plain(defaultType), defaultType, oddities));
  const names = [
    ...dispositions.flatMap((parsed) => parsed.params.get('filename') ?? []),
    ...types.flatMap((parsed) => parsed.params.get('name') ?? []),
  ];
  const fileNames = new Set<string>();
  const shown = new Set<string>();
  for (const name of names) {
    const decoded = decodeHeaderText(name);
    oddities.push(...decoded.oddities);
    shown.add(decoded.text);
    for (const reading of decoded.readings) if (reading.trim() !== '') fileNames.add(reading);
  }
  if (shown.size > 1) oddities.push(harmless('conflicting-file-names'));
  return {
    contentTypes,
    encodings: [...new Set(encodings)],
    disposition: dispositionOf(dispositions[0]),
    fileNames: [...fileNames],
    otherParameters: otherParameters([...types, ...dispositions], fields),
    oddities,
  };
}

function otherParameters(parsed: readonly MimeValue[], fields: readonly HeaderField[]): readonly string[] {
  const written = fields.filter((field) => field.name.startsWith('content-')).map((field) => field.value);
  return parsed.flatMap(({ params }) =>
    [...params].flatMap(([name, values]) =>
      /^(?:boundary|charset|filename|name)$/.test(name)
        ? []
        : values
            .filter((value) => !written.some((one) => one.includes(value)))
            .map((value) => `${name}: ${value}`),
    ),
  );
}

/** The field's distinct values; several fields of that name are an oddity, material when they differ. */
function distinctValues(fields: readonly HeaderField[], name: string, oddities: Oddity[]): MimeValue[] {
  const values = fieldValues(fields, name);
  const distinct = new Map<string, string>();
  for (const value of values) distinct.set(value.replace(/\s+/g, ' ').toLowerCase(), value);
  if (values.length > 1) oddities.push((distinct.size > 1 ? material : harmless)(`duplicate-${name}`));
  return [...distinct.values()].slice(0, 8).map(parseMimeValue);
}

function plain(value: string): MimeValue {
  return { value, params: new Map(), oddities: [] };
}

function contentType(parsed: MimeValue, defaultType: string, oddities: Oddity[]): ContentTypeReading {
  let mediaType = parsed.value;
  if (mediaType === '' && parsed.params.size === 0) {
    oddities.push(harmless('empty-content-type'));
    mediaType = defaultType;
  } else if (/.(?:multipart|message)\//.test(mediaType)) {
    // As good as any to readers that look for these words anywhere.
    oddities.push(material('malformed-content-type'));
  } else if (!MEDIA_TYPE.test(mediaType)) {
    // RFC 2045 5.2 takes such a type for the default; some readers guess from its beginning or the file name.
    oddities.push(material('malformed-content-type'));
    const guess = /[a-z]+\/[a-z0-9.+-]+/.exec(mediaType)?.[0];
    mediaType = mediaType.startsWith('multipart') ? 'multipart/mixed' : (guess ?? defaultType);
  }
  return {
    mediaType,
    boundaries: parsed.params.get('boundary') ?? [],
    charsets: parsed.params.get('charset') ?? [],
    flowed: flowedBy(parsed.params),
  };
}

function flowedBy(params: MimeValue['params']): ContentTypeReading['flowed'] {
  const says = (name: string, wanted: RegExp) =>
    params.get(name)?.some((value) => wanted.test(value)) === true;
  if (!says('format', /^flowed$/i)) return undefined;
  return says('delsp', /^yes$/i) ? 'without-blanks' : 'with-blanks';
}

function dispositionOf(parsed: MimeValue | undefined): EntityFacts['disposition'] {
  if (parsed === undefined) return 'none';
  return parsed.value === 'inline' ? 'inline' : 'attachment';
}
