import type { ReportDocument, ReportSection, ReportTable } from './document.js';

/**
 * A report as one HTML file that needs nothing else: no script, no font, no picture, and a policy that would keep it
 * from loading any. It prints in black on white with the heads of tables on every page.
 */
export function reportHtml({ title, about, notes, sections }: ReportDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${text(title)}</h1>
${about.map((line) => `<p>${text(line)}</p>`).join('\n')}
</header>
<main>
${notes.map((note) => `<p class="note"><strong>Note:</strong> ${text(note)}</p>`).join('\n')}
${sections.map(section).join('\n')}
</main>
</body>
</html>
`;
}

function section({ title, text: words, tables }: ReportSection, i: number): string {
  const id = `section-${i + 1}`;
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${text(title)}</h2>
${words === undefined ? '' : `<p>${text(words)}</p>`}
${tables.map(table).join('\n')}
</section>`;
}

function table({ caption, columns, rows, empty, note }: ReportTable): string {
  if (rows.length === 0) return `<p class="empty"><strong>${text(caption)}:</strong> ${text(empty)}</p>`;
  const kind = (i: number) => (columns[i]?.number === true ? ' class="number"' : '');
  const head = columns.map(({ name }, i) => `<th scope="col"${kind(i)}>${text(name)}</th>`).join('');
  const body = rows
    .map(
      (row) =>
        `<tr>${row
          .map((cell, i) =>
            i === 0 ? `<th scope="row">${text(cell)}</th>` : `<td${kind(i)}>${text(cell)}</td>`,
          )
          .join('')}</tr>`,
    )
    .join('\n');
  return `<table>
<caption>${text(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>${note === undefined ? '' : `\n<p class="rest">${text(note)}</p>`}`;
}

const STYLE = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem;color:#1a1a1a;background:#fff}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem;border-bottom:2px solid #5a6b7b;padding-bottom:.2rem}
header p{margin:0;color:#444}
.note{border-left:.3rem solid #8a5300;padding:.5rem .8rem;background:#fff6e5;color:#3d2600}
table{border-collapse:collapse;width:100%;margin:1.2rem 0 .3rem}
caption{text-align:left;font-weight:600;padding-bottom:.3rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #c3cad1;vertical-align:top;overflow-wrap:anywhere}
tbody th{font-weight:400}thead th{border-bottom:2px solid #5a6b7b;overflow-wrap:normal}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.rest,.empty{color:#444;margin:.2rem 0 1rem}
@media (prefers-color-scheme:dark){body{color:#e8e8e8;background:#15191d}header p,.rest,.empty{color:#c4c9ce}
th,td{border-color:#46505a}.note{background:#3a2a0c;color:#ffe2b0;border-color:#d99a2b}}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:10pt;color:#000;background:#fff}
header p,.rest,.empty{color:#000}.note{background:#fff;color:#000;border-color:#000}
h2{break-after:avoid}caption{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}th,td{border-color:#888}}
`;

/** Text as HTML; control and format characters, which could turn a line around, are shown as U+FFFD. */
function text(value: string): string {
  return value
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
