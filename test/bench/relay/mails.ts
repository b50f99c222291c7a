const WORDS = (
  'the chairs table room order list week office plan street garden window paper copy lamp corner kitchen door floor wall ' +
  'team morning evening lunch coffee printer cable shelf box wagon market bread train station bicycle bridge river song ' +
  'is was will be brings takes finds keeps moves opens closes needs wants makes holds leaves carries with for from near ' +
  'behind before after and or but again soon later today quietly slowly green blue old new small large second other'
).split(' ');

/** Characters of a body; what a message has beyond is attached. */
const MOST_BODY = 8 * 1024;

/**
 * A message of about so many bytes, the same at each run: prose in which there is nothing to find, so that it may travel in
 * the clear. A large one has a letter and, as base64, a text file.
 */
export function quietMail(size: number): Buffer {
  const next = wordsFrom(size);
  const head = [
    'From: "Ward Office" <ward@clinic.example>',
    'To: "Office of a Partner" <office@partner.example>',
    'Subject: Chairs for the garden room',
    'Message-ID: <bench@clinic.example>',
    'Date: Mon, 02 Mar 2026 09:00:00 +0000',
    'MIME-Version: 1.0',
  ];
  const type = 'Content-Type: text/plain; charset=utf-8';
  if (size <= MOST_BODY) {
    const top = [...head, type, '', ''].join('\r\n');
    return Buffer.from(`${top}${prose(next, size - top.length - 2)}\r\n`);
  }
  const top = [
    ...head,
    'Content-Type: multipart/mixed; boundary="=_bench"',
    '',
    '--=_bench',
    type,
    '',
    prose(next, 2000),
    '--=_bench',
    `${type}; name="notes.txt"`,
    'Content-Disposition: attachment; filename="notes.txt"',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\r\n');
  const attached = Buffer.from(prose(next, Math.floor(((size - top.length) * 57) / 78)));
  return Buffer.from(`${top}${attached.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n--=_bench--\r\n`);
}

function prose(next: () => string, length: number): string {
  const lines: string[] = [];
  for (let sum = 0; sum < length; ) {
    let line = next();
    while (line.length < 66) line += ` ${next()}`;
    lines.push(`${line}.`);
    sum += line.length + 3;
  }
  return lines.join('\r\n').slice(0, Math.max(0, length));
}

/** A small generator of its own (a linear congruence), so that every run sees the same. */
function wordsFrom(seed: number): () => string {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return WORDS[(state >>> 8) % WORDS.length] ?? 'and';
  };
}
