import { parseBytes } from '../config/units.js';
import type { MethodAvailability } from '../model/availability.js';
import type { Confidence, Finding, HeaderFact, Inspection, PartReport } from '../model/inspection.js';
import type { Method } from '../model/method.js';
import type { PolicyTestMessage } from './policy-test-schema.js';

type StatedFinding = NonNullable<PolicyTestMessage['findings']>[number];

/** Keys of a test's message that state facts, which a message that is really inspected brings itself. */
export const STATED_FACTS = [
  'size',
  'findings',
  'classifications',
  'parts',
  'ambiguities',
  'inspection',
] as const satisfies readonly (keyof PolicyTestMessage)[];

/** The inspection that a test states instead of a real message. */
export function statedInspection(message: PolicyTestMessage): Inspection {
  const { findings = [], classifications = [], ambiguities = [], parts = [] } = message;
  const body: PartReport = {
    path: '1',
    mediaType: 'text/plain',
    disposition: 'inline',
    status: ambiguities.length > 0 ? 'ambiguous' : 'read',
    size: 100,
  };
  return {
    parts: [body, ...parts.map(statedPart)],
    ambiguities: ambiguities.map((name) => ({ name, part: '1', material: true })),
    findings: findings.map(statedFinding),
    classifications: classifications.map((classification) => ({
      classification,
      confidence: 'high',
      detectors: findings.map((one) => one.detector),
    })),
    headers: statedHeaders(message),
    subject: message.subject ?? '',
    size: parseBytes(message.size ?? '1KB') ?? 0,
    ...(message.inspection !== undefined && { failure: message.inspection }),
  };
}

/** A message with the test's text as its body, for a real inspection. */
export function composeMessage(message: PolicyTestMessage, recipient: string): Uint8Array {
  const lines = [
    `From: ${message.sender === '' ? 'mailer-daemon@clinic.example' : message.sender}`,
    `To: ${recipient}`,
    ...statedHeaders(message).map((one) => `${one.name}: ${headerValue(one.value)}`),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(message.text ?? '')
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** Availability of exactly these methods. */
export function statedAvailability(methods: readonly Method[]): MethodAvailability {
  const of = (method: Method) =>
    methods.includes(method)
      ? ({ available: true, note: 'available in this test' } as const)
      : ({ available: false, reason: 'not available in this test' } as const);
  return { plain: of('plain'), tls: of('tls'), pgp: of('pgp'), smime: of('smime'), portal: of('portal') };
}

function statedHeaders(message: PolicyTestMessage): readonly HeaderFact[] {
  const headers = Object.entries(message.headers ?? {}).map(([name, value]) => ({
    name: name.toLowerCase(),
    value,
  }));
  return message.subject === undefined ? headers : [{ name: 'subject', value: message.subject }, ...headers];
}

function statedPart(part: NonNullable<PolicyTestMessage['parts']>[number], index: number): PartReport {
  return {
    path: String(index + 2),
    mediaType: part.type.toLowerCase(),
    ...(part.name !== undefined && { fileName: part.name }),
    disposition: 'attachment',
    status: part.status,
    size: 1000,
  };
}

function statedFinding(finding: StatedFinding): Finding {
  const at = (level: Confidence): number => (RANK[finding.confidence] >= RANK[level] ? finding.distinct : 0);
  return {
    detector: finding.detector,
    class: finding.class,
    confidence: finding.confidence,
    count: finding.distinct,
    distinct: { low: at('low'), medium: at('medium'), high: at('high') },
    masked: [],
    fingerprints: [],
    where: ['1'],
  };
}

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

function headerValue(value: string): string {
  const line = value.replace(/[\r\n]+/g, ' ');
  return /^[\x20-\x7e]*$/.test(line) ? line : `=?utf-8?B?${Buffer.from(line).toString('base64')}?=`;
}
