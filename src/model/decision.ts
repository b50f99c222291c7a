import type { KeyFacts, KeyRefusal, KeySource } from './key.js';
import type { Disposition, Method, PortalStrength, TlsLevel } from './method.js';

/** Who must agree before what is held is released, mildest first. */
export const RELEASES = ['one-person', 'two-person'] as const;
export type Release = (typeof RELEASES)[number];

/** How far revocation must be known: `if-reachable` uses a certificate whose status could not be determined. */
export const REVOCATION_DEMANDS = ['if-reachable', 'required'] as const;
export type RevocationDemand = (typeof REVOCATION_DEMANDS)[number];

/** What is demanded of recipients' keys. */
export interface KeyDemand {
  /** Sources that suffice, in KEY_SOURCES order. */
  readonly sources: readonly KeySource[];
  readonly revocation: RevocationDemand;
}

/** How a message must be changed before it leaves. More of it is never less strict. */
export interface RewriteDemand {
  /** It is rebuilt from exactly what was read. */
  readonly canonicalise?: true;
  /** Detectors whose findings are masked; sorted, at least one. */
  readonly redact?: readonly string[];
}

/** What all rules together demand for one recipient: a join of demands, strictest wins. */
export interface Demand {
  /** Methods that satisfy every demand, in METHODS order. Empty means nothing does (then `disposition` ≥ hold). */
  readonly methods: readonly Method[];
  /** The least TLS level that counts as `tls`. */
  readonly tls: TlsLevel;
  readonly portal: PortalStrength;
  readonly disposition: Disposition;
  /** Where it is held for whatever reason: two operators must release it. Absent: one person. */
  readonly release?: Extract<Release, 'two-person'>;
  /** Absent: every source, and `if-reachable`. */
  readonly keys?: KeyDemand;
  /** Absent: it leaves as it came. */
  readonly rewrite?: RewriteDemand;
}

/** The rewritten copy that leaves in place of the message. Holds no value that was found. */
export interface RewrittenCopy {
  /** Name of the copy among those of its message. */
  readonly copy: string;
  /** Places that were masked; 0 where nothing had to be. */
  readonly places: number;
}

/** A rule that took part in a decision. */
export interface MatchedRule {
  /** Rule id, unique in the policy set. */
  readonly rule: string;
  /** `file:line` of the rule, relative to the policy folder. */
  readonly at: string;
  /** `true` when its condition held; `unknown` when the source of a fact failed (it counts, with at most hold). */
  readonly outcome: 'true' | 'unknown';
  /** What the rule demands, in words, e.g. `require sealed`, `hold`. */
  readonly demands: readonly string[];
  /** Detectors and classifications that its condition looked at and found. */
  readonly evidence: readonly string[];
}

/** A rule that did not count because of an exception, and who answers for that. */
export interface ExceptedRule {
  readonly rule: string;
  readonly at: string;
  readonly owner: string;
  /** Last day (UTC) of the exception, `YYYY-MM-DD`. */
  readonly expires: string;
}

/** A method that was considered for a recipient, and why it was or was not used. */
export interface ConsideredMethod {
  readonly method: Method;
  /** chosen: tried first; fallback: allowed, tried when the ones before fail; refused: not allowed or not possible. */
  readonly verdict: 'chosen' | 'fallback' | 'refused';
  readonly reason: string;
  /** The policies leave it out of `prefer`. */
  readonly leftOut?: true;
  /** `pgp`, `smime`: the key that would be used. */
  readonly key?: KeyFacts;
  /** Keys that were looked at and not used, and sources that gave none. */
  readonly refusedKeys?: readonly KeyRefusal[];
}

/** The decision for one recipient of one message, with its explanation. Holds no PHI. */
export interface Decision {
  readonly recipient: string;
  readonly demand: Demand;
  /** Whether any rule asked for protection (`require` other than `any`). */
  readonly protected: boolean;
  /** Methods to try, in this order. Empty with `hold` and `reject`. */
  readonly order: readonly Method[];
  readonly rules: readonly MatchedRule[];
  /** Rules whose condition held but which an exception (`unless`) set aside; absent when there are none. */
  readonly excepted?: readonly ExceptedRule[];
  readonly considered: readonly ConsideredMethod[];
  readonly tags: readonly string[];
  /** The sender encrypted the message, so that `pgp` and `smime` are not applied once more. */
  readonly alreadyEncrypted?: true;
  /** Nobody looked into the message, as the configuration says (`inspect.enabled: false`). */
  readonly contentNotRead?: true;
  /** Something was found in Message-ID or References, or nobody looked: in a sealed copy others stand outside. */
  readonly hideMessageIds?: true;
  /** A rule asked that clients without RFC 9788 show the Subject inside the protected body. */
  readonly legacyDisplay?: true;
  /** Sentences of the matching rules for those who read the explanation; absent when there are none. */
  readonly notices?: readonly string[];
  /** The copy that answers `demand.rewrite`. Without it nothing is sent where that demands anything. */
  readonly rewritten?: RewrittenCopy;
  /** Why no copy answers `demand.rewrite`, in words without PHI; then it is held, and can't be released. */
  readonly cannotRewrite?: string;
  /** Why it is held, in words without PHI; set when the disposition is `hold`. */
  readonly holdReason?: string;
  /** Text that the sender sees; set when the disposition is `reject`. */
  readonly rejectText?: string;
  /** SHA-256 (hex) of the policy set in force. */
  readonly policyHash: string;
  /** `shadow`: recorded as "would have"; the mail travels as `plain`. */
  readonly enforcement: 'enforce' | 'shadow';
}
