import { CONFIDENCES, type Finding, type Inspection, type PartReport } from '../model/inspection.js';
import { matchesAddress } from '../shared/address-list.js';
import type { MessageFacts, RecipientFacts } from './facts.js';
import { evaluatedOnce, foldedOnce } from './known-content.js';
import type { Pattern } from './pattern.js';
import type { Condition, PartyTest, TextTest } from './policy-set.js';
import { inTimeWindow } from './time-window.js';
import { kleeneAll, kleeneAny, kleeneNot, type Truth, truthOf } from './truth.js';

/** What came of a condition, and the names (never values) of the facts behind it. */
export interface Evaluation {
  readonly value: Truth;
  /** Detectors, classifications, statuses and the like that were looked for and found. */
  readonly evidence: readonly string[];
  /** Sources of facts that failed, e.g. `list partners`. */
  readonly unknown: readonly string[];
}

/**
 * Evaluates the condition of a whole rule, as `evaluate` does. One that is false has nothing to tell, and most are, so
 * nothing is looked at behind the first part that makes it so.
 */
export function evaluateRule(
  condition: Condition,
  message: MessageFacts,
  recipient: RecipientFacts,
): Evaluation {
  if (condition.kind !== 'all') return evaluate(condition, message, recipient);
  const results: Evaluation[] = [];
  for (const one of condition.of) {
    const result = evaluateRule(one, message, recipient);
    if (result.value === 'false') return FALSE;
    results.push(result);
  }
  return combined(kleeneAll, results);
}

/** Evaluates a condition for one recipient. Pure; every branch is looked at, so that the evidence is complete. */
export function evaluate(condition: Condition, message: MessageFacts, recipient: RecipientFacts): Evaluation {
  switch (condition.kind) {
    case 'always':
      return known(true);
    case 'all':
    case 'any': {
      const results = condition.of.map((one) => evaluate(one, message, recipient));
      return combined(condition.kind === 'all' ? kleeneAll : kleeneAny, results);
    }
    case 'not': {
      const inner = evaluate(condition.of, message, recipient);
      return { value: kleeneNot(inner.value), evidence: [], unknown: inner.unknown };
    }
    case 'identity':
      return known(condition.names.includes(message.identity));
    case 'sender':
      return senderParty(condition.party, message);
    case 'recipient':
      return party(condition.party, recipient.address, recipient.internal ? 'internal' : 'external');
    case 'time':
      return known(inTimeWindow(condition.window, message.receivedAt));
    default:
      return evaluatedOnce(condition, message.inspection, () => ofMessage(condition, message.inspection));
  }
}

function ofMessage(
  condition: ContentCondition | Extract<Condition, { kind: 'part-status' }>,
  inspection: Inspection,
): Evaluation {
  if (condition.kind === 'part-status') return partStatus(condition.statuses, inspection);
  const why = whyUnknown(inspection);
  return why === undefined || (condition.kind === 'size' && inspection.failure === undefined)
    ? content(condition, inspection)
    : { value: 'unknown', evidence: [], unknown: [why] };
}

function combined(combine: (values: readonly Truth[]) => Truth, results: readonly Evaluation[]): Evaluation {
  return {
    value: combine(results.map((one) => one.value)),
    evidence: distinct(results.flatMap((one) => one.evidence)),
    unknown: distinct(results.flatMap((one) => one.unknown)),
  };
}

/** Nothing is known of the content of a message whose inspection died, or that nobody looked into. */
function whyUnknown({ failure, notRead }: Inspection): string | undefined {
  if (failure !== undefined) return `inspection ${failure}`;
  return notRead === true ? 'inspection switched off' : undefined;
}

type ContentCondition = Extract<
  Condition,
  { kind: 'subject' | 'header' | 'size' | 'attachment' | 'ambiguity' | 'findings' }
>;

function content(condition: ContentCondition, inspection: Inspection): Evaluation {
  switch (condition.kind) {
    case 'subject':
      return known(textFits(condition.text, inspection, inspection.subject), ['subject']);
    case 'header': {
      const there = inspection.headers.some(
        (one) => one.name.toLowerCase() === condition.name && textFits(condition.text, inspection, one.value),
      );
      return known(there === condition.exists, condition.exists ? [`header ${condition.name}`] : []);
    }
    case 'size':
      return known(
        (condition.over === undefined || inspection.size > condition.over) &&
          (condition.under === undefined || inspection.size < condition.under),
      );
    case 'attachment':
      return known(
        inspection.parts.some(
          (part) =>
            isAttachment(part) &&
            fitsAny(condition.names, part.fileName ?? '') &&
            fitsAny(condition.types, part.mediaType),
        ),
        ['attachment'],
      );
    case 'ambiguity': {
      const found = inspection.ambiguities.filter(
        (one) =>
          condition.names.includes('any') ||
          condition.names.includes(one.name) ||
          (one.material && condition.names.includes('material')),
      );
      return known(found.length > 0, distinct(found.map((one) => one.name)));
    }
    case 'findings':
      return condition.classifications === undefined
        ? detected(condition, inspection)
        : classified(condition, condition.classifications, inspection);
  }
}

