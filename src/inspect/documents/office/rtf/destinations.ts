/** What becomes of the text of a group (RTF 1.9.1). */
export type Destination =
  /** Text of its own, in a view. */
  | { readonly kind: 'story'; readonly view: string }
  /** Belongs to what is around it. */
  | { readonly kind: 'inline' }
  | { readonly kind: 'field' }
  /** Words about the document or a part of it: one line, with a label where there is one. */
  | { readonly kind: 'line'; readonly view: string; readonly label?: string }
  /** Fonts and colours, read for what they say of the text. */
  | { readonly kind: 'fonts' }
  | { readonly kind: 'colours' }
  | { readonly kind: 'picture' }
  | { readonly kind: 'object' };

const story = (view: string): Destination => ({ kind: 'story', view });
const line = (view: string, label?: string): Destination => ({
  kind: 'line',
  view,
  ...(label !== undefined && { label }),
});

const DESTINATIONS: Readonly<Record<string, Destination>> = {
  ...all('header headerl headerr headerf footer footerl footerr footerf', story('headers')),
  ...all('footnote ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn', story('notes')),
  annotation: story('comments'),
  ...all('atnid atnauthor atndate atntime', line('comments')),
  ...all('shptxt', story('text')),
  ...all(
    'fldrslt field shp shpinst shprslt shpgrp result pntext listtext ud upr shppict nonshppict do dptxbxtext ' +
      'nesttableprops nonesttables xmlopen rtf formfield mmath moMath ltrmark',
    { kind: 'inline' },
  ),
  ...all('fldinst datafield', { kind: 'field' }),
  fonttbl: { kind: 'fonts' },
  colortbl: { kind: 'colours' },
  pict: { kind: 'picture' },
  objdata: { kind: 'object' },
  title: line('metadata', 'Title'),
  subject: line('metadata', 'Subject'),
  author: line('metadata', 'Author'),
  keywords: line('metadata', 'Keywords'),
  ...all(
    'info manager company operator category comment doccomm hlinkbase propname staticval linkval userprops generator ' +
      'objclass objname objalias objsect template xmlnstbl',
    line('metadata'),
  ),
  ...all(
    'sn sv sp picprop wgrffmtfilter bkmkstart bkmkend revtbl ffname ffdeftext ffformat ffhelptext ffstattext ffl',
    line('attributes'),
  ),
  ...all(
    'stylesheet listtable listoverridetable latentstyles rsidtbl listname listpicture levelnumbers leveltext falt panose fname colorschememapping',
    line('styles'),
  ),
  ...all('htmltag mhtmltag', line('html-source')),
};

/**
 * Where the text of a group goes by its first word. Groups that are marked so that programs leave out what they don't
 * know, and aren't known here, are read as hidden.
 */
export function destinationOf(word: string, ignorable: boolean): Destination | undefined {
  if (Object.hasOwn(DESTINATIONS, word)) return DESTINATIONS[word];
  return ignorable ? line('hidden') : undefined;
}

function all(words: string, destination: Destination): Readonly<Record<string, Destination>> {
  return Object.fromEntries(words.split(' ').map((word) => [word, destination]));
}
