/** What an inspector could do with one part of a message. Everything but `read`, `empty` and `no-text` is unread. */
export const PART_STATUSES = [
  'read',
  'empty',
  'no-text',
  'encrypted',
  'unsupported',
  'ambiguous',
  'corrupt',
  'too-large',
  'too-deep',
  'timed-out',
] as const;
export type PartStatus = (typeof PART_STATUSES)[number];

export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const FINDING_CLASSES = ['identifier', 'health', 'financial', 'credential'] as const;
export type FindingClass = (typeof FINDING_CLASSES)[number];

export const CLASSIFICATIONS = ['phi', 'pii', 'pci', 'credentials'] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

/** The eighteen identifiers of 45 CFR 164.514(b)(2)(i)(A)-(R), by their letter. */
export type SafeHarborCategory =
  | 'A-names'
  | 'B-geographic'
  | 'C-dates'
  | 'D-telephone'
  | 'E-fax'
  | 'F-email'
  | 'G-ssn'
  | 'H-medical-record'
  | 'I-health-plan'
  | 'J-account'
  | 'K-certificate-licence'
  | 'L-vehicle'
  | 'M-device'
  | 'N-url'
  | 'O-ip'
  | 'P-biometric'
  | 'Q-photograph'
  | 'R-other';

/** Places that a finding names; where it names as many there could be more. */
export const MOST_PLACES = 20;

/**
 * Everything one detector found in one message. Holds no matched value: `masked` shows at most the last
 * characters, `fingerprints` are keyed hashes of the normalised value (hex, 16 bytes).
 */
export interface Finding {
  readonly detector: string;
  readonly class: FindingClass;
  readonly safeHarbor?: SafeHarborCategory;
  /** The highest confidence among the hits. */
  readonly confidence: Confidence;
  /** Hits, all places counted. */
  readonly count: number;
  /** Distinct normalised values, by confidence at least that high. */
  readonly distinct: Readonly<Record<Confidence, number>>;
  /** Up to five masked forms. */
  readonly masked: readonly string[];
  /** Up to fifty keyed fingerprints of distinct values. */
  readonly fingerprints: readonly string[];
  /** Paths of the parts (or `header:subject`, `name:1.2`, …) with a hit, up to MOST_PLACES. */
  readonly where: readonly string[];
}

/** A point at which two mail readers could understand the message differently (or a harmless oddity). */
export interface Ambiguity {
  /** Stable kebab-case name, e.g. `duplicate-content-type`, `base64-junk`, `missing-mime-version`. */
  readonly name: string;
  /** Path of the part it concerns. */
  readonly part: string;
  /** True when it changes what could be read; then its part's status is `ambiguous`. */
  readonly material: boolean;
}

export interface PartReport {
  /** IMAP-like path: `1`, `1.2`, `1.2.1`; a single-part message is `1`; the message itself is `0`. */
  readonly path: string;
  /** Declared media type, lower case, without parameters. */
  readonly mediaType: string;
  /** Decoded file name, if it has one. For policies only; never logged or audited (it may hold PHI). */
  readonly fileName?: string;
  readonly disposition: 'inline' | 'attachment' | 'none';
  readonly status: PartStatus;
  /** Decoded size in bytes. */
  readonly size: number;
}

/** A header field as policies see it: name in lower case, value unfolded and with encoded words decoded. */
export interface HeaderFact {
  readonly name: string;
  readonly value: string;
}

export interface ClassificationResult {
  readonly classification: Classification;
  readonly confidence: Confidence;
  /** Detectors whose findings stand behind it. */
  readonly detectors: readonly string[];
}

/**
 * Protection that the sender applied to the message as a whole. Encrypted content can't be read and isn't wrapped again;
 * signed content must not be changed by a byte.
 */
export interface ExistingProtection {
  readonly kind: 'pgp-mime' | 'pgp-inline' | 'smime';
  readonly encrypted: boolean;
  readonly signed: boolean;
}

/** What the inspector understood of one message. `headers`, `subject` and file names stay in memory only. */
export interface Inspection {
  readonly parts: readonly PartReport[];
  readonly ambiguities: readonly Ambiguity[];
  readonly findings: readonly Finding[];
  /** Only those that are present. */
  readonly classifications: readonly ClassificationResult[];
  readonly headers: readonly HeaderFact[];
  readonly subject: string;
  /** Bytes of the whole message. */
  readonly size: number;
  /** Set when the inspection itself died or was late: nothing was understood. */
  readonly failure?: 'timed-out' | 'crashed';
  /** The configuration says that nobody looks into mail: nothing but the size is known. */
  readonly notRead?: true;
  /** Absent: the message came without end-to-end protection, or none that could be recognised. */
  readonly protection?: ExistingProtection;
  /** A value that was asked after (`InspectOptions.gone`) can be read in it somewhere. */
  readonly valueLeft?: true;
}
