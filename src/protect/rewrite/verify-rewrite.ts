import { keptPlace } from '../../decide/known-names.js';
import type { RewriteDemand } from '../../model/decision.js';
import {
  type ClassificationResult,
  CONFIDENCES,
  type Finding,
  type Inspection,
  type PartReport,
  type PartStatus,
} from '../../model/inspection.js';

/** What speaks against sending a rewritten message. */
export interface RewriteProblem {
  /** `found`: something to be redacted is still there, and doing it once more may help. */
  readonly kind: 'found' | 'other';
  /** One clause without PHI. */
  readonly reason: string;
}

const UNDERSTOOD: ReadonlySet<PartStatus> = new Set(['read', 'empty', 'no-text']);
/** `Finding.fingerprints` holds no more. */
const MOST_FINGERPRINTS = 50;

/**
 * Compares the inspection of a rewritten message with that of the message that was decided on. It may leave when nothing
 * that was to be redacted is found in it anywhere, at any confidence; when it can be read in one way only; and when it
 * holds no finding and no unread part that wasn't decided on, nor is surer to be patient data: what stands between a
 * person and an illness may be gone.
 */
export function verifyRewrite(
  before: Inspection,
  after: Inspection,
  demand: RewriteDemand,
): RewriteProblem | undefined {
  if (after.failure !== undefined) return other('the rewritten message could not be inspected');
  const left = after.findings.filter((one) => demand.redact?.includes(one.detector) === true);
  if (left.length > 0) return { kind: 'found', reason: leftWords(left) };
  const ambiguous = [...new Set(after.ambiguities.filter((one) => one.material).map((one) => one.name))];
  if (ambiguous.length > 0)
    return other(`two readers could still read it differently (${ambiguous.join(', ')})`);
  const added = after.findings.filter((one) => !isCovered(one, before.findings));
  if (added.length > 0) return other(`rewriting shows findings that were not decided on (${names(added)})`);
  const surer = after.classifications.filter((one) => !isAsSure(one, before.classifications));
  if (surer.length > 0) {
    const which = surer.map(({ classification, confidence }) => `${classification}, ${confidence}`);
    return other(`rewriting makes it what was not decided on (${which.join('; ')})`);
  }
  const unread = newlyUnread(before.parts, after.parts);
  if (unread !== undefined) return other(`rewriting leaves a part unread that was not (${unread})`);
  if (demand.canonicalise !== true && shape(before) !== shape(after))
    return other('rewriting changed what parts it has');
  return undefined;
}

function isCovered(finding: Finding, before: readonly Finding[]): boolean {
  const same = before.find((one) => one.detector === finding.detector);
  if (same === undefined || finding.distinct.low > same.distinct.low) return false;
  // Beyond that many their numbers alone can be compared.
  if (same.distinct.low > MOST_FINGERPRINTS) return true;
  return finding.fingerprints.every((one) => same.fingerprints.includes(one));
}

function isAsSure(
  { classification, confidence }: ClassificationResult,
  before: readonly ClassificationResult[],
): boolean {
  const same = before.find((one) => one.classification === classification);
  return same !== undefined && CONFIDENCES.indexOf(confidence) <= CONFIDENCES.indexOf(same.confidence);
}

function newlyUnread(before: readonly PartReport[], after: readonly PartReport[]): PartStatus | undefined {
  const known = new Map<PartStatus, number>();
  for (const { status } of before) known.set(status, (known.get(status) ?? 0) + 1);
  for (const { status } of after) {
    if (UNDERSTOOD.has(status)) continue;
    const left = known.get(status) ?? 0;
    if (left === 0) return status;
    known.set(status, left - 1);
  }
  return undefined;
}

function shape({ parts }: Inspection): string {
  return JSON.stringify(
    parts.map(({ path, mediaType, fileName, disposition, status }) => [
      path,
      mediaType,
      fileName,
      disposition,
      UNDERSTOOD.has(status) ? '' : status,
    ]),
  );
}

/** Where something is left, without names of a sender's making. */
function leftWords(findings: readonly Finding[]): string {
  const where = [...new Set(findings.flatMap((one) => one.where.map(keptPlace)))].slice(0, 5);
  return `${names(findings)} cannot be redacted in every place (${where.map((one) => placeWords(one)).join(', ')})`;
}

function placeWords(where: string): string {
  if (where.startsWith('header:')) return `header ${where.slice('header:'.length)}`;
  return where.startsWith('name:') ? `file name of part ${where.slice('name:'.length)}` : `part ${where}`;
}

function names(findings: readonly Finding[]): string {
  return [...new Set(findings.map((one) => one.detector))].join(', ');
}

function other(reason: string): RewriteProblem {
  return { kind: 'other', reason };
}
