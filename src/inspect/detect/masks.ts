/** Stars for every letter and digit, except the last four characters where nine or more were matched. */
export function maskIdentifier(matched: string): string {
  const significant = matched.replace(/[^\p{L}\p{N}]/gu, '').length;
  let hidden = significant >= 9 ? significant - 4 : significant;
  let masked = '';
  for (const character of matched) {
    if (!/[\p{L}\p{N}]/u.test(character)) masked += character;
    else masked += hidden-- > 0 ? '*' : character;
  }
  return masked;
}

/** Stars for every letter and digit: for values of which even the last characters say something. */
export function maskAll(matched: string): string {
  return matched.replace(/[\p{L}\p{N}]/gu, '*');
}

export function maskDate(): string {
  return '**/**/****';
}

/** Initials. */
export function maskName(matched: string): string {
  const words = matched.match(/\p{L}[\p{L}'’-]*/gu) ?? [];
  return words.map((word) => `${[...word][0] ?? '*'}.`).join(' ');
}

export function maskSecret(): string {
  return '********';
}
