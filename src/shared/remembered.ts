/** A function that remembers its last answers, the longest unused of which is forgotten first. What it throws it forgets. */
export function remembered<Question, Answer>(
  most: number,
  identity: (question: Question) => string,
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  const known = new Map<string, { readonly answer: Answer }>();
  return (question) => {
    const name = identity(question);
    const entry = known.get(name) ?? { answer: answer(question) };
    // A Map gives its entries in the order in which they were put.
    known.delete(name);
    known.set(name, entry);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return entry.answer;
  };
}

/** The same for what follows from an object that nobody changes, for as long as that object is kept. */
export function rememberedOf<Question extends object, Answer>(
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  const known = new WeakMap<Question, { readonly answer: Answer }>();
  return (question) => {
    const entry = known.get(question) ?? { answer: answer(question) };
    known.set(question, entry);
    return entry.answer;
  };
}
