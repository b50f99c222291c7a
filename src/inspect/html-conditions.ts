/**
 * The source as Outlook for Windows reads it, which takes what conditional comments hold for it, and leaves out what
 * they hold for others; undefined where that makes no difference to the text. Linear in the length.
 */
export function asOutlookReads(html: string): string | undefined {
  const pieces: string[] = [];
  let differs = false;
  let at = 0;
  const beginning = /<!(?:--)?\[if/gi;
  const ending = /<!\[endif\]/gi;
  for (let begin = beginning.exec(html); begin !== null; begin = beginning.exec(html)) {
    const head = html.indexOf(']>', begin.index);
    if (head < 0) break;
    ending.lastIndex = head;
    const end = ending.exec(html)?.index;
    if (end === undefined) break;
    const forOthers = /^<!(?:--)?\[if\s*\(?\s*!/i.test(html.slice(begin.index, begin.index + 40));
    const close = html.indexOf('>', ending.lastIndex);
    const next = close < 0 ? html.length : close + 1;
    beginning.lastIndex = next;
    pieces.push(html.slice(at, begin.index));
    // Others are let in by closing the comment at once: `<!--[if !mso]><!-->…<!--<![endif]-->`.
    const body = html
      .slice(head + 2, end)
      .replace(/^\s*<!--+>/, '')
      .replace(/<!--$/, '');
    if (hasText(body)) differs = true;
    if (!forOthers) pieces.push(body);
    at = next;
  }
  if (!differs) return undefined;
  pieces.push(html.slice(at));
  return pieces.join('');
}

/** Whether anything but blanks stands outside of tags, settings and styles. */
function hasText(html: string): boolean {
  if (/^\s*<(xml|style)\b[\s\S]*<\/\1>\s*$/i.test(html)) return false;
  for (let at = 0; at < html.length; ) {
    const tag = html.indexOf('<', at);
    const text = html.slice(at, tag < 0 ? html.length : tag);
    if (text.replaceAll('&nbsp;', '').trim() !== '') return true;
    if (tag < 0) return false;
    const end = html.indexOf('>', tag);
    if (end < 0) return true;
    at = end + 1;
  }
  return false;
}