type FindingsCondition = Extract<Condition, { kind: 'findings' }>;

function detected(condition: FindingsCondition, inspection: Inspection): Evaluation {
  const found = inspection.findings.filter(
    (one) =>
      one.distinct[condition.confidence] > 0 &&
      (condition.detectors === undefined || condition.detectors.includes(one.detector)) &&
      (condition.classes === undefined || condition.classes.includes(one.class)),
  );
  return known(total(found, condition) >= condition.atLeast, distinct(found.map((one) => one.detector)));
}

function classified(
  condition: FindingsCondition,
  wanted: readonly string[],
  inspection: Inspection,
): Evaluation {
  const found = inspection.classifications.filter(
    (one) =>
      wanted.includes(one.classification) &&
      CONFIDENCES.indexOf(one.confidence) >= CONFIDENCES.indexOf(condition.confidence),
  );
  if (found.length === 0) return known(false);
  const behind = inspection.findings.filter((one) =>
    found.some((result) => result.detectors.includes(one.detector)),
  );
  const enough =
    condition.atLeast === 1 ||
    total(
      behind.filter((one) => one.class !== 'health'),
      condition,
    ) >= condition.atLeast;
  return known(
    enough,
    distinct([...found.map((one) => one.classification), ...found.flatMap((one) => one.detectors)]),
  );
}

function total(findings: readonly Finding[], condition: FindingsCondition): number {
  return findings.reduce((sum, one) => sum + one.distinct[condition.confidence], 0);
}

function partStatus(statuses: readonly string[], inspection: Inspection): Evaluation {
  const found = distinct(
    inspection.parts.filter((part) => statuses.includes(part.status)).map((part) => part.status),
  );
  const why = whyUnknown(inspection);
  if (found.length === 0 && why !== undefined) return { value: 'unknown', evidence: [], unknown: [why] };
  return known(found.length > 0, found);
}

function party(test: PartyTest, address: string, scope: 'internal' | 'external' | undefined): Evaluation {
  const direct =
    (scope !== undefined && test.scopes.includes(scope)) || matchesAddress(test.matcher, address);
  if (direct || test.lists.length === 0) return known(direct);
  const byList = test.lists.map(
    (list): Truth =>
      list.matcher === undefined ? 'unknown' : truthOf(matchesAddress(list.matcher, address)),
  );
  const value = kleeneAny(byList);
  const failed = test.lists.filter((list) => list.matcher === undefined).map((list) => `list ${list.name}`);
  return { value, evidence: [], unknown: value === 'unknown' ? failed : [] };
}

/**
 * The envelope sender, and whoever else wrote the message. Mail without an envelope sender is its author's and fits `<>`
 * too. Where several people wrote one and the condition is true of some only, or the author can't be told, it is unknown, so
 * that a rule applies whether it names or excepts them.
 */
function senderParty(test: PartyTest, { sender, authors }: MessageFacts): Evaluation {
  const envelope = party(test, sender, undefined);
  if (authors === undefined) return envelope;
  const all = [envelope, ...authors.addresses.map((one) => party(test, one, undefined))];
  const values = all.map((one) => one.value);
  const unknown = distinct(all.flatMap((one) => one.unknown));
  const some = kleeneAny(values);
  if (sender === '' && !authors.unsure) return { value: some, evidence: [], unknown };
  const agreed = some === kleeneAll(values) && !(authors.unsure && some === 'false');
  return agreed
    ? { value: some, evidence: [], unknown }
    : { value: 'unknown', evidence: [], unknown: distinct([...unknown, 'sender']) };
}

/**
 * A part counts as an attachment when it is marked so, has a file name, or is neither text nor a container: a mail
 * reader shows all of these as something to open.
 */
function isAttachment(part: PartReport): boolean {
  return (
    part.disposition === 'attachment' ||
    part.fileName !== undefined ||
    !(part.mediaType.startsWith('text/') || part.mediaType.startsWith('multipart/'))
  );
}

function textFits(test: TextTest, inspection: Inspection, text: string): boolean {
  const folded = foldedOnce(inspection, text);
  return (
    (test.contains === undefined || test.contains.some((one) => folded.includes(one))) &&
    (test.equals === undefined || test.equals.some((one) => folded.trim() === one)) &&
    (test.patterns === undefined || test.patterns.some((one) => one.test(text)))
  );
}

function fitsAny(patterns: readonly Pattern[] | undefined, text: string): boolean {
  return patterns === undefined || patterns.some((one) => one.test(text));
}

const NOTHING: readonly string[] = [];
const TRUE: Evaluation = { value: 'true', evidence: NOTHING, unknown: NOTHING };
const FALSE: Evaluation = { value: 'false', evidence: NOTHING, unknown: NOTHING };

function known(value: boolean, evidence: readonly string[] = NOTHING): Evaluation {
  if (!value) return FALSE;
  return evidence.length === 0 ? TRUE : { value: 'true', evidence, unknown: NOTHING };
}

function distinct(values: readonly string[]): readonly string[] {
  return values.length < 2 ? values : [...new Set(values)].sort();
}
