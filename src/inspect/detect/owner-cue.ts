import type { ScannedText } from './scanned-text.js';

const BEFORE = 64;
const AFTER = 40;

/**
 * Words before a number that give it to one patient or to his family: "the patient's bank account", "her passport".
 * Stricter than `isOfPatient`, because organisations have such numbers too: "patient services, account 12345".
 */
const OWNED =
  /\b(?:patient|pt|resident|subscriber|beneficiary|insured|guarantor|decedent|mother|father|wife|husband|spouse)['’]s [^.;\n]{0,40}$|\b(?:his|her) (?!(?:office|employer|company|clinic|practice|bank|lawyer|attorney|insurer|team|department|assistant|organi[sz]ation)\b)[^.;\n]{0,36}$|\b(?:patient|guarantor) (?:account|acct|passport|licen[cs]e|driver|vehicle|device|ip|home|address|iban)\b[^.;\n]{0,28}$|\b(?:of|for|by|from) (?:the|our|this|a) (?:patient|pt|resident|decedent)\b(?! (?:portal|services?|safety|care|access|relations|experience))[^.;\n]{0,32}$/;
const OWNER_BEHIND =
  /^[ ,()-]{0,4}(?:(?:of|for|belongs to|belonging to|registered to|owned by|used by) )?(?:the |our )?(?:patient|pt)\b(?! (?:portal|services?|safety|care|access|relations|experience))/;

/** True where the words next to a number say that it is one patient's. Never looks over an empty line. */
export function isOwnedByPatient(text: ScannedText, start: number, end: number): boolean {
  return OWNED.test(text.before(start, BEFORE)) || OWNER_BEHIND.test(text.after(end, AFTER));
}
