const HIS = ['his', 'her', 'my', 'their'];
const HIMSELF = ['himself', 'herself', 'myself'];

/**
 * The phrases for which a line of `vocabulary/plain-words.txt` stands: each word one of those that bars part; `_` is a
 * blank within one of them.
 */
export function plainPhrases(line: string): readonly string[] {
  let phrases: readonly string[] = [''];
  for (const word of line.split(' ')) {
    const choices = word.split('|').flatMap(spelled);
    phrases = phrases.flatMap((begun) =>
      choices.map((choice) => (begun === '' ? choice : `${begun} ${choice}`)),
    );
  }
  return phrases;
}

function spelled(word: string): readonly string[] {
  if (word === '<his>') return HIS;
  if (word === '<himself>') return HIMSELF;
  return [word.replaceAll('_', ' ')];
}
