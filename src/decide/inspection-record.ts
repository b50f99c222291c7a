import type { AuditEventData } from '../audit/events.js';
import type { Inspection } from '../model/inspection.js';
import { keptMediaType, keptPlace } from './known-names.js';

const UNDERSTOOD = new Set(['read', 'empty', 'no-text']);

/** What the audit log keeps of an inspection: no Subject, no header, no file name, no value, no name of the sender's making. */
export function auditedInspection(
  messageId: string,
  inspection: Inspection,
  durationMs: number,
  subjectFingerprint?: string,
): AuditEventData['message.inspected'] {
  return {
    messageId,
    parts: inspection.parts.map(({ path, mediaType, status, size }) => ({
      path,
      mediaType: keptMediaType(mediaType),
      status,
      size,
    })),
    ambiguities: inspection.ambiguities.map(({ name, part, material }) => ({ name, part, material })),
    findings: inspection.findings.map((one) => ({
      detector: one.detector,
      class: one.class,
      confidence: one.confidence,
      count: one.count,
      distinct: one.distinct.low,
      masked: one.masked,
      fingerprints: one.fingerprints,
      where: [...new Set(one.where.map(keptPlace))],
    })),
    classifications: inspection.classifications.map((one) => one.classification),
    ...(inspection.failure === undefined ? {} : { failure: inspection.failure }),
    ...(inspection.protection === undefined ? {} : { protection: inspection.protection }),
    ...(subjectFingerprint === undefined ? {} : { subjectFingerprint }),
    durationMs,
  };
}

/** Whether a DSN may show the Subject: nothing was found and every part was read (DESIGN promise 5). */
export function isShowable(inspection: Inspection): boolean {
  return (
    inspection.failure === undefined &&
    inspection.notRead !== true &&
    inspection.findings.length === 0 &&
    inspection.classifications.length === 0 &&
    inspection.ambiguities.every((one) => !one.material) &&
    inspection.parts.every((part) => UNDERSTOOD.has(part.status))
  );
}
