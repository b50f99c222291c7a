const FOLDED = /<(?:details|select)\b/i;
const TAG = /<(\/?)(details|summary|select|option|optgroup)\b([^<>]{0,2000})>/gi;

/**
 * The source as a program shows it that knows forms and folds: of a closed `details` only the summary, of a list to
 * choose from (`select`) only what is chosen. Undefined where there is neither. Linear in the length.
 */
export function foldedHtml(html: string): string | undefined {
  if (!FOLDED.test(html)) return undefined;
  const kept: string[] = [];
  let at = 0;
  /** Closed `details` that are open here as elements, and whether their summary is. */
  let folds = 0;
  let summary = false;
  let options: { start: number; chosen: boolean }[] | undefined;
  let selectStart = 0;
  const keep = (to: number) => {
    if (folds === 0 || summary) kept.push(html.slice(at, to));
    at = to;
  };
  for (const found of html.matchAll(TAG)) {
    const [tag, slash, name = '', attributes = ''] = found;
    const closing = slash === '/';
    const end = found.index + tag.length;
    if (options !== undefined) {
      if (name.toLowerCase() === 'option' && !closing) {
        options.push({ start: end, chosen: /(?:^|\s)selected\b/i.test(attributes) });
      } else if (name.toLowerCase() === 'select' && closing) {
        const chosen = options.find((option) => option.chosen) ?? options[0];
        if (chosen !== undefined && (folds === 0 || summary))
          kept.push(optionText(html, chosen.start, found.index));
        options = undefined;
        at = end;
      }
      continue;
    }
    if (name.toLowerCase() === 'select' && !closing) {
      keep(found.index);
      selectStart = found.index;
      // As far as a person may choose several, all are shown.
      if (!/(?:^|\s)(?:multiple|size)\b/i.test(attributes)) options = [];
    } else if (name.toLowerCase() === 'details') {
      if (closing) {
        keep(found.index);
        if (folds > 0) folds -= 1;
        summary = false;
      } else if (folds > 0 || !/(?:^|\s)open\b/i.test(attributes)) {
        keep(found.index);
        folds += 1;
        summary = false;
      }
    } else if (name.toLowerCase() === 'summary' && folds === 1) {
      keep(found.index);
      summary = !closing;
    }
  }
  if (options !== undefined) at = selectStart;
  kept.push(html.slice(at));
  return kept.join('');
}

function optionText(html: string, start: number, end: number): string {
  const next = html.slice(start, end).search(/<\/?opt/i);
  return html.slice(start, next < 0 ? end : start + next);
}
