/**
 * Tags that break the line; all others, unknown ones too, stand within it. In XML every element breaks. Tags of the
 * document as a whole aren't among them: where they stand in the middle of a word, browsers pass over them.
 */
export const BLOCK: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote br caption center datalist dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li listing main menu nav ol optgroup option p ' +
    'plaintext pre search section select summary table tbody textarea tfoot thead title tr ul xmp'
  ).split(' '),
);
export const VOID: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);
/** Their content isn't shown as text, though it is in the message. */
export const NOT_SHOWN: ReadonlySet<string> = new Set(
  (
    'script style template title datalist noframes noembed iframe rp rt video audio canvas progress meter frameset ' +
    'desc metadata annotation annotation-xml'
  ).split(' '),
);
/** Within drawings and formulas only what is in these is shown … */
export const DRAWN: ReadonlySet<string> = new Set('text foreignobject mi mn mo ms mtext'.split(' '));
/** … and these end drawings and formulas (HTML, 13.2.6.5). */
export const ENDS_DRAWING: ReadonlySet<string> = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var'
  ).split(' '),
);
/** Not even where style sheets are unknown. */
export const NEVER_SHOWN: ReadonlySet<string> = new Set(['script', 'style', 'title']);
/** Tags of which every one begins, and ends, a paragraph of its own. */
export const PARAGRAPH: ReadonlySet<string> = new Set('p h1 h2 h3 h4 h5 h6 hr'.split(' '));
export const PREFORMATTED: ReadonlySet<string> = new Set(['pre', 'textarea', 'xmp', 'listing', 'plaintext']);
/** Tags that end an open paragraph (HTML, 13.1.2.4). Tables do so in some modes only. */
export const ENDS_PARAGRAPH: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 ' +
    'h4 h5 h6 header hgroup hr listing main menu nav ol p plaintext pre search section summary ul xmp'
  ).split(' '),
);
